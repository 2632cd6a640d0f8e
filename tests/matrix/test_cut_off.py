"""The homeserver goes away for long while `handrail run` goes on, and comes back with a hundred messages."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.process import running
from tests.matrix.clinic import Clinic, open_clinic, patiently
from tests.matrix.conftest import OUTAGE
from tests.matrix.phone import Phone
from tests.matrix.record import all_served, all_shown, complaints, rows, said_in
from tests.support.homeserver import Homeserver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 10 * OUTAGE)]
#: What was not sent is tried again after as long as it had failed by then; and the bot asks every 30 seconds at most.
PATIENCE = 60 + 2 * OUTAGE
CRISIS = "I am going to kill myself tonight"


@dataclass(frozen=True)
class Backlog:
    """What was written while we heard nothing: the ids of the events, and the one crisis, the last of them."""

    written: frozenset[str]
    crisis: str
    in_need: str  # whose it is


async def says_much(phone: Phone, how_much: int) -> None:
    for number in range(how_much):
        await phone.writes(f"the tram was late, number {number}")


async def behind_our_back(clinic: Clinic, in_need: str, how_much: int) -> Backlog:
    """Everybody else writes `how_much` together, and then one person needs help."""
    before = {event_id for phone in clinic.phones.values() for event_id in phone.wrote}
    others = [phone for person, phone in clinic.phones.items() if person != in_need]
    await asyncio.gather(*(says_much(phone, how_much // len(others)) for phone in others))
    crisis = await clinic.phones[in_need].writes(CRISIS)
    written = {event_id for phone in clinic.phones.values() for event_id in phone.wrote}
    return Backlog(frozenset(written - before), crisis, in_need)


async def away(server: Homeserver, how: int) -> None:
    """Nobody can reach it until it is back."""
    await asyncio.to_thread(server.stop, how)
    await asyncio.sleep(OUTAGE)
    server.spawn()
    await server.ready()


async def half_said(clinic: Clinic) -> None:
    """Everybody writes; the homeserver shows our answers, and we never hear that it did."""
    clinic.proxy.broken["/send/"] = "late"
    await asyncio.gather(*(says_much(phone, 2) for phone in clinic.phones.values()))
    written = sum(len(phone.wrote) for phone in clinic.phones.values())
    await patiently(lambda: len(rows(clinic.programme)[0]) == written, 20)


async def seen_in_order(clinic: Clinic, server: Homeserver, backlog: Backlog) -> Mapping[str, int]:
    """How many messages of the backlog were decided before the crisis, in how many commits, and how many together with
    it; how many answers to others people saw before the first to the crisis, and how many in all."""
    inbox, outbox = rows(clinic.programme)
    arrived = {row["external_id"]: row["arrived_at"] for row in inbox if row["external_id"] in backlog.written}
    decided = arrived[backlog.crisis]
    answers = {row["id"]: row for row in outbox if row["made_at"] >= min(arrived.values())}
    said = [
        (one.at, answers[one.transaction])
        for phone in clinic.phones.values()
        for one in await said_in(server, clinic.token(), phone.room, clinic.bot.user_id)
        if one.transaction in answers
    ]
    helped = min(at for at, row in said if row["urgency"] == 0 and row["person_id"] == backlog.in_need)
    return {
        "decided before": sum(at < decided for at in arrived.values()),
        "commits before": len({at for at in arrived.values() if at < decided}),
        "decided with it": sum(at == decided for at in arrived.values()) - 1,
        "answered before": sum(at < helped and row["person_id"] != backlog.in_need for at, row in said),
        "answers": len(said),
    }


async def outage(clinic: Clinic, server: Homeserver, how: int, in_need: str, how_much: int) -> tuple[Backlog, float]:
    """What was written meanwhile, and how long it took, in seconds, until all of it was served."""
    clinic.proxy.cut()
    backlog = await behind_our_back(clinic, in_need, how_much)
    await away(server, how)
    back = time.monotonic()
    clinic.proxy.mend()
    await patiently(lambda: all_served(clinic), PATIENCE)
    return backlog, time.monotonic() - back


async def test_the_homeserver_is_away_and_comes_back_with_a_backlog(
    server: Homeserver, newcomer: Any, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """Stopped, and then killed: all of it is served, once, and who needs help most does not wait behind a hundred."""
    async with open_clinic(server, newcomer, tmp_path) as clinic:
        first, second, *_ = clinic.phones
        async with running(clinic.programme) as process:
            stopped = await outage(clinic, server, signal.SIGTERM, first, 105)
            await half_said(clinic)
            killed = await outage(clinic, server, signal.SIGKILL, second, 30)
            assert await process.stop() == 0  # the same one, all the time
        await patiently(lambda: all_shown(clinic), 20)
        wrong = await complaints(clinic, server)
        for how, (backlog, seconds) in {"stopped": stopped, "killed": killed}.items():
            order = await seen_in_order(clinic, server, backlog)
            tell(
                f"the homeserver {how} for {OUTAGE:g} s, and back with {len(backlog.written)} messages: all served"
                f" {seconds:.0f} s later; {order}; complaints: {len(wrong)}"
            )
            # A commit that is under way when the others come into the line is not waited for.
            assert order["commits before"] <= 1
            assert order["answered before"] <= 2 * (order["decided before"] + order["decided with it"])
            assert order["decided before"] + order["decided with it"] < len(clinic.phones)
    assert wrong == {}
