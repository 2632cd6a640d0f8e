"""What arrived is kept, once, whatever is in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.line import storable
from flows.grant import FieldClass
from flows.level import Level
from flows.phi import Phi
from storage import inbox
from storage import tables as t
from storage.ids import new_id
from storage.inbox import Arrival
from tests.support.shelves import NOW, Shelf

HOSTILE = {
    "a NUL in the middle": "before\0after",
    "nothing but a NUL": "\0",
    "nothing": "",
    "right to left": "\u202e\u2067\u05e9\u05dc\u05d5\u05dd\u2069 \u200f",
    "emoji of several parts": "👩🏽‍🚀🏳️‍⚧️",
    "stacked marks": "Z" + "\u0301" * 500,
    "a megabyte": "ä" * 500_000,
    "quotes and escapes": "'; drop table inbox; -- \\ \" %s :of {0}",
    "a separator of lines": "a\u2028b\x1e\x85",
    "half a character": storable("one \ud83d half \udfff"),
}


def arrival(body: str = "hello", external_id: str = "1", channel: str = "matrix", person_id: str = "maya") -> Arrival:
    return Arrival(new_id(), channel, external_id, person_id, "text", Level.NONE, Phi(body))


def kept(shelf: Shelf, *arrivals: Arrival) -> list[Arrival]:
    with shelf.unit() as unit:
        return inbox.keep(unit, arrivals)


def bodies(shelf: Shelf) -> list[str]:
    with shelf.unit() as unit:
        rows = unit.connection.execute(select(t.inbox).order_by(t.inbox.c.seq)).all()
        return [
            unit.open(row.person_id or "system", ("inbox", "body", row.id), row.body, FieldClass.WORDS).reveal()
            for row in rows
        ]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_was_written_is_kept_as_it_was_written(shelf: Shelf, words: str) -> None:
    """A message that cannot be stored is offered again for ever, and everything after it waits."""
    assert len(kept(shelf, arrival(words))) == 1
    assert bodies(shelf) == [words]


def test_what_was_read_once_is_not_told_as_unreadable_later(shelf: Shelf) -> None:
    """A new device is shown old messages without their keys. Each, told as unreadable, would call somebody out."""
    kept(shelf, arrival(external_id="$tram"))
    lost = [replace(arrival("", external_id=f"{name}/locked"), kind="unreadable") for name in ("$tram", "$rain")]
    assert kept(shelf, *lost) == [lost[1]]
    assert kept(shelf, *lost) == []
    assert len(kept(shelf, arrival("it rained", external_id="$rain"))) == 1


def test_half_characters_are_made_storable_and_nothing_else_is_changed() -> None:
    """Some clients cut an emoji in two; the rest of the message matters all the same."""
    assert storable("I want \ud83d to die").startswith("I want ")
    assert storable("I want \ud83d to die").endswith(" to die")
    whole = [words for name, words in HOSTILE.items() if name != "half a character"]
    assert [storable(words) for words in whole] == whole


def test_a_repeat_ends_at_the_door(shelf: Shelf) -> None:
    """Channels repeat what they are not sure of; a crisis must not be opened twice."""
    first = arrival("hello")
    assert kept(shelf, first) == [first]
    assert kept(shelf, arrival("hello again, same id")) == []
    assert bodies(shelf) == ["hello"]


def test_a_repeat_within_one_batch_ends_at_the_door(shelf: Shelf) -> None:
    """The repeat may be so quick that both wait for the same commit; everybody else in it is served."""
    one, again, other = arrival("one"), arrival("one"), arrival("two", external_id="2")
    assert kept(shelf, one, again, other) == [one, other]
    assert kept(shelf, arrival("one"), arrival("three", external_id="3")) != []
    assert bodies(shelf) == ["one", "two", "three"]


def test_the_same_number_on_another_channel_is_another_message(shelf: Shelf) -> None:
    """Every channel counts from one."""
    assert len(kept(shelf, arrival("a"), arrival("b", channel="telegram"))) == 2


def test_nothing_is_kept_of_nothing(shelf: Shelf) -> None:
    """A tick without arrivals."""
    assert kept(shelf) == []


def test_somebody_unknown_is_heard_as_well(shelf: Shelf) -> None:
    """Their words are sealed with the program's own key until somebody knows who they are."""
    kept(shelf, arrival("who is there?", person_id=""))
    assert bodies(shelf) == ["who is there?"]


def test_what_nobody_could_decide_stays_and_is_marked(shelf: Shelf) -> None:
    """For the person who has to look."""
    one, other = arrival("one"), arrival("two", external_id="2")
    with shelf.unit() as unit:
        inbox.keep(unit, [one, other])
        inbox.failed(unit, [one.id])
        inbox.failed(unit, [])
    with shelf.unit() as unit:
        rows = unit.connection.execute(select(t.inbox).order_by(t.inbox.c.seq)).all()
    assert [(row.state, row.arrived_at) for row in rows] == [("failed", NOW), ("handled", NOW)]


def test_a_rollback_keeps_nothing_and_loses_no_key(shelf: Shelf) -> None:
    """The first message of a person makes their key; if that is taken back, the next one must not be sealed with it."""
    newcomer = arrival("first words", person_id="newcomer")
    with shelf.power_cut() as unit:
        inbox.keep(unit, [newcomer])
    assert bodies(shelf) == []
    kept(shelf, newcomer)
    shelf.store.cache.forget("newcomer")
    assert bodies(shelf) == ["first words"]
