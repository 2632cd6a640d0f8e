"""A whole turn: stored, assessed, stepped, stored, handed to the channel, marked.

Against the raw driver writing the very same rows with as many commits on a copy of the database. It reads nothing and
decides nothing. It stands in our place, by turns with us every twenty messages: behind the same event loop, in the same
database thread, on the same disk in the same moment. For the record, it is also measured alone, one commit after the
other in a tight loop, which nothing that serves people could be.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

import psycopg

from tests.bench import filling
from tests.bench.evening import Evening
from tests.bench.figures import Figure, at_least, for_the_record, middle
from tests.bench.ground import Ground
from tests.bench.replaying import RawPostgresql, RawSqlite, Recorder, Transaction
from tests.support.postgres import Postgres, running_postgres

#: In a round so many people write so many messages each, one at a time; and fifty people write at once.
PEOPLE, EACH, CROWD = 20, 5, 50
ENROLLED = 1_000
COPIES = ("heard", "raw", "tight", "crowd")
Raw = RawSqlite | RawPostgresql


@dataclass
class Rounds:
    """Seconds a message, round by round: the program one at a time, the driver in its place, the driver in a tight
    loop, the program with a crowd."""

    alone: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    tight: list[float] = field(default_factory=list)
    crowd: list[float] = field(default_factory=list)
    statements: int = 0
    commits: int = 0


def on_sqlite(ground: Ground) -> list[Figure]:
    """SQLite with synchronous=FULL, against the sqlite3 module."""
    phones = asyncio.run(_evening_begins(ground, ground.url("alone")))
    for name in COPIES:
        ground.copy("alone", name)
    with closing(RawSqlite(str(ground.file("raw")))) as raw, closing(RawSqlite(str(ground.file("tight")))) as tight:
        rounds = asyncio.run(_measure(ground, phones, ground.url, raw, tight))
    ground.drop("alone", *COPIES)
    return _figures("turn-sqlite", rounds)


def on_postgresql(ground: Ground) -> list[Figure]:
    """A real PostgreSQL with fsync, against psycopg."""
    with running_postgres() as server:
        _tell(server, "CREATE DATABASE alone TEMPLATE template0")
        phones = asyncio.run(_evening_begins(ground, server.url("alone")))
        for name in COPIES:
            _tell(server, f"CREATE DATABASE {name} TEMPLATE alone")
        with closing(RawPostgresql(server.url("raw"))) as raw, closing(RawPostgresql(server.url("tight"))) as tight:
            rounds = asyncio.run(_measure(ground, phones, server.url, raw, tight))
    return _figures("turn-postgresql", rounds)


def _tell(server: Postgres, statement: str) -> None:
    with psycopg.connect(f"host={server.folder} user=handrail dbname=postgres", autocommit=True) as connection:
        connection.execute(statement)


def _figures(name: str, rounds: Rounds) -> list[Figure]:
    measured = (rounds.alone, rounds.raw, rounds.tight, rounds.crowd)
    alone, raw, tight, crowd = (f"{1 / median(each):.0f} messages/s" for each in measured)
    detail = {"seconds": vars(rounds)}
    return [
        at_least(f"{name}, one at a time", alone, raw, middle(rounds.raw, rounds.alone), 0.5, **detail),
        at_least(f"{name}, 50 at once", crowd, raw, middle(rounds.raw, rounds.crowd), 1.0),
        for_the_record(f"{name}, tight loop", alone, tight, middle(rounds.tight, rounds.alone)),
    ]


async def _evening_begins(ground: Ground, url: str):
    """Everybody is asked the first question. Returns their phones; the database is closed again."""
    now = datetime.now(UTC)
    store = filling.programme(url, ground.master, now)
    filling.enrol(store, ENROLLED, now, now - timedelta(minutes=1))
    async with Evening(store, ground.library) as evening:
        evening.program.line.tick()
        await evening.quiet()
    store.close()
    return evening.phones


@dataclass
class Stage:
    """Three times the same evening, and two copies of its database for the driver: `heard` is there to be recorded."""

    alone: Evening
    heard: Evening
    crowd: Evening
    raw: Raw
    tight: Raw
    recorder: Recorder


async def _measure(ground: Ground, phones, url: Callable[[str], str], raw: Raw, tight: Raw) -> Rounds:
    recorder, rounds = Recorder(), Rounds()
    stores = [ground.store(url(name)) for name in ("alone", "heard", "crowd")]
    recorder.watch(stores[1].engine)
    async with AsyncExitStack() as stack:
        evenings = [Evening(store, ground.library, copy.deepcopy(phones)) for store in stores]
        stage = Stage(*[await stack.enter_async_context(one) for one in evenings], raw, tight, recorder)
        for transaction in recorder.take():
            raw.write(transaction)
            tight.write(transaction)
        for number in range(-1, 4 if ground.quick else 24):
            await _round(number, rounds, stage)
    for store in stores:
        store.close()
    return rounds


async def _round(number: int, rounds: Rounds, stage: Stage) -> None:
    """The first one, before 0, only warms up."""
    people = range((number + 1) * PEOPLE, (number + 2) * PEOPLE)
    ours, theirs, written = 0.0, 0.0, []
    for _ in range(EACH):
        await stage.heard.one_at_a_time(people)
        transactions = stage.recorder.take()
        ours += await _seconds(stage.alone.one_at_a_time(people))
        theirs += await _seconds(_in_place_of(stage.alone, stage.raw, transactions))
        written += transactions
    with _timed(PEOPLE * EACH) as in_a_loop:
        for transaction in written:
            stage.tight.write(transaction)
    writers = [((number + 1) * CROWD + one) % ENROLLED for one in range(CROWD)]
    with _timed(CROWD * EACH) as together:
        await stage.crowd.at_once(writers, EACH)
    if number >= 0:
        rounds.alone.append(ours / (PEOPLE * EACH))
        rounds.raw.append(theirs / (PEOPLE * EACH))
        rounds.tight.append(in_a_loop())
        rounds.crowd.append(together())
        rounds.commits += len(written)
        rounds.statements += sum(map(len, written))


async def _in_place_of(evening: Evening, raw: Raw, transactions: Iterable[Transaction]) -> None:
    for transaction in transactions:
        await asyncio.get_running_loop().run_in_executor(evening.executor, raw.write, transaction)


async def _seconds(work: Awaitable[None]) -> float:
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


@contextmanager
def _timed(messages: int) -> Iterator[Callable[[], float]]:
    """Seconds a message, to be asked for afterwards."""
    begun = time.perf_counter()
    ended = begun
    yield lambda: (ended - begun) / messages
    ended = time.perf_counter()
