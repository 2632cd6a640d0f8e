"""A database with a few people in it, and short words for what storage does with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flows.grant import Role
from flows.ladder import Roster
from flows.message import Outbound, Urgency
from flows.people import Location
from flows.situation import Situation
from flows.turn import Turn
from storage import outbox, people, situations, turns
from storage.dialect import engine_for
from storage.keyfile import MasterKey
from storage.outbox import Room, Sendable
from storage.people import NewPerson, Registry
from storage.store import Store, Unit
from storage.turns import Decided
from storage.upgrade import create_throwaway

NOW = datetime(2025, 3, 3, 14, 0, tzinfo=UTC)
MASTER = MasterKey(bytes(range(32)))
PLENTY = Room(crisis=99, ordinary=99)

MAYA = NewPerson(
    Role.PARTICIPANT,
    "Maya Lindqvist",
    "en",
    "America/New_York",
    therapist_id="okafor",
    check_in_at="09:30",
    flags=("substance_use", "warfarin"),
    location=Location("home", "4 Elm Row, Albany", "518 555 0100", "2025-02-01"),
    places=(("matrix", "@maya:example.org", True), ("telegram", "4711", False)),
    person_id="maya",
)
SAM = NewPerson(
    Role.PARTICIPANT, "Sam Ode", "en", "UTC", places=(("matrix", "@sam:example.org", True),), person_id="sam"
)
OKAFOR = NewPerson(
    Role.THERAPIST,
    "Ada Okafor",
    "en",
    "UTC",
    hours="Mon-Fri 09:00-17:00",
    places=(("matrix", "@ada:example.org", True), ("telegram", "0815", False)),
    person_id="okafor",
)
PARK = NewPerson(Role.SUPERVISOR, "Jo Park", "en", "UTC", places=(("telegram", "0816", False),), person_id="park")


@contextmanager
def store_at(url: str) -> Iterator[Store]:
    """A store on a database with all tables and nobody in it."""
    engine = engine_for(url, throwaway=True)
    create_throwaway(engine)
    store = Store(engine, MASTER)
    try:
        yield store
    finally:
        store.close()


class PowerCut(Exception):
    """The machine is gone."""


@dataclass
class Shelf:
    """A store and a moment. `now` moves only by `wait`."""

    store: Store
    now: datetime = NOW
    made: int = field(default=0)

    def wait(self, **length: float) -> Shelf:
        self.now += timedelta(**length)
        return self

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        with self.store.begin(self.now) as unit:
            yield unit

    @contextmanager
    def power_cut(self) -> Iterator[Unit]:
        """A unit of work whose commit never comes."""
        with suppress(PowerCut), self.unit() as unit:
            yield unit
            raise PowerCut

    def enrol(self, *newcomers: NewPerson) -> Shelf:
        with self.unit() as unit:
            for new in newcomers:
                people.add_person(unit, new)
        return self

    # -- decisions -------------------------------------------------------------------------------------------------

    def registry(self, unit: Unit) -> Registry:
        return people.fresh_registry(unit, Registry("", Roster(), {}))

    def situation(self, person_id: str) -> Situation:
        """What a decision about this participant would know now."""
        with self.unit() as unit:
            return situations.load_participants(unit, [person_id], self.registry(unit))[person_id][0]

    def decide(self, person_id: str, turn: Turn, staff_id: str = "") -> Situation:
        """Make a decision about a participant true; returns the situation after it."""
        with self.unit() as unit:
            registry = self.registry(unit)
            situation, address_id = situations.load_participants(unit, [person_id], registry)[person_id]
            situation = replace(situation, staff=registry.roster.member(staff_id))
            self.made += 1
            turns.save(unit, [Decided(situation, turn, address_id, "tried", f"event-{self.made}")], registry)
        return self.situation(person_id)

    # -- messages --------------------------------------------------------------------------------------------------

    def promise(self, *messages: Outbound, about: str = "") -> None:
        """Promise messages in one go; whose words they hold is whoever they go to, unless `about` says otherwise."""
        with self.unit() as unit:
            items = [(one, people.address_id_of(unit, one.to), about or one.to) for one in messages]
            outbox.promise(unit, items)

    def trains(self, room: Room = PLENTY) -> list[list[Sendable]]:
        with self.unit() as unit:
            return outbox.take(unit, room)[0]

    def take(self, room: Room = PLENTY) -> list[Sendable]:
        """Everything that goes out now, in the order in which it goes."""
        return [message for train in self.trains(room) for message in train]

    def mark(self, *results: outbox.Sent | outbox.Unsent | outbox.Returned) -> None:
        with self.unit() as unit:
            outbox.mark(unit, results)

    def wake(self) -> list[Sendable]:
        """What the heartbeat would let go out now."""
        with self.unit() as unit:
            outbox.wake(unit)
        return self.take()


def say(text: str, to: str = "maya", urgency: Urgency = Urgency.REPLY, **how: object) -> Outbound:
    """A message, with as little said about it as possible."""
    return Outbound(to=to, text=text, urgency=urgency, content="tried.line@1", **how)
