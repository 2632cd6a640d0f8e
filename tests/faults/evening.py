"""One evening under fire: the process is killed again and again while people write, and started again at once."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage.store import Store
from tests.faults.crowd import Colleague, Evening, Participant
from tests.faults.evidence import Evidence, Life, look
from tests.faults.hands import hands
from tests.faults.judge import stretches
from tests.faults.phones import Phones, Trouble
from tests.faults.process import Process, console, spawn
from tests.faults.programme import LADDER, STAFF, Programme, found, name_of

#: One kill in five falls into the start, before the process is ready; the others at random after it, in seconds.
WHILE_STARTING = 0.2
SOONEST, LATEST = 0.02, 1.2
#: How long the last life goes on, so that the longest ladder comes to its end.
LAST_LIFE = 20.0


@dataclass
class Plan:
    """How an evening goes."""

    folder: Path
    kills: int
    url: str = ""
    participants: int = 14
    pause: float = 1.6
    seed: int = field(default_factory=lambda: random.SystemRandom().getrandbits(32))


async def spend(plan: Plan) -> Evidence:
    """Play the evening through and collect everything that is known about it."""
    dice = random.Random(plan.seed)
    phones = Phones(Trouble(refused=0.03, answer_lost=0.02, slow=0.01, dice=random.Random(plan.seed + 1)))
    async with phones.open():
        programme = found(
            plan.folder,
            url=plan.url,
            phones=phones.address,
            participants=plan.participants,
            check_ins_within=timedelta(seconds=min(60, 10 + plan.kills)),
        )
        async with hands(programme) as fingers:
            crowd = Evening(fingers, phones, dice)
            lives = await _live_through(plan, programme, crowd)
        evidence = await asyncio.to_thread(_collect, programme, crowd, lives)
    return replace(evidence, kills=plan.kills, figures=figures(evidence))


async def _live_through(plan: Plan, programme: Programme, crowd: Evening) -> list[Process]:
    staff = [Colleague(name, crowd) for name in STAFF]
    crowd.phones.listeners += [one.looks for one in staff]
    everybody = [
        asyncio.create_task(Participant(name, crowd, calm=5.0 + 40.0 * (number % 3)).live(plan.pause))
        for number, name in enumerate(programme.participants)
    ]
    lives: list[Process] = []
    try:
        for _ in range(plan.kills):
            lives.append(await _short_life(programme, crowd.dice))
        lives.append(await _last_life(programme, crowd, everybody, staff))
    finally:
        for task in everybody:
            task.cancel()
        if lives and lives[-1].child.returncode is None:
            lives[-1].kill()
            await lives[-1].gone()
    return lives


async def _short_life(programme: Programme, dice: random.Random) -> Process:
    process = await spawn(console(programme))
    if dice.random() < WHILE_STARTING:
        await asyncio.sleep(dice.uniform(0.1, 2.0))
    else:
        await process.until_ready()
        await asyncio.sleep(dice.uniform(SOONEST, LATEST))
    process.kill()
    await process.gone()
    return process


async def _last_life(
    programme: Programme, crowd: Evening, everybody: Sequence[Awaitable[None]], staff: Sequence[Colleague]
) -> Process:
    """Everybody finishes what they were doing, the network recovers, and all ladders come to their end."""
    process = await (await spawn(console(programme))).until_ready()
    crowd.over.set()
    crowd.phones.trouble = Trouble()
    await asyncio.gather(*everybody)
    await asyncio.gather(*(task for one in staff for task in one.tasks))
    await asyncio.sleep(LAST_LIFE)
    await _until_nothing_waits(programme.store())
    await process.stop()
    return process


async def _until_nothing_waits(store: Store) -> None:
    waiting = text("select count(*) from outbox where state in ('waiting', 'sending')")
    for _ in range(60):
        with store.engine.connect() as connection:
            if not connection.execute(waiting).scalar():
                break
        await asyncio.sleep(0.25)
    store.close()


def _collect(programme: Programme, crowd: Evening, lives: Sequence[Process]) -> Evidence:
    store = programme.store()
    rows, chain, integrity = look(store, datetime.now(UTC))
    store.close()
    files = programme.file.parent.glob("*") if programme.url.startswith("sqlite") else ()
    return Evidence(
        programme=programme,
        ladder=LADDER,
        posted=tuple(crowd.hands.posted),
        shown=tuple(crowd.phones.shown),
        lives=tuple(Life(one.started, one.ready, one.ended) for one in lives),
        output=b"\n".join(bytes(one.said) for one in lives),
        canaries=(*crowd.canaries, *(name_of(one) for one in (*programme.participants, *STAFF))),
        crises=frozenset(crowd.crises),
        rows=rows,
        chain=chain,
        integrity=integrity,
        stored_bytes=b"".join(path.read_bytes() for path in files),
    )


# -- figures -------------------------------------------------------------------------------------------------------


def figures(e: Evidence) -> dict[str, Any]:
    """What an evening came to, for whoever reads the report."""
    starts = [life.ready - life.started for life in e.lives if life.ready]
    repeats = [one for one in e.shown if not one.first]
    return {
        "kills": len(e.lives) - 1,
        "messages": sum(bool(posted.confirmed) for posted in e.posted),
        "tries": sum(len(posted.answers) for posted in e.posted),
        "crises": len(e.crises),
        "cases": len(e.rows["care_case"]),
        "climbs": len(stretches(e)),
        "pages shown": sum(1 for one in e.shown if one.page and one.first),
        "messages shown": sum(one.first for one in e.shown),
        "repeats under the same key": len(repeats),
        "failed messages": sum(row["state"] == "failed" for row in e.rows["inbox"]),
        "check-ins": len(e.rows["check_in"]),
        "start, median": round(statistics.median(starts), 2),
        "start, longest": round(max(starts), 2),
        "worst page after ready": round(max(_page_delays(e), default=0.0), 2),
        "audit entries": e.chain.entries,
        "seconds": round(e.lives[-1].gone - e.lives[0].started, 1),
    }


def _page_delays(e: Evidence) -> list[float]:
    """How long a page that was made (or could not be shown, because the process was down) took from then on."""
    seen = {(one.place, one.key): one.at for one in reversed(e.shown)}
    delays = []
    for row in e.rows["outbox"]:
        at = seen.get((row["person_id"], row["id"])) if row["page"] else None
        if at is not None:
            ready = max((life.ready for life in e.lives if life.ready and life.ready <= at), default=0.0)
            delays.append(at - max(row["made_at"], ready))
    return delays


def in_words(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


def now() -> float:
    return time.time()
