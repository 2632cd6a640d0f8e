"""What a decision about patterns knows of the past is what was kept; and it costs the same in every year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select, update

from flows.over_time import WRITTEN_DOWN
from flows.phi import Phi
from flows.risk import History, Needs
from flows.situation import CheckIn
from flows.turn import Answer, Turn
from storage import histories, presences, totals
from storage import tables as t
from storage.outbox import Sent
from storage.presences import Presence
from tests.support.ears import listen
from tests.support.shelves import NOW, Shelf, say

ZONE = "America/New_York"
MONDAY = date(2025, 3, 3)
MOOD = "check_in.mood"


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def evening(shelf: Shelf, number: int, *moods: str, state: str = "finished", who: str = "maya") -> None:
    """One check-in, delivered, with these answers one after the other."""
    shelf.now = NOW + timedelta(days=number)
    one = CheckIn(f"{who}-{number}", day(number), "asked", shelf.now)
    shelf.decide(who, Turn(check_in=one, says=(say("mood?", to=who),)))
    for sent in shelf.take():
        shelf.mark(Sent(sent.key, shelf.now, shelf.now, one.id))
    answers = tuple(Answer(MOOD, Phi(mood), one.id) for mood in moods)
    for answer in answers:
        shelf.wait(minutes=1).decide(who, Turn(answers=(answer,)))
    answered_at = shelf.now if moods else None
    shelf.decide(who, Turn(check_in=replace(one, state=state, first_answer_at=answered_at)))


def look(shelf: Shelf, needs: Needs) -> History:
    with shelf.unit() as unit:
        return histories.load(unit, "maya", ZONE, needs)


def test_the_last_answer_of_each_day_counts(shelf: Shelf) -> None:
    """An answer put right replaces the one before; a question left out, or kept back, is no answer."""
    evening(shelf, 0, "3", "8")
    evening(shelf, 1, "skip")
    evening(shelf, 2, "5", "unsaid")
    evening(shelf, 3, "0")
    evening(shelf, 3, "9", who="sam")
    assert look(shelf, Needs({MOOD: 7})).answers == {MOOD: ((day(0), "8"), (day(3), "0"))}


def test_no_more_is_read_than_was_asked_for(shelf: Shelf) -> None:
    """Some days back, and one day to spare for an evening that goes on after midnight."""
    for number in range(10):
        evening(shelf, number, str(number))
    found = look(shelf, Needs({MOOD: 3, "check_in.sleep": 3}))
    assert [value for _, value in found.answers[MOOD]] == ["6", "7", "8", "9"]
    assert found.answers["check_in.sleep"] == ()
    assert (found.check_ins, found.today) == ((), day(9))


def test_check_ins_that_reached_them_and_are_over(shelf: Shelf) -> None:
    """Undelivered ones are our fault and say nothing; today's is not over."""
    for number, state in enumerate(("finished", "left", "missed", "undelivered", "late", "missed", "asked")):
        evening(shelf, number, *(["5"] if state in {"finished", "left", "late"} else []), state=state)
    expected = ((0, True), (1, True), (2, False), (4, True), (5, False))
    assert look(shelf, Needs(check_ins=28)).check_ins == tuple((day(number), held) for number, held in expected)
    assert look(shelf, Needs(check_ins=2)).check_ins == ((day(4), True), (day(5), False))


def test_a_total_is_kept_sealed_and_looked_at_with_the_next_beat(shelf: Shelf) -> None:
    """Whoever writes it down need not know which rules there are."""
    with shelf.unit() as unit:
        for number, total in ((0, 9), (7, 15)):
            totals.write_down(unit, "maya", "phq9", total, NOW + timedelta(days=number))
        totals.write_down(unit, "maya", "gad7", 4, NOW)
        totals.write_down(unit, "sam", "phq9", 27, NOW)
    found = look(shelf, Needs(totals=frozenset({"phq9"})))
    assert found.totals == {"phq9": ((day(0), 9), (day(7), 15))}
    with shelf.unit() as unit:
        due = unit.connection.execute(select(t.timer.c.person_id).where(t.timer.c.kind == WRITTEN_DOWN)).scalars()
        assert sorted(due) == ["maya", "sam"]
        assert all(b"15" not in row[0] for row in unit.connection.execute(select(t.total.c.value)))


def test_sessions_and_the_last_discharge(shelf: Shelf) -> None:
    """By the date on the participant's wall."""
    with shelf.unit() as unit:
        for number, kind in ((-9, Presence.ATTENDED), (-3, Presence.MISSED), (-1, Presence.ATTENDED)):
            presences.write_down(unit, "maya", kind, day(number))
        for number in (-5, -2):
            presences.write_down(unit, "maya", Presence.DISCHARGED, day(number))
        presences.write_down(unit, "sam", Presence.MISSED, day(0))
    found = look(shelf, Needs(sessions=8))
    assert found.sessions == ((day(-3), False), (day(-1), True))
    assert found.discharged == day(-2)
    assert look(shelf, Needs()).discharged is None


def test_a_spoiled_answer_hides_no_other(shelf: Shelf) -> None:
    """And is told, like everything that does not open."""
    for number in range(3):
        evening(shelf, number, str(number))
    with shelf.unit() as unit:
        row = unit.connection.execute(select(t.answer).order_by(t.answer.c.at)).first()
        spoiled = row.value[:-1] + bytes([row.value[-1] ^ 1])
        unit.connection.execute(update(t.answer).where(t.answer.c.id == row.id).values(value=spoiled))
    with shelf.unit() as unit:
        found = histories.load(unit, "maya", ZONE, Needs({MOOD: 7}))
        assert unit.unopened == [("answer", row.id)]
    assert [value for _, value in found.answers[MOOD]] == ["1", "2"]


def test_one_question_is_one_query_however_long_somebody_is_here(shelf: Shelf) -> None:
    """The same number of statements, and the same rows, after a month as after a year."""
    for number in range(40):
        evening(shelf, number, "5")
    heard: list[str] = []
    shelf.store.close()
    listen(shelf.store.engine, lambda statement, _rows: heard.append(statement))
    found = look(shelf, Needs({MOOD: 21}, check_ins=28, sessions=8))
    asked = [said for said in heard if said.startswith("SELECT") and "FROM subject_key" not in said]
    assert sum("FROM answer" in said for said in asked) == 1
    assert sum("FROM check_in" in said for said in asked) == 1
    assert sum("FROM presence" in said for said in asked) == 1
    assert (len(found.answers[MOOD]), len(found.check_ins)) == (22, 29)
