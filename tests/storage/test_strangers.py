"""Somebody who writes before anybody entered them."""

from __future__ import annotations

import pytest

from flows.grant import Role
from storage import people
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
