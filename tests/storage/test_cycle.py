"""A cycle that knows the outbox to be empty does not look into it. It must know when to look all the same."""

from __future__ import annotations

from datetime import timedelta

from bot.cycle import Cycle, Work
from flows.level import Level
from flows.over_time import WRITTEN_DOWN
from flows.phi import Phi
from flows.risk import Assessment
from flows.turn import SetTimer
from storage import timers, totals
from storage.ids import new_id
from storage.inbox import Arrival
from storage.outbox import NO_ROOM, Sendable, Sent, Unsent
from tests.support.scene import library
from tests.support.shelves import Shelf


def arrived(who: str, words: str) -> Arrival:
    return Arrival(new_id(), "matrix", new_id(), who, "text", Level.NONE, Phi(words), heard=Assessment())


class Turns:
    """Cycles one after the other on the shelf's store; what goes out is kept in `sent`."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.cycle = Cycle(shelf.store, library)
        self.run(Work(tick=True))

    def run(self, work: Work) -> list[Sendable]:
        return [message for train in self.cycle.run(work, self.shelf.now).trains for message in train]

    def says(self, words: str) -> list[Sendable]:
        return self.run(Work(arrivals=(arrived("maya", words),)))

    def took(self, *messages: Sendable) -> list[Sendable]:
        now = self.shelf.now
        return self.run(Work(marks=tuple(Sent(message.key, now, now, message.ref) for message in messages)))

    def refused(self, *messages: Sendable) -> list[Sendable]:
        now = self.shelf.now
        return self.run(Work(marks=tuple(Unsent(one.key, now, False, False, "away") for one in messages)))


def test_what_was_refused_is_sent_when_its_moment_has_come(shelf: Shelf) -> None:
    """Also after a turn that looked at nothing: else it would wait until somebody else has trouble."""
    turns = Turns(shelf)
    answer = turns.says("the tram was late")
    assert answer
    assert turns.refused(*answer) == []
    shelf.wait(seconds=5)
    assert [message.key for message in turns.run(Work(tick=True))] == [message.key for message in answer]


def test_what_was_refused_goes_before_the_next_answer(shelf: Shelf) -> None:
    """They read what was said to them in the order in which it was said."""
    turns = Turns(shelf)
    first = turns.says("the tram was late")
    turns.refused(*first)
    second = turns.says("and then the bus was late as well")
    hers, all_hers = ([one.key for one in sent if one.person_id == "maya"] for sent in (first, second))
    assert hers
    assert all_hers[: len(hers)] == hers
    assert len(all_hers) > len(hers)


def test_what_somebody_else_promised_is_found_by_the_heartbeat(shelf: Shelf) -> None:
    """Another command may write beside the program. Within a second it is noticed."""
    turns = Turns(shelf)
    turns.took(*turns.says("the tram was late"))
    with shelf.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE outbox SET state = 'waiting'")
    assert turns.run(Work(tick=True))


def test_a_refusal_is_looked_after_in_its_own_cycle(shelf: Shelf) -> None:
    """An address that will never take it is given up for the next one at once, also while somebody is answered."""
    turns = Turns(shelf)
    answer = turns.says("/help")
    now = shelf.now
    marks = tuple(Unsent(one.key, now, True, False, "gone") for one in answer)
    sent = turns.run(Work(arrivals=(arrived("sam", "/help"),), marks=marks))
    assert {message.channel for message in sent if message.person_id == "maya"} == {"telegram"}
    assert [message for message in sent if message.person_id == "sam"]


def test_what_found_no_room_goes_as_soon_as_there_is_some(shelf: Shelf) -> None:
    """Whoever has just been answered makes room for it; nothing else need happen."""
    turns = Turns(shelf)
    assert turns.run(Work(arrivals=(arrived("maya", "/help"),), room=NO_ROOM)) == []
    assert turns.took()


def test_a_total_that_was_written_down_is_looked_at_with_the_next_beat(shelf: Shelf) -> None:
    """From the row to the therapist's list and the participant's screen, in one transaction; and once."""
    turns = Turns(shelf)
    with shelf.unit() as unit:
        totals.write_down(unit, "maya", "phq9", 9, shelf.now - timedelta(days=7))
    assert turns.run(Work(tick=True)) == []
    with shelf.unit() as unit:
        totals.write_down(unit, "maya", "phq9", 14, shelf.now)
    said = turns.run(Work(tick=True))
    hers = [one.text for one in said if one.person_id == "maya"]
    assert hers[0].startswith("Your answers show more low mood than before.")
    assert shelf.situation("maya").case.level is Level.WATCH
    with shelf.unit() as unit:
        timers.change(unit, [SetTimer("maya", WRITTEN_DOWN, "", shelf.now)])
    assert turns.run(Work(tick=True)) == []
