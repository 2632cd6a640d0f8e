"""A whole small programme on Matrix: one participant, one therapist, and the program between them."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.channels.base import Channel
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.opening import become_somebody, house_of
from bot.clock import SystemClock
from bot.database_thread import DatabaseThread
from bot.heartbeat import Heartbeat
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.grant import Role
from storage import people
from storage.people import NewPerson
from storage.store import Store
from tests.support.apps import App, StockApp, stock_app
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import hardened
from tests.support.shelves import store_at

ZONE = ZoneInfo("America/New_York")
#: A Tuesday, whatever day it is: which questions are asked depends on it. An hour before the check-in.
EVENING = datetime(2026, 3, 10, 20, 0, tzinfo=ZONE)
#: Just before the check-in falls due.
NINE = datetime(2026, 3, 10, 20, 59, 57, tzinfo=ZONE)


@dataclass
class Clinic:
    program: Program
    bot_id: str
    maya: App
    ana: StockApp


@dataclass
class Signup:
    """Where a clinic may be: a homeserver, and how to sign people up there."""

    server: Homeserver
    newcomer: Callable[[str], Awaitable[Account]]
    folder: Path


@asynccontextmanager
async def clinic(
    at: Signup,
    app_of: Callable[[Account], AbstractAsyncContextManager[App]],
    *,
    starts: datetime = EVENING,
    identity: bool = True,
) -> AsyncIterator[Clinic]:
    """The program is up, and both phones are on; `app_of` makes Maya's. Ana's is stock matrix-nio."""
    bot, maya, ana = [await at.newcomer(name) for name in ("handrail", "maya", "ana")]
    clock = clock_from(starts)

    def connect() -> HardenedClient:
        client = hardened(at.server, bot, at.folder / "bot")
        client.clock = clock
        return client

    if identity:
        await _sign(connect(), bot)
    with store_at(f"sqlite:///{at.folder / 'handrail.db'}") as store, DatabaseThread() as executor:
        _enrol(store, clock, maya.user_id, ana.user_id)
        channels: dict[str, Channel] = {}
        program = Program(store, load_library([shipped_config()]), channels, clock, executor)
        channels["matrix"] = channel = MatrixChannel("matrix", clock, connect, house_of(program))
        async with (
            app_of(maya) as hers,
            stock_app(at.server, ana, at.folder / "ana") as her_therapists,
            going(program, channel, clock),
        ):
            yield Clinic(program, bot.user_id, hers, her_therapists)


def clock_from(moment: datetime) -> SystemClock:
    """The clock of the program, as if the wall showed this now."""
    began = time.monotonic()
    return SystemClock(lambda: moment + timedelta(seconds=time.monotonic() - began))


async def _sign(client: HardenedClient, account: Account) -> None:
    """What `handrail matrix sign-in` does once."""
    seeds = base64.b64encode(os.urandom(96)).decode()
    try:
        await become_somebody(client, {"seeds": seeds}, account.password)
    finally:
        await client.close()
        client.box.close()


def _enrol(store: Store, clock: SystemClock, maya: str, ana: str) -> None:
    therapist = NewPerson(
        Role.THERAPIST, "Ana Lopez", "en", ZONE.key, places=(("matrix", ana, True),), person_id="ana"
    )  # fmt: skip
    participant = NewPerson(
        Role.PARTICIPANT, "Maya Rivers", "en", ZONE.key, therapist_id="ana", check_in_at="21:00",
        places=(("matrix", maya, True),), person_id="maya",
    )  # fmt: skip
    with store.begin(clock.now()) as unit:
        people.add_person(unit, therapist)
        people.add_person(unit, participant)


async def _nothing_to_look_at() -> None:
    """The files stay as they are."""


@asynccontextmanager
async def going(program: Program, channel: Channel, clock: SystemClock) -> AsyncIterator[None]:
    """The program is up, with its line, its heartbeat and this channel; as after a kill afterwards."""
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
