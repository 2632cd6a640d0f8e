"""Somebody who writes before anybody entered them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.deciding import Decider
from bot.loading import load_library, shipped_config
from flows.grant import Role
from flows.level import Level
from flows.phi import Phi
from storage import people, timers
from storage.inbox import Arrival
from storage.people import AlreadyThere, NewPerson
from tests.support.shelves import Shelf


def test_a_stranger_who_is_entered_later_keeps_their_phone(shelf: Shelf) -> None:
    """Writing too early must not lock anybody out."""
    with shelf.store.begin(shelf.now) as unit:
        stranger = people.person_at(unit, "private", "early")
        assert not people.is_known(unit, stranger)
        maya = people.add_person(
            unit, NewPerson(Role.PARTICIPANT, "Early Bird", "en", "UTC", places=(("private", "early", True),))
        )
        assert people.person_at(unit, "private", "early") == maya


def test_an_address_of_somebody_who_was_entered_is_not_given_away(shelf: Shelf) -> None:
    """One address, one person."""
    new = NewPerson(Role.PARTICIPANT, "First Comer", "en", "UTC", places=(("private", "one", True),))
    with shelf.store.begin(shelf.now) as unit:
        people.add_person(unit, new)
    with pytest.raises(AlreadyThere), shelf.store.begin(shelf.now) as unit:
        people.add_person(unit, new)


def test_a_stranger_is_answered_once_an_hour_however_much_they_write(shelf: Shelf) -> None:
    """Two programs that answer each other's every message never stop, and a page would have to go between them."""
    decider = Decider(lambda: load_library([shipped_config()]))

    def writes(number: int, level: Level = Level.NONE) -> int:
        with shelf.store.begin(shelf.now) as unit:
            stranger = people.person_at(unit, "private", "somebody")
            arrival = Arrival(f"a{number}", "private", f"e{number}", stranger, "text", level, Phi("hello"))
            decider.decide(unit, [arrival])
        with shelf.store.engine.connect() as connection:
            return int(connection.execute(text("select count(*) from outbox")).scalar() or 0)

    assert [writes(1), writes(2)] == [1, 1]
    with shelf.store.begin(shelf.now + timedelta(hours=1)) as unit:
        timers.take_due(unit, 10)
    assert writes(3) == 2
    assert writes(4, Level.EMERGENCY) == 3  # but in danger they see the numbers each time
