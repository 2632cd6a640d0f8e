"""`handrail run` with people on Matrix, killed again and again: whenever, and at the worst moments there are."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.process import Process, console, running, spawn
from tests.matrix.clinic import Clinic, open_clinic, patiently
from tests.matrix.conftest import KILLS, MESSAGES, SEED
from tests.matrix.phone import Phone
from tests.matrix.record import all_served, all_shown, complaints, rows
from tests.support.between import Between
from tests.support.homeserver import Homeserver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 15 * KILLS)]
#: What we may be doing with the homeserver when we die. Keys are shared anew in every life.
REQUESTS = ("/sync", "/keys/query", "/sendToDevice/", "/sendToDevice/", "/send/", "/send/", "/keys/")
#: So long, in seconds, we wait for such a request before we kill all the same.
WAIT_FOR_REQUEST = 3.0


@dataclass(frozen=True)
class Death:
    """When a life ends: so many seconds after its start or after it is ready, or at a request: before it gets through,
    or when the server has done it and we do not know."""

    name: str
    after: float = 0.0
    request: str = ""
    done: bool = False


def drawn(dice: random.Random) -> Death:
    """The moments between two commits need no name: whoever dies at random dies there too."""
    way = dice.choices(("starting", "just ready", "at work", "request"), (2, 3, 4, 5))[0]
    if way == "request":
        done = dice.random() < 0.5
        return Death("request done" if done else "request", request=dice.choice(REQUESTS), done=done)
    longest = {"starting": 1.2, "just ready": 0.5, "at work": 2.5}[way]
    return Death(way, after=dice.uniform(0.05, longest))


async def lives_and_dies(clinic: Clinic, death: Death) -> Process:
    process = await spawn(console(clinic.programme))
    if death.request:
        await _killed_at(clinic.proxy, process, death)
    else:
        if death.name != "starting":
            await process.until_ready()
        await asyncio.sleep(death.after)
        process.kill()
    await process.gone()
    clinic.proxy.mend()
    return process


async def _killed_at(proxy: Between, process: Process, death: Death) -> None:
    struck = asyncio.Event()

    def watch(path: str, done: bool) -> None:
        if not struck.is_set() and death.request in path and done == death.done:
            process.kill()
            struck.set()
            if not done:
                proxy.cut()

    proxy.watch = watch
    try:
        await asyncio.wait_for(struck.wait(), WAIT_FOR_REQUEST)
    except TimeoutError:
        process.kill()
    proxy.watch = None


async def _writes(phone: Phone, dice: random.Random, how_many: int, pause: float) -> None:
    for number in range(how_many):
        await asyncio.sleep(dice.expovariate(1 / pause))
        await phone.writes(f"the tram was late, number {number}")


async def test_killed_again_and_again_while_people_write(
    server: Homeserver, newcomer: Any, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """Nothing is lost or doubled, nothing is said twice, and everything can be read, on every side."""
    dice = random.Random(SEED)
    async with open_clinic(server, newcomer, tmp_path) as clinic:
        each = MESSAGES // len(clinic.phones)
        pause = 2.2 * KILLS / each  # so that they write as long as we die
        writing = [asyncio.create_task(_writes(phone, dice, each, pause)) for phone in clinic.phones.values()]
        deaths, ready, heard = Counter[str](), 0, bytearray()
        for _ in range(KILLS):
            death = drawn(dice)
            process = await lives_and_dies(clinic, death)
            deaths[death.name] += 1
            ready += bool(process.ready)
            heard += process.said
        async with running(clinic.programme) as process:
            await asyncio.gather(*writing)
            await patiently(lambda: all_served(clinic), 60)
            assert await process.stop() == 0
            heard += process.said
        (tmp_path / "said.txt").write_bytes(heard)
        await patiently(lambda: all_shown(clinic), 20)
        wrong = await complaints(clinic, server)
        inbox, outbox = rows(clinic.programme)
    said = sum(row["state"] == "sent" for row in outbox)
    ways = ", ".join(f"{name} {count}" for name, count in sorted(deaths.items()))
    tell(
        f"killed on Matrix (HANDRAIL_SEED {SEED}): {KILLS} kills ({ways}; {KILLS - ready} before it was ready),"
        f" {len(inbox)} messages kept of {each * len(clinic.phones)}, {said} answers; complaints: {len(wrong)}"
    )
    assert wrong == {}
