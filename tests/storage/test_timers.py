"""What waits for a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from flows.event import Due
from flows.turn import DropTimer, SetTimer
from storage import tables as t
from storage import timers
from storage.timers import URGENT_KINDS
from tests.support.shelves import NOW, Shelf

MINUTE = timedelta(minutes=1)


@pytest.fixture
def quiet(shelf: Shelf) -> Shelf:
    """A shelf on which nothing waits."""
    with shelf.unit() as unit:
        unit.connection.execute(delete(t.timer))
    return shelf


def timer(kind: str, after: timedelta = MINUTE, person_id: str = "maya", key: str = "", **how: object) -> SetTimer:
    return SetTimer(person_id, kind, key, NOW + after, **how)


def change(shelf: Shelf, *changes: SetTimer | DropTimer) -> None:
    with shelf.unit() as unit:
        timers.change(unit, changes)


def waiting(shelf: Shelf) -> list[tuple[str, str, timedelta]]:
    with shelf.unit() as unit:
        rows = unit.connection.execute(select(t.timer).order_by(t.timer.c.kind, t.timer.c.key)).all()
        return [(row.kind, row.key, row.due_at - NOW) for row in rows]


def take(shelf: Shelf, at_most: int = 200) -> list[Due]:
    with shelf.unit() as unit:
        return timers.take_due(unit, at_most)


def test_a_timer_comes_back_as_it_was_set(quiet: Shelf) -> None:
    """With its key and data, once, and not before its time."""
    change(quiet, timer("follow_up", key="task-1", data={"owner": "okafor", "kind": "Ü"}))
    assert take(quiet) == []
    quiet.wait(minutes=1)
    assert take(quiet) == [Due("maya", "follow_up", "task-1", NOW + MINUTE, {"owner": "okafor", "kind": "Ü"})]
    assert take(quiet) == []


def test_setting_a_timer_again_moves_it(quiet: Shelf) -> None:
    """There is one per person, kind and key, also within one decision."""
    change(quiet, timer("climb"), timer("climb", 3 * MINUTE))
    assert waiting(quiet) == [("climb", "", 3 * MINUTE)]
    change(quiet, timer("climb", 2 * MINUTE), timer("climb", MINUTE, person_id="sam"))
    change(quiet, timer("climb", 9 * MINUTE))
    quiet.wait(minutes=2)
    assert [due.person_id for due in take(quiet)] == ["sam"]


def test_dropping_one_leaves_its_neighbours(quiet: Shelf) -> None:
    """Only this key, this kind and this person."""
    change(
        quiet,
        timer("reminder", key="0"),
        timer("reminder", key="1"),
        timer("expiry"),
        timer("reminder", person_id="sam"),
    )
    change(quiet, DropTimer("maya", "reminder", "0"))
    assert [kind + key for kind, key, _ in waiting(quiet)] == ["expiry", "reminder", "reminder1"]


def test_dropping_without_a_key_drops_all_of_its_kind(quiet: Shelf) -> None:
    """All reminders of a check-in, for instance."""
    change(quiet, timer("reminder", key="0"), timer("reminder", key="1"), timer("expiry"))
    change(quiet, DropTimer("maya", "reminder"))
    assert waiting(quiet) == [("expiry", "", MINUTE)]


@pytest.mark.parametrize("key", ["", "case-1"])
def test_what_is_dropped_last_is_gone_and_what_is_set_last_stays(quiet: Shelf, key: str) -> None:
    """One decision may stop the clocks and start new ones, or set one and think better of it."""
    change(quiet, timer("climb", key="case-1"))
    change(quiet, DropTimer("maya", "climb", key), timer("climb", 5 * MINUTE, key="case-1"))
    assert waiting(quiet) == [("climb", "case-1", 5 * MINUTE)]
    change(quiet, timer("climb", 7 * MINUTE, key="case-1"), DropTimer("maya", "climb", key))
    assert waiting(quiet) == []


def test_a_crisis_never_waits_behind_a_herd(quiet: Shelf) -> None:
    """Five hundred check-ins at nine o'clock, and one ladder that must climb."""
    herd = [timer("check_in", -MINUTE, person_id=f"p{number}", key="2025-03-03") for number in range(500)]
    change(quiet, *herd, timer("climb", timedelta(), person_id="sam", key="case-1"))
    taken = take(quiet, at_most=200)
    assert taken[0].person_id == "sam"
    assert len(taken) == 200
    assert len(take(quiet, at_most=1000)) == 301


@pytest.mark.parametrize("kind", sorted(URGENT_KINDS))
def test_every_clock_of_a_crisis_is_urgent(quiet: Shelf, kind: str) -> None:
    """Also when a reminder fell due long before it."""
    change(quiet, timer("check_in", -60 * MINUTE, person_id="sam"), timer(kind, timedelta()))
    assert [due.kind for due in take(quiet, at_most=1)] == [kind]


def test_one_person_is_decided_about_once_at_a_time(quiet: Shelf) -> None:
    """The second timer of the same person meets the world that the first one made."""
    change(
        quiet,
        timer("climb", -3 * MINUTE),
        timer("lapse", -2 * MINUTE),
        timer("check_in", -9 * MINUTE),
        timer("quiet", person_id="sam", after=-MINUTE),
    )
    assert [(due.person_id, due.kind) for due in take(quiet)] == [("maya", "climb"), ("sam", "quiet")]
    assert [(due.person_id, due.kind) for due in take(quiet)] == [("maya", "lapse")]
    assert [(due.person_id, due.kind) for due in take(quiet)] == [("maya", "check_in")]


def test_a_timer_whose_decision_failed_is_still_there(quiet: Shelf) -> None:
    """Taken and decided in one transaction, or neither."""
    change(quiet, timer("climb", -MINUTE))
    with quiet.power_cut() as unit:
        assert timers.take_due(unit, 1)
    assert len(take(quiet)) == 1


def test_the_next_moment_is_the_earliest_of_all(quiet: Shelf) -> None:
    """The heartbeat under a virtual clock jumps there."""
    with quiet.unit() as unit:
        assert timers.next_due(unit) is None
    change(quiet, timer("climb", 5 * MINUTE), timer("check_in", 2 * MINUTE))
    with quiet.unit() as unit:
        assert timers.next_due(unit) == NOW + 2 * MINUTE


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=1, microseconds=1)])
def test_when_the_clock_is_set_what_counts_passing_time_moves_with_it(quiet: Shelf, by: timedelta) -> None:
    """An hour back must not put off a page by an hour; nine o'clock stays nine o'clock."""
    change(quiet, timer("climb", 5 * MINUTE), timer("check_in", 5 * MINUTE, wall=True))
    with quiet.unit() as unit:
        assert timers.shift_elapsed(unit, by) == 1
    assert waiting(quiet) == [("check_in", "", 5 * MINUTE), ("climb", "", 5 * MINUTE + by)]
