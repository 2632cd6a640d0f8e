"""Statements that go out together: in order, and all of them or none."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.schema import setting
from storage.store import Unit
from tests.support.shelves import Shelf

PUT = insert(setting)
CHANGE = update(setting).where(setting.c.key == bindparam("of")).values(value=bindparam("to"))
SHOW = select(setting.c.value).where(setting.c.key == bindparam("of"))


def put(unit: Unit, *keys: str) -> None:
    unit.write(PUT, *({"key": key, "value": "first"} for key in keys))


def shown(shelf: Shelf, key: str) -> list[str]:
    with shelf.store.begin(shelf.now) as unit:
        return [row.value for row in unit.run(SHOW, {"of": key})]


def test_what_was_written_is_there_for_the_next_question(shelf: Shelf) -> None:
    """Whether it is asked on the hot path or beside it."""
    with shelf.store.begin(shelf.now) as unit:
        put(unit, "one")
        unit.write(CHANGE, {"of": "one", "to": "second"})
        assert [row.value for row in unit.run(SHOW, {"of": "one"})] == ["second"]
        put(unit, "two", "three")
        assert len(unit.connection.execute(select(setting).where(setting.c.key.in_(["two", "three"]))).all()) == 2


def test_how_many_rows_a_statement_changed(shelf: Shelf) -> None:
    """Of that statement, not of those that went out with it; for one set of values and for several."""
    with shelf.store.begin(shelf.now) as unit:
        put(unit, "one", "two", "three")
        assert unit.run(CHANGE, {"of": "nobody", "to": "x"}).rowcount == 0
        put(unit, "four")
        assert unit.run(CHANGE, [{"of": "one", "to": "x"}, {"of": "two", "to": "x"}]).rowcount == 2


@pytest.mark.parametrize("last", ["commit", "question", "write"])
def test_a_write_that_fails_takes_everything_with_it(shelf: Shelf, last: str) -> None:
    """Wherever it comes up: with the next question, with a write after it, or with the commit."""
    with pytest.raises(IntegrityError):
        _write_twice(shelf, last)
    for key in ("kept not", "twice", "after"):
        assert shown(shelf, key) == []


def _write_twice(shelf: Shelf, last: str) -> None:
    with shelf.store.begin(shelf.now) as unit:
        put(unit, "kept not")
        put(unit, "twice")
        put(unit, "twice")
        if last == "question":
            unit.run(SHOW, {"of": "one"})
            pytest.fail("the question was answered")
        if last == "write":
            put(unit, "after")


def test_after_a_failure_the_next_unit_works(shelf: Shelf) -> None:
    """On the same connection, with nothing left over from before."""
    with pytest.raises(IntegrityError), shelf.store.begin(shelf.now) as unit:
        put(unit, "same", "same")
    with shelf.store.begin(shelf.now + timedelta(seconds=1)) as unit:
        put(unit, "same")
    assert shown(shelf, "same") == ["first"]


def test_a_unit_that_breaks_keeps_nothing(shelf: Shelf) -> None:
    """What was not sent yet is forgotten."""
    with suppress(LookupError), shelf.store.begin(shelf.now) as unit:
        put(unit, "one")
        raise LookupError
    assert shown(shelf, "one") == []
