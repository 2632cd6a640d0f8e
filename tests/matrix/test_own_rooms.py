"""Rooms that we make: who may do what in them; and homeservers that let us say little."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.listening import hear_once
from bot.channels.matrix.rooms import POWERS, first_state, is_private_with, room_for
from bot.clock import SystemClock
from flows.message import Urgency
from storage.outbox import Sendable
from tests.support.between import between
from tests.support.homeserver import Homeserver, homeserver
from tests.support.matrix import app_hears, hardened, ours, stock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def state_of(bot: HardenedClient, room_id: str) -> dict[str, Any]:
    _, said = await bot.ask("GET", f"rooms/{room_id}/state")
    return {one["type"]: one["content"] for one in said if one.get("state_key") == ""}  # type: ignore[attr-defined]


async def heard(bot: HardenedClient) -> None:
    while True:
        await hear_once(bot, first=False, poll_ms=500)


async def test_a_room_of_ours_is_private_and_stays_so(server: Homeserver, newcomer: Any, tmp_path: Path) -> None:
    """Nobody in it can let others in, let them look back, or switch the encryption off; and it forgets one day."""
    account, maya, ana = await newcomer("handrail"), await newcomer("maya"), await newcomer("ana")
    async with ours(server, account, tmp_path / "bot") as bot, stock(server, maya, tmp_path / "app") as app:
        listening = asyncio.create_task(heard(bot))
        room = await room_for(bot, maya.user_id, timedelta(days=90))
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        state = await state_of(bot, room)
        assert state["m.room.encryption"]["algorithm"] == "m.megolm.v1.aes-sha2"
        assert state["m.room.history_visibility"] == {"history_visibility": "invited"}
        assert state["m.room.join_rules"]["join_rule"] == "invite"
        assert state["m.room.guest_access"] == {"guest_access": "forbidden"}
        assert state["m.room.retention"] == {"max_lifetime": 90 * 24 * 3600 * 1000}
        assert {name: state["m.room.power_levels"][name] for name in POWERS} == POWERS
        await app.join(room)
        await app_hears(app)
        assert (await app.room_invite(room, ana.user_id)).status_code == "M_FORBIDDEN"
        opened = await app.room_put_state(room, "m.room.history_visibility", {"history_visibility": "world_readable"})
        assert opened.status_code == "M_FORBIDDEN"
        assert is_private_with(bot, room, maya.user_id)


@pytest.mark.parametrize(
    "broken", [{"history_visibility": "world_readable"}, {"join_rule": "public"}], ids=lambda one: next(iter(one))
)
async def test_a_room_of_theirs_is_used_only_while_it_is_private(
    server: Homeserver, newcomer: Any, tmp_path: Path, broken: dict[str, str]
) -> None:
    """It is theirs to change; then what is said next is said in another one."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with ours(server, account, tmp_path / "bot") as bot, stock(server, maya, tmp_path / "app") as app:
        made = await app.room_create(is_direct=True, invite=[account.user_id], initial_state=first_state(None))
        await bot.join(made.room_id)
        await hear_once(bot, first=False, poll_ms=500)
        assert is_private_with(bot, made.room_id, maya.user_id)
        kind = "m.room.join_rules" if "join_rule" in broken else "m.room.history_visibility"
        await app.room_put_state(made.room_id, kind, broken)
        await hear_once(bot, first=False, poll_ms=500)
        assert not is_private_with(bot, made.room_id, maya.user_id)


def to(place: str, number: int, urgency: Urgency, text: str) -> Sendable:
    return Sendable(f"key{number}", place, place, "matrix", place, text, (), urgency, 0, SystemClock().now(), None, "")


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Homeserver]:
    """A homeserver much as it is installed, which lets an account say a few things at once, and then one at a time."""
    with homeserver(tmp_path / "limited", rc_message={"per_second": 2, "burst_count": 4}) as server:
        yield server


async def test_a_homeserver_that_limits_us_delays_check_ins_and_not_the_page(
    limited: Homeserver, tmp_path: Path
) -> None:
    """The page that comes after a dozen check-ins goes before most of them, all of them arrive, and the homeserver is
    not asked over and over meanwhile: what hammers it is limited for longer."""
    bot, *people = [await limited.sign_up(name) for name in ("handrail", "maya", "ana")]
    gone, some_are_gone = list[str](), asyncio.Event()
    async with (
        between(limited.url) as door,
        stock(limited, people[0], tmp_path / "a"),
        stock(limited, people[1], tmp_path / "b"),
    ):

        def connect() -> HardenedClient:
            client = hardened(limited, bot, tmp_path / "bot")
            client.homeserver = door.url
            return client

        channel = MatrixChannel("matrix", SystemClock(), connect)
        running = asyncio.create_task(channel.run(_nobody))

        async def say(number: int, person: int, urgency: Urgency, text: str) -> None:
            message = to(people[person].user_id, number, urgency, text)
            await channel.send(message, message.key)
            gone.append(text)
            if len(gone) == 3:
                some_are_gone.set()

        await _connected(channel)
        for person in (0, 1):  # the first message to each makes a room
            await say(person, person, Urgency.REPLY, "first")
        gone.clear()
        bulk = [asyncio.create_task(say(10 + number, 0, Urgency.BULK, "check-in")) for number in range(12)]
        await some_are_gone.wait()
        await say(99, 1, Urgency.CRISIS, "page")
        before = gone.index("page")
        await asyncio.gather(*bulk)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert sorted(gone) == ["check-in"] * 12 + ["page"]
    assert before < 8
    asked = [times for what, times in door.asked.items() if what.startswith("key")]
    assert sum(asked) <= 4 * len(asked)


async def _connected(channel: MatrixChannel) -> None:
    for _ in range(200):
        if await channel.reachable(""):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never connected")


async def _nobody(_inbound: object) -> None:
    """Nobody writes here."""
