"""How the databases look things up: nothing that a message, a beat or a page needs may read through a whole table.

On PostgreSQL as a prepared statement is planned for good, when the values are not known: a partial index serves then
only what says the same in the statement itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Connection, insert

from flows.case import Case
from flows.level import Level
from flows.message import Urgency
from flows.phi import Phi
from flows.risk import Needs
from flows.situation import CheckIn, Talk
from flows.turn import Answer, DropTimer, SetTimer, Turn
from storage import histories, outbox, people, timers
from storage import tables as t
from storage.outbox import Room, Sent, Unsent
from storage.schema import MAGIC, metadata
from tests.support.ears import listen
from tests.support.shelves import NOW, Shelf, say

MANY = 4_000
LARGE = (
    *("address", "answer", "audit", "care_case", "check_in", "inbox", "outbox", "person", "presence", "signal", "talk"),
    *("timer", "total"),
)
EVERYTHING = Needs({"check_in.mood": 21}, check_ins=28, sessions=14, totals=frozenset({"phq9"}))
ALIASES = {"any_check_in": "check_in", "older": "outbox", "newer": "outbox"}
SEALED = bytes([MAGIC]) + bytes(40)
CHECK_IN = CheckIn("check-1", date(2025, 3, 3), "asked", NOW)
CASE = Case("case-1", MANY + 1, "maya", Level.URGENT, NOW, NOW, NOW)


@pytest.fixture
def years(shelf: Shelf) -> Shelf:
    """A shelf on which years of evenings lie: all sent, all closed, nothing due."""
    with shelf.unit() as unit:
        for table, rows in _years():
            unit.connection.execute(insert(table), list(rows))
    if shelf.store.engine.dialect.name == "postgresql":
        with shelf.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    return shelf


def _years():
    numbers = range(MANY)
    yield (
        t.person,
        (
            {
                "id": f"p{n}",
                "role": "participant",
                "status": "active",
                "language": "en",
                "zone": "UTC",
                "address_id": f"a{n}",
                "profile": SEALED,
                "since": NOW,
            }
            for n in numbers
        ),
    )
    yield (
        t.address,
        (
            {
                "id": f"a{n}",
                "person_id": f"p{n}",
                "channel": "matrix",
                "rank": 0,
                "private": True,
                "state": "ok",
                "mark": n.to_bytes(16, "big"),
                "place": SEALED,
            }
            for n in numbers
        ),
    )
    yield t.talk, ({"person_id": f"p{n}", "state": "{}"} for n in numbers)
    yield (
        t.timer,
        (
            {
                "person_id": f"p{n}",
                "kind": "check_in",
                "key": "2025-03-04",
                "rank": n % 2,
                "wall": True,
                "due_at": NOW + timedelta(days=1),
                "data": "{}",
            }
            for n in numbers
        ),
    )
    yield (
        t.check_in,
        (
            {
                "id": f"c{n}",
                "person_id": f"p{n}",
                "local_date": "2025-03-02",
                "state": "finished",
                "conversation": "check_in",
                "reminders": 0,
                "asked_at": NOW,
            }
            for n in numbers
        ),
    )
    yield (
        t.answer,
        (
            {"id": f"x{n}", "person_id": f"p{n}", "check_in_id": f"c{n}", "item": "check_in.mood", **_KEPT}
            for n in numbers
        ),
    )
    yield t.signal, ({**_SIGNAL, "id": f"s{n}", "person_id": f"p{n}", "case_id": f"k{n}"} for n in numbers)
    yield t.total, ({"id": f"t{n}", "person_id": f"p{n}", "instrument": "phq9", **_KEPT} for n in numbers)
    yield (
        t.presence,
        (
            {"id": f"e{n}", "person_id": f"p{n}", "kind": "attended", "local_date": "2025-03-02", "at": NOW}
            for n in numbers
        ),
    )
    yield t.care_case, ({**_CLOSED, "id": f"k{n}", "number": n, "person_id": f"p{n}"} for n in numbers)
    for state in ("sent", "expired"):
        yield (
            t.outbox,
            (
                {**_MESSAGE, "id": f"{state}{n}", "person_id": f"p{n}", "address_id": f"a{n}", "state": state}
                for n in numbers
            ),
        )


_CLOSED = {
    "state": "closed",
    "level": 2,
    "tier": 0,
    "round": 0,
    "holder_id": "okafor",
    "speaker_id": "",
    "paged": "",
    "out": "",
    "opened_at": NOW,
    "ladder_at": NOW,
    "heard_at": NOW,
}
_KEPT = {"value": SEALED, "at": NOW}
_SIGNAL = {
    "rule": "EW-LOW",
    "version": 1,
    "level": 1,
    "category": "suicide",
    "explain": "Said so.",
    "start": 0,
    "end": 3,
    "words": SEALED,
    "at": NOW,
}
_MESSAGE = {
    "subject_id": "maya",
    "urgency": 3,
    "content": "tried.line@1",
    "question": "check_in.mood",
    "ref": "",
    "replaces": "page:1",
    "sender_id": "",
    "body": SEALED,
    "attempts": 1,
    "unsure": False,
    "mark": "",
    "made_at": NOW,
    "due_at": NOW,
    "expires_at": NOW,
}


def evening(shelf: Shelf) -> None:
    """Whatever a message and a beat do: load, decide, promise, take out, mark, put off, wake, recover."""
    turn = Turn(
        talk=Talk(step="mood"),
        check_in=CHECK_IN,
        says=(say("hello"), say("page", urgency=Urgency.CRISIS, replaces="page:1")),
        timers=(SetTimer("maya", "climb", "", NOW + timedelta(minutes=5)), DropTimer("maya", "quiet")),
        answers=(Answer("check_in.mood", Phi("3"), "check-1"),),
    )
    shelf.decide("maya", turn)
    shelf.decide("maya", Turn(case=CASE, check_in=replace(CHECK_IN, state="answering")))
    shelf.decide("maya", Turn(case=replace(CASE, tier=1)))
    first, *rest = shelf.take()
    shelf.mark(Sent(first.key, NOW, NOW, "check-1"), *(Unsent(one.key, NOW, False, False, "busy") for one in rest))
    shelf.take(Room(busy=("sam",), busy_crisis=("sam",)))
    shelf.wait(seconds=5).wake()
    with shelf.unit() as unit:
        timers.take_due(unit, 10)
        outbox.recover(unit, [])
        outbox.newest_question(unit, "maya")
        outbox.press(unit, "maya", first.key, "x")
        people.person_at(unit, "matrix", "@maya:example.org")
        histories.load(unit, "maya", "America/New_York", EVERYTHING)
    shelf.decide("maya", Turn(judged=("case-1", True)))


def test_an_evening_reads_through_no_table(years: Shelf) -> None:
    """With a hundred thousand participants that would hold up every page."""
    heard: dict[str, object] = {}
    years.store.close()  # what is open already is not listened to
    listen(years.store.engine, lambda statement, rows: heard.setdefault(statement, rows[0]))
    evening(years)
    looked = {said: values for said, values in heard.items() if said.startswith(("SELECT", "UPDATE", "DELETE"))}
    assert len(looked) > 20
    with years.unit() as unit:
        found = {said: _whole_tables(unit.connection, said, values) for said, values in looked.items()}
    assert {said: lines for said, lines in found.items() if lines} == {}


def _whole_tables(connection: Connection, statement: str, values: object) -> list[str]:
    """Lines of the plan that read a large table from one end to the other, or sort what an index has in order."""
    plan = _sqlite_plan if connection.dialect.name == "sqlite" else _postgresql_plan
    lines = [*plan(connection, statement, values), ""]
    return [line for line, following in pairwise(lines) if _is_whole(line, following)]


#: A partial index holds little, so all of it may be read.
PARTIAL = {
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


def _is_whole(line: str, following: str) -> bool:
    if "TEMP B-TREE FOR ORDER BY" in line:
        return True
    scanned = re.search(r"SCAN (?P<table>\w+)(?:.* INDEX (?P<index>\w+))?", line) or re.search(
        r"(?:Seq|Index(?: Only)?) Scan (?:Backward )?(?:using (?P<index>\w+) )?on (?P<table>\w+)", line
    )
    if scanned is None or "Index Cond" in following or scanned["index"] in PARTIAL:
        return False
    return ALIASES.get(scanned["table"], scanned["table"]) in LARGE


def _sqlite_plan(connection: Connection, statement: str, values: object) -> Iterable[str]:
    return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values))]


def _postgresql_plan(connection: Connection, statement: str, values: dict[str, object]) -> Iterable[str]:
    """The generic plan, as if it had been executed a thousand times."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    driver = connection.connection.driver_connection
    nulls = f"({', '.join(['NULL'] * len(names))})" if names else ""
    with driver.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE looked AS {numbered}".replace("%%", "%"))
        lines = [row[0] for row in cursor.execute(f"EXPLAIN EXECUTE looked{nulls}")]
        cursor.execute("DEALLOCATE looked")
    return lines


def test_the_test_would_find_one(years: Shelf) -> None:
    """A condition that no index serves is seen for what it is."""
    with years.unit() as unit:
        if unit.dialect == "sqlite":
            assert _whole_tables(unit.connection, "SELECT seq FROM outbox WHERE sender_id = ?", ("x",))
        else:
            assert _whole_tables(unit.connection, "SELECT seq FROM outbox WHERE sender_id = %(of)s", {"of": "x"})
