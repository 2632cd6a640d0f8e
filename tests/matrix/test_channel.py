"""The whole program with its people on Matrix: a real homeserver, encrypted rooms, and apps that know nothing of us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient

from bot.channels.matrix.channel import MatrixChannel
from bot.clock import SystemClock
from bot.heartbeat import Heartbeat
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.grant import Role
from storage import people
from storage.people import NewPerson
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import app_hears, hardened, stock, writes
from tests.support.shelves import store_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ZONE = "America/New_York"


@dataclass
class App:
    """Somebody's phone: it joins where it is invited, and shows what it can read."""

    client: AsyncClient
    seen: list[str] = field(default_factory=list)
    room: str = ""

    async def look(self) -> None:
        for room_id, room in list(self.client.invited_rooms.items()):
            if room.inviter:
                await self.client.join(room_id)
                self.room = room_id
        self.seen += await app_hears(self.client)

    async def reads(self, words: str, patience: float = 20) -> str:
        """The newest text with these words in it, once there is one."""
        for _ in range(int(patience / 0.1)):
            await self.look()
            if found := [one for one in self.seen if words in one]:
                return found[-1]
            await asyncio.sleep(0.1)
        raise AssertionError(f"never read: {words}; read: {self.seen}")

    async def says(self, words: str) -> None:
        await writes(self.client, self.room, words)


@dataclass
class Clinic:
    program: Program
    maya: App
    ana: App


async def _nothing_to_look_at() -> None:
    """The files stay as they are."""


@asynccontextmanager
async def running(program: Program, channel: MatrixChannel, clock: SystemClock) -> AsyncIterator[None]:
    await program.start()
    heartbeat = Heartbeat(program.line, clock, _nothing_to_look_at)
    heartbeat.start()
    tasks = [asyncio.create_task(program.line.run()), asyncio.create_task(channel.run(program.receive))]
    try:
        yield
    finally:
        heartbeat.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def clinic(server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path) -> AsyncIterator[Clinic]:
    accounts: dict[str, Account] = {name: await newcomer(name) for name in ("handrail", "maya", "ana")}
    clock = SystemClock()
    with store_at(f"sqlite:///{tmp_path / 'handrail.db'}") as store, ThreadPoolExecutor(1) as executor:
        with store.begin(clock.now()) as unit:
            place = {name: ("matrix", account.user_id, True) for name, account in accounts.items()}
            people.add_person(
                unit, NewPerson(Role.THERAPIST, "Ana Lopez", "en", ZONE, places=(place["ana"],), person_id="ana")
            )
            people.add_person(
                unit,
                NewPerson(
                    Role.PARTICIPANT, "Maya Rivers", "en", ZONE, therapist_id="ana", check_in_at="21:00",
                    places=(place["maya"],), person_id="maya",
                ),
            )  # fmt: skip
        channel = MatrixChannel("matrix", clock, lambda: hardened(server, accounts["handrail"], tmp_path / "bot"))
        program = Program(store, load_library([shipped_config()]), {"matrix": channel}, clock, executor)
        async with (
            stock(server, accounts["maya"], tmp_path / "maya") as maya,
            stock(server, accounts["ana"], tmp_path / "ana") as ana,
            running(program, channel, clock),
        ):
            yield Clinic(program, App(maya), App(ana))


async def invites(app: App, bot_id: str) -> None:
    """Somebody opens a conversation with us, in an encrypted room."""
    encrypted = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    made = await app.client.room_create(is_direct=True, invite=[bot_id], initial_state=[encrypted])
    app.room = made.room_id
    for _ in range(100):
        await app.look()
        if bot_id in app.client.rooms[app.room].users and app.client.rooms[app.room].encrypted:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("we did not come")


async def test_a_crisis_from_a_phone_to_a_therapist_who_takes_it(clinic: Clinic) -> None:
    """Numbers at once, the question, a page without a name, the handoff after it was taken; all of it encrypted."""
    bot = await _our_id(clinic)
    await invites(clinic.maya, bot)
    await clinic.maya.says("I am going to end it tonight")
    await clinic.maya.reads("Call 911")
    question = await clinic.maya.reads("Are you safe right now?")
    assert "1. I'm safe" in question
    page = await clinic.ana.reads("needs you")
    assert "Maya" not in page
    await clinic.ana.says("1")
    assert "end it tonight" in await clinic.ana.reads("Maya Rivers")
    assert "Ana" in await clinic.maya.reads("has seen this")
    await clinic.maya.says("3")
    await clinic.maya.reads("911")


async def _our_id(clinic: Clinic) -> str:
    channel = clinic.program.channels["matrix"]
    for _ in range(200):
        if channel._client is not None:
            return channel._client.user_id
        await asyncio.sleep(0.1)
    raise AssertionError("never connected")
