"""One turn of the line: keep what arrived, decide, make it true, and take out what is to be sent. One transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.deciding import PUSHED, Decider
from flows.event import Due
from flows.library import Library
from flows.turn import DropTimer, SetTimer
from storage import inbox, outbox, timers
from storage.ids import new_id
from storage.inbox import Arrival
from storage.outbox import NO_ROOM, Returned, Room, Sendable, Sent, Unsent
from storage.store import Store, Unit, is_trouble

log = structlog.get_logger()

DUE_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for one cycle."""

    arrivals: tuple[Arrival, ...] = ()
    marks: tuple[Sent | Unsent | Returned, ...] = ()
    tick: bool = False
    room: Room = field(default_factory=Room)


@dataclass(slots=True)
class Outcome:
    """What one cycle brought: trains to send, arrivals that could not be kept, whether more is due at once."""

    trains: list[list[Sendable]] = field(default_factory=list)
    refused: dict[str, Exception] = field(default_factory=dict)
    unmarked: tuple[Sent | Unsent | Returned, ...] = ()
    more: bool = False
    trouble: Exception | None = None  # the last piece failed over the database itself, not over what was in it


class Cycle:
    """Runs cycles on one store. Synchronous: it lives in the database thread."""

    def __init__(self, store: Store, library: Callable[[], Library]) -> None:
        self.store = store
        self.decider = Decider(library)
        self._unsure = False  # a commit failed: it may have come true all the same
        self._outbox_is_empty = False  # as far as we know; then a cycle that only marks need not look

    def run(self, work: Work, now: datetime) -> Outcome:
        """Everything in one transaction; where that fails, each piece in its own, so that one cannot hold the rest."""
        if self._unsure:
            self._take_back(work, now)
        try:
            return self._together(work, now)
        except Exception as failure:
            self._unsure = True
            if not self.store.reached:
                raise  # nobody can write just now; the pieces could not either, and each would wait as long
            log.exception("a cycle failed and is done in pieces", kind=type(failure).__name__)
            return self._in_pieces(work, now)

    def _take_back(self, work: Work, now: datetime) -> None:
        with self.store.begin(now) as unit:
            outbox.take_back(unit, work.room, [mark.key for mark in work.marks])
        self._unsure = self._outbox_is_empty = False

    def _together(self, work: Work, now: datetime) -> Outcome:
        outcome = Outcome()
        empty = self._outbox_is_empty
        with self.store.begin(now) as unit:
            outbox.mark(unit, work.marks)
            self._decide_arrivals(unit, work.arrivals)
            if work.tick:
                outcome.more = self._decide_due(unit)
            outcome.more = outcome.more or self.decider.fresh_trouble or _unsent(work.marks)
            if not self._outbox_is_empty or work.arrivals or work.tick or _unsent(work.marks):
                nothing_waited = empty and not work.tick and not _unsent(work.marks)
                outcome.trains, empty = outbox.take(unit, work.room, nothing_waited=nothing_waited)
            spoiled = self.decider.tell_unopened(unit)
        self._outbox_is_empty = empty and not spoiled
        outcome.more = outcome.more or bool(spoiled)
        self.decider.told_unopened |= spoiled
        self.decider.fresh_trouble = False
        return outcome

    def _decide_arrivals(self, unit: Unit, arrivals: Sequence[Arrival]) -> None:
        new = inbox.keep(unit, arrivals)
        for one_each in _rounds(new):
            self.decider.decide(unit, one_each)

    def _decide_due(self, unit: Unit) -> bool:
        outbox.wake(unit)
        self.decider.registry(unit)  # a change of people or addresses is noticed within a second
        due = timers.take_due(unit, DUE_AT_ONCE)
        self.decider.decide(unit, due)
        return bool(due)

    # -- when something breaks -------------------------------------------------------------------------------------

    def _in_pieces(self, work: Work, now: datetime) -> Outcome:
        outcome = Outcome()
        if work.marks and not self._attempt(Work(marks=work.marks, room=NO_ROOM), now, outcome):
            outcome.unmarked = work.marks
        for arrival in work.arrivals:
            # Under a new id: should it have been kept after all, it is a repeat, and not the one that was kept.
            again = replace(arrival, id=new_id())
            if not self._attempt(Work(arrivals=(again,), room=NO_ROOM), now, outcome):
                self._keep_broken(arrival, now, outcome)
        if work.tick:
            self._due_one_by_one(now, outcome)
        self._outbox_is_empty = False
        self._attempt(Work(room=work.room), now, outcome)
        outcome.more = True  # the next cycle sees what became of this one
        return outcome

    def _attempt(self, work: Work, now: datetime, outcome: Outcome) -> bool:
        try:
            done = self._together(work, now)
        except Exception as failure:
            if not self.store.reached:
                raise
            log.exception("a piece of a cycle failed", kind=type(failure).__name__)
            outcome.trouble = failure if is_trouble(failure) else None
            return False
        outcome.trains += done.trains
        outcome.more = outcome.more or done.more
        return True

    def _keep_broken(self, arrival: Arrival, now: datetime, outcome: Outcome) -> None:
        """The message is kept and a person is told; if not even that can be stored, the channel is not confirmed."""
        if outcome.trouble is not None:  # nothing is wrong with the message: the channel will offer it again
            outcome.refused[arrival.id] = outcome.trouble
            return
        broken = replace(arrival, id=new_id())
        try:
            with self.store.begin(now) as unit:
                if inbox.keep(unit, [broken]):
                    self.decider.mark_broken(unit, [broken])
            outcome.more = True
        except Exception as failure:
            log.exception("a message could not be kept", kind=type(failure).__name__, arrival=arrival.id)
            outcome.refused[arrival.id] = failure
            self._tell_not_kept(now, outcome)

    def _tell_not_kept(self, now: datetime, outcome: Outcome) -> None:
        try:
            with self.store.begin(now) as unit:
                self.decider.tell_operators(unit, "care.not_kept")
            outcome.more = True
        except Exception as failure:
            log.exception("nobody could be told", kind=type(failure).__name__)

    def _due_one_by_one(self, now: datetime, outcome: Outcome) -> None:
        for _ in range(DUE_AT_ONCE):
            due: list[Due] = []
            try:
                with self.store.begin(now) as unit:
                    due = timers.take_due(unit, 1)
                    self.decider.decide(unit, due)
            except Exception as failure:
                if not self.store.reached:
                    raise
                log.exception("a timer failed", kind=type(failure).__name__, timer=due[0].kind if due else "none")
                self._push(due, now)
            if not due:
                return
        outcome.more = True

    def _push(self, due: Iterable[Due], now: datetime) -> None:
        """It stays, a minute later: somebody may be waiting for it."""
        for one in due:
            with self.store.begin(now) as unit:
                if one.kind == "broken":  # whoever wrote waits for an answer now
                    timers.change(unit, [DropTimer(one.person_id, one.kind, one.key)])
                    self.decider.last_resort(unit, one.person_id)
                    continue
                timers.change(unit, [SetTimer(one.person_id, one.kind, one.key, now + PUSHED, one.data)])
                self.decider.tell_operators(unit, "care.timer_failed")


def _unsent(marks: Iterable[object]) -> bool:
    return any(isinstance(mark, Unsent) for mark in marks)


def _rounds(arrivals: Iterable[Arrival]) -> Iterable[list[Arrival]]:
    """At most one message a person in a round, each person's in order."""
    waiting: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        waiting.setdefault(arrival.person_id, []).append(arrival)
    while waiting:
        yield [queue.pop(0) for queue in waiting.values()]
        waiting = {person: queue for person, queue in waiting.items() if queue}
