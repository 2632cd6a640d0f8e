"""How often each rule fired and what staff said of it, counted on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from flows.case import Case
from flows.level import Level
from flows.phi import Phi
from flows.risk import Signal
from flows.turn import Turn
from storage import tables as t
from storage.firings import Counts, Fired, sheet
from tests.support.shelves import NOW, Shelf


def signal(rule: str = "EW-LOW", level: Level = Level.WATCH, start: int = 0) -> Signal:
    return Signal(rule, 1, level, "suicide", start, start + 3, Phi("low"), "Said so.")


def case(number: int) -> Case:
    return Case(f"case-{number}", number, "maya", Level.WATCH, NOW, NOW, NOW)


def fire(shelf: Shelf, number: int, *signals: Signal, useful: bool | None = None, who: str = "maya") -> None:
    """A case in which these fired, closed again, and judged or not."""
    opened = replace(case(number), participant_id=who)
    shelf.wait(minutes=1)
    shelf.decide(who, Turn(case=opened, signals=signals))
    shelf.decide(who, Turn(case=replace(opened, state="closed")))
    if useful is not None:
        shelf.decide(who, Turn(judged=(opened.id, useful)))


def by_rule(shelf: Shelf) -> dict[str, Fired]:
    with shelf.unit() as unit:
        return {one.rule: one for one in sheet(unit)}


def test_firings_are_counted_by_week_and_month_with_what_staff_said(shelf: Shelf) -> None:
    """What nobody has judged is neither useful nor noise."""
    for number, (days, useful) in enumerate(((40, True), (21, False), (20, None), (3, True), (1, False)), start=1):
        shelf.now = NOW - timedelta(days=days)
        fire(shelf, number, signal(), useful=useful)
    shelf.now = NOW + timedelta(minutes=2)
    found = by_rule(shelf)["EW-LOW"]
    assert (found.week, found.month, found.ever) == (Counts(2, 1, 1), Counts(4, 1, 2), Counts(5, 2, 2))


def test_a_rule_that_found_two_places_in_one_message_fired_once(shelf: Shelf) -> None:
    """Three words of one sentence are not three alarms; two people at one moment are two."""
    fire(shelf, 1, signal(), signal(start=9), signal("SU-1", Level.URGENT))
    fire(shelf, 2, signal(), who="sam")
    found = by_rule(shelf)
    assert (found["EW-LOW"].ever.fired, found["SU-1"].ever.fired) == (2, 1)


def test_the_highest_level_at_which_it_fired_is_shown(shelf: Shelf) -> None:
    """Around its words a rule may speak lower; whether it is for emergencies does not depend on the last time."""
    fire(shelf, 1, signal(level=Level.EMERGENCY))
    fire(shelf, 2, signal(level=Level.WATCH))
    assert by_rule(shelf)["EW-LOW"].level is Level.EMERGENCY


def test_a_judgement_is_about_all_of_one_case_and_nothing_else(shelf: Shelf) -> None:
    """And may be put right."""
    fire(shelf, 1, signal(), signal("SU-1"), useful=False)
    fire(shelf, 2, signal())
    fire(shelf, 3, signal("SU-1"), who="sam")
    found = by_rule(shelf)
    assert (found["EW-LOW"].ever, found["SU-1"].ever) == (Counts(2, 0, 1), Counts(2, 0, 1))
    shelf.decide("maya", Turn(judged=("case-1", True)))
    assert by_rule(shelf)["SU-1"].ever == Counts(2, 1, 0)
    shelf.decide("sam", Turn(judged=("case-1", False)))  # somebody else's case is not theirs to judge
    assert by_rule(shelf)["SU-1"].ever == Counts(2, 1, 0)


def test_every_firing_is_a_row_that_says_which_rule_and_when(shelf: Shelf) -> None:
    """Rule, version, level, case and moment; the figures are sealed."""
    shelf.decide("maya", Turn(signals=(signal(level=Level.NONE),)))
    fire(shelf, 1, signal("SU-1", Level.URGENT))
    with shelf.unit() as unit:
        rows = unit.connection.execute(select(t.signal).order_by(t.signal.c.level)).all()
    assert [(row.rule, row.version, row.level, row.case_id, row.at, row.useful) for row in rows] == [
        ("EW-LOW", 1, 0, None, NOW, None),
        ("SU-1", 1, 2, "case-1", NOW + timedelta(minutes=1), None),
    ]


def test_nothing_ever_fired(shelf: Shelf) -> None:
    """The first week."""
    assert by_rule(shelf) == {}


@pytest.mark.parametrize(
    ("fired", "useful", "not_useful", "level", "proposed"),
    [
        (30, 5, 25, Level.URGENT, True),
        (30, 1, 9, Level.WATCH, True),
        (29, 0, 29, Level.WATCH, False),
        (30, 6, 24, Level.WATCH, False),
        (99, 0, 9, Level.WATCH, False),
        (99, 0, 99, Level.EMERGENCY, False),
    ],
)
def test_what_is_seldom_useful_is_proposed_for_muting(fired, useful, not_useful, level, proposed) -> None:
    """Under a fifth after thirty, with enough said about it; an emergency never."""
    one = Fired("EW-LOW", level, Counts(), Counts(), Counts(fired, useful, not_useful))
    assert one.muting_is_proposed() is proposed
    assert one.muting_is_proposed(Level.EMERGENCY) is False
