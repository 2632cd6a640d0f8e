"""A whole turn: stored, assessed, stepped, stored, handed to the channel, marked.

Against the raw driver writing the very same rows with as many commits on a copy of the database. It reads nothing and
decides nothing.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

import psycopg

from tests.bench import filling
from tests.bench.evening import Evening
from tests.bench.figures import Figure, at_least, middle
from tests.bench.ground import Ground
from tests.bench.replaying import RawPostgresql, RawSqlite, Recorder
from tests.support.postgres import Postgres, running_postgres

#: In a round so many people write so many messages each, one at a time; and fifty people write at once.
PEOPLE, EACH, CROWD = 20, 5, 50
ENROLLED = 1_000


@dataclass
class Rounds:
    """Seconds a message, round by round: the program one at a time, the driver, the program with a crowd."""

    alone: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    crowd: list[float] = field(default_factory=list)
    statements: int = 0
    commits: int = 0


def on_sqlite(ground: Ground) -> list[Figure]:
    """SQLite with synchronous=FULL, against the sqlite3 module."""
    phones = asyncio.run(_evening_begins(ground, ground.url("alone")))
    for name in ("raw", "crowd"):
        ground.copy("alone", name)
    raw = RawSqlite(str(ground.file("raw")))
    rounds = asyncio.run(_measure(ground, phones, ground.url("alone"), ground.url("crowd"), raw))
    raw.close()
    ground.drop("alone", "raw", "crowd")
    return _figures("turn-sqlite", rounds)


def on_postgresql(ground: Ground) -> list[Figure]:
    """A real PostgreSQL with fsync, against psycopg."""
    with running_postgres() as server:
        _tell(server, "CREATE DATABASE alone TEMPLATE template0")
        phones = asyncio.run(_evening_begins(ground, server.url("alone")))
        for name in ("raw", "crowd"):
            _tell(server, f"CREATE DATABASE {name} TEMPLATE alone")
        raw = RawPostgresql(server.url("raw"))
        rounds = asyncio.run(_measure(ground, phones, server.url("alone"), server.url("crowd"), raw))
        raw.close()
    return _figures("turn-postgresql", rounds)


def _tell(server: Postgres, statement: str) -> None:
    with psycopg.connect(f"host={server.folder} user=handrail dbname=postgres", autocommit=True) as connection:
        connection.execute(statement)


def _figures(name: str, rounds: Rounds) -> list[Figure]:
    alone, raw, crowd = (f"{1 / median(each):.0f} messages/s" for each in (rounds.alone, rounds.raw, rounds.crowd))
    detail = {"seconds": vars(rounds)}
    return [
        at_least(f"{name}, one at a time", alone, raw, middle(rounds.raw, rounds.alone), 0.5, **detail),
        at_least(f"{name}, 50 at once", crowd, raw, middle(rounds.raw, rounds.crowd), 1.0),
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


async def _measure(ground: Ground, phones, alone_url: str, crowd_url: str, raw) -> Rounds:
    stores = ground.store(alone_url), ground.store(crowd_url)
    recorder = Recorder()
    recorder.watch(stores[0].engine)
    rounds = Rounds()
    async with (
        Evening(stores[0], ground.library, copy.deepcopy(phones)) as alone,
        Evening(stores[1], ground.library, copy.deepcopy(phones)) as crowd,
    ):
        raw.write(recorder.take())
        for number in range(-1, 4 if ground.quick else 24):
            await _round(number, rounds, alone, crowd, recorder, raw)
    for store in stores:
        store.close()
    return rounds


async def _round(number: int, rounds: Rounds, alone: Evening, crowd: Evening, recorder: Recorder, raw) -> None:
    """The first one, before 0, only warms up."""
    people = [(number + 1) * PEOPLE + one for one in range(PEOPLE)] * EACH
    with _timed(len(people)) as ours:
        await alone.one_at_a_time(people)
    transactions = recorder.take()
    with _timed(len(people)) as theirs:
        raw.write(transactions)
    writers = [((number + 1) * CROWD + one) % ENROLLED for one in range(CROWD)]
    with _timed(CROWD * EACH) as together:
        await crowd.at_once(writers, EACH)
    if number >= 0:
        rounds.alone.append(ours())
        rounds.raw.append(theirs())
        rounds.crowd.append(together())
        rounds.commits += len(transactions)
        rounds.statements += sum(map(len, transactions))


@contextmanager
def _timed(messages: int) -> Iterator[Callable[[], float]]:
    """Seconds a message, to be asked for afterwards."""
    begun = time.perf_counter()
    ended = begun
    yield lambda: (ended - begun) / messages
    ended = time.perf_counter()
