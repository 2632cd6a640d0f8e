"""Pagers in the database, on both of them: having one, proving it, losing it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.case import Case
from flows.level import Level
from flows.message import Page, Urgency
from flows.pager import PagerChange, Tried
from flows.turn import Turn
from storage import outbox, pagers, people
from storage.outbox import Room
from tests.support.shelves import NOW, OKAFOR, PARK, Shelf, say, store_at

URL = "jsons://jo:secret@gateway.example.org/jo"


def test_a_pager_from_its_first_day_to_its_last(database_url: str) -> None:
    """Unconfirmed, a wrong code, the right one, another pager, none."""
    with store_at(database_url) as store, store.begin(NOW) as unit:
        people.add_person(unit, OKAFOR)
        assert pagers.look(unit, "okafor", "") is None
        pagers.set_pager(unit, "okafor", URL)
        pagers.change(unit, "okafor", PagerChange(code="012345"))
        assert tried(unit, "123450") is Tried.WRONG
        assert tried(unit, "12345") is Tried.WRONG
        assert not people.load_registry(unit, "").roster.staff[0].pager
        assert tried(unit, "012 345") is Tried.RIGHT
        assert people.load_registry(unit, "").roster.staff[0].pager
        assert tried(unit, "012345") is Tried.OVER
        pagers.set_pager(unit, "okafor", f"{URL}2")
        assert not people.load_registry(unit, "").roster.staff[0].pager
        assert [kept.url for kept in pagers.all_pagers(unit)] == [f"{URL}2"]
        assert pagers.remove_pager(unit, "okafor")
        assert not pagers.remove_pager(unit, "okafor")
        assert people.load_registry(unit, "").pager_of == {}


def test_whoever_has_no_other_address_is_met_by_their_pager_once_it_is_confirmed(database_url: str) -> None:
    """Until then they have none, and everybody who counts on them is told so."""
    with store_at(database_url) as store, store.begin(NOW) as unit:
        people.add_person(unit, people.NewPerson(PARK.role, "Jo Park", "en", "UTC", person_id="park"))
        pagers.set_pager(unit, "park", URL)
        assert people.load_registry(unit, "").address_of == {}
        pagers.change(unit, "park", PagerChange(tried=Tried.RIGHT))
        registry = people.load_registry(unit, "")
        assert registry.address_of == registry.pager_of != {}
        assert not registry.roster.staff[0].pager  # it is no second way
        pagers.remove_pager(unit, "park")
        assert people.load_registry(unit, "").address_of == {}


def test_a_pager_is_one_persons(database_url: str) -> None:
    """It says who answered; the same person may be given it again."""
    with store_at(database_url) as store, store.begin(NOW) as unit:
        people.add_person(unit, OKAFOR)
        people.add_person(unit, PARK)
        pagers.set_pager(unit, "okafor", URL)
        pagers.set_pager(unit, "okafor", URL)
        with pytest.raises(pagers.SharedPager):
            pagers.set_pager(unit, "park", URL)


def test_time_and_tries_end_a_code(database_url: str) -> None:
    """Whoever guesses has five of a million, and a quarter of an hour."""
    with store_at(database_url) as store:
        with store.begin(NOW) as unit:
            people.add_person(unit, OKAFOR)
            pagers.set_pager(unit, "okafor", URL)
            pagers.change(unit, "okafor", PagerChange(code="012345"))
            for _ in range(pagers.TRIES):
                assert tried(unit, "999999") is Tried.WRONG
            assert tried(unit, "012345") is Tried.OVER
            pagers.change(unit, "okafor", PagerChange(code="543210"))
        with store.begin(NOW + pagers.CODE_COUNTS_FOR + timedelta(seconds=1)) as unit:
            assert tried(unit, "543210") is Tried.OVER


def tried(unit: pagers.Unit, written: str) -> Tried:
    """They write it back, and what it comes to is kept."""
    found = pagers.look(unit, "okafor", written)
    assert found is not None
    pagers.change(unit, "okafor", PagerChange(tried=found.tried))
    return found.tried


# -- ringing it ----------------------------------------------------------------------------------------------------


def clinic_with_a_page(shelf: Shelf, state: str = "open") -> Case:
    """Maya's case; Okafor was paged where they are usually met, and by their pager."""
    case = Case(
        id="case-1", number=41, participant_id="maya", level=Level.URGENT, opened_at=NOW, ladder_at=NOW, heard_at=NOW,
        state=state, tier=0,
    )  # fmt: skip
    shelf.decide("maya", Turn(case=case))
    with shelf.unit() as unit:
        pagers.set_pager(unit, "okafor", URL)
        pagers.change(unit, "okafor", PagerChange(tried=Tried.RIGHT))
    page = Page(41, Level.URGENT, 0, 0)
    how = {"to": "okafor", "urgency": Urgency.CRISIS, "page": page, "ref": "case-1", "replaces": "page:case-1"}
    shelf.decide("maya", Turn(says=(say("usual", **how), say("rung", via="pager", **how))))
    return case


def taken(shelf: Shelf, *busy: str) -> list[tuple[str, str]]:
    return [(one.channel, one.text) for one in shelf.take(Room(crisis=9, busy_crisis=busy))]


def test_the_two_ways_are_two_lanes(shelf: Shelf) -> None:
    """Both pages go out at once, in trains of their own; while one is under way the other one does not wait for it."""
    clinic_with_a_page(shelf)
    assert taken(shelf, "okafor", "okafor@pager") == []
    assert taken(shelf, "okafor") == [("pager", "rung")]
    assert taken(shelf, "okafor@pager") == [("matrix", "usual")]


def test_what_was_lost_with_a_commit_is_found_again_lane_by_lane(shelf: Shelf) -> None:
    """What was taken out and reached nobody waits again; what is under way in the other lane is left alone."""
    clinic_with_a_page(shelf)
    assert len(shelf.trains()) == 2
    with shelf.unit() as unit:
        outbox.take_back(unit, Room(busy_crisis=("okafor",)), ())
    assert taken(shelf) == [("pager", "rung")]
    with shelf.unit() as unit:
        outbox.take_back(unit, Room(busy_crisis=("okafor@pager",)), ())
    assert taken(shelf) == [("matrix", "usual")]


def test_a_case_that_was_taken_rings_nobody(shelf: Shelf) -> None:
    """Looked at again in the moment in which it would leave."""
    clinic_with_a_page(shelf, state="acknowledged")
    assert taken(shelf) == [("matrix", "usual")]


def test_a_page_by_pager_says_what_it_is_about_as_long_as_the_pager_is_theirs(shelf: Shelf) -> None:
    """For whoever presses its link."""
    clinic_with_a_page(shelf)
    rung = next(one for one in shelf.take() if one.channel == "pager")
    usual = "0" * 32
    with shelf.unit() as unit:
        asked = pagers.asked_by(unit, rung.key)
        assert asked is not None
        assert (asked.person_id, asked.page.case_number, asked.answered, asked.case_state) == (
            "okafor",
            41,
            False,
            "open",
        )
        assert asked.place == URL
        assert URL not in repr(asked)
        assert pagers.asked_by(unit, usual) is None
        pagers.set_pager(unit, "okafor", URL)
        assert pagers.asked_by(unit, rung.key) is None
