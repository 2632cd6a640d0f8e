"""What is to be sent now is taken out: most urgent first, one train a person, nobody who is busy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, exists, literal_column, or_, select, text, update

from flows.grant import FieldClass
from flows.message import Choice, Urgency
from storage import tables as t
from storage.outbox.alarms import change, next_address
from storage.outbox.letters import PAGER_LANE, Sendable, Shared, lane_of
from storage.outbox.rows import HOLDS_BACK, IS_WAITING, OLDER_IS_TRIED_AGAIN, file_in, page_in, room_in
from storage.people import PAGER, UNCONFIRMED
from storage.store import Unit

_older = t.outbox.alias("older")
#: Something said before it, to the same person in the same class, did not go yet and is tried again in a moment.
_HELD = and_(
    or_(t.outbox.c.urgency > int(Urgency.CRISIS), t.outbox.c.person_id == t.outbox.c.subject_id),
    exists().where(
        OLDER_IS_TRIED_AGAIN,
        _older.c.person_id == t.outbox.c.person_id,
        _older.c.urgency == t.outbox.c.urgency,
        _older.c.attempts <= HOLDS_BACK,
        _older.c.seq < t.outbox.c.seq,
    ),
)
#: So many waiting messages are looked at in one go.
LOOK = 48
#: The same as `lane_of`.
_LANE = case(
    (t.address.c.channel == literal_column(f"'{PAGER}'"), t.outbox.c.person_id + literal_column(f"'{PAGER_LANE}'")),
    else_=t.outbox.c.person_id,
)
_WAITING = (
    select(
        t.outbox, t.address.c.channel, t.address.c.place, t.address.c.state.label("address_state"), _HELD.label("held")
    )
    .join(t.address, t.address.c.id == t.outbox.c.address_id)
    .where(IS_WAITING, t.outbox.c.urgency <= bindparam("last_class"))
    .order_by(t.outbox.c.urgency, t.outbox.c.seq)
    .limit(literal_column(str(LOOK)))
)
#: Pages alone, for when everything else of the crisis class fills its room.
_PAGES = _WAITING.where(
    text("outbox.urgency = 0"),
    t.outbox.c.page.is_not(None),
    _LANE.not_in(bindparam("busy_crisis", expanding=True)),
)
_WAITING_FOR_OTHERS = _WAITING.where(
    or_(
        and_(text("outbox.urgency = 0"), _LANE.not_in(bindparam("busy_crisis", expanding=True))),
        and_(text("outbox.urgency > 0"), _LANE.not_in(bindparam("busy", expanding=True))),
    )
)
_STATE_OF_CASE = select(t.care_case.c.state).where(t.care_case.c.id == bindparam("of"))
_SENDING = update(t.outbox).where(t.outbox.c.seq == bindparam("of")).values(state="sending")
_SENDING_AT_ONCE = update(t.outbox).where(t.outbox.c.id == bindparam("of")).values(state="sending")
#: One person's messages go out as a train, in order, at most so many at once; the others are not kept waiting for it.
TRAIN = 5


@dataclass(frozen=True, slots=True)
class Room:
    """How much delivery can take on: lanes whose train is under way, and how many more trains fit, for the crisis
    class (and beyond that for pages) and for the others, of which so many may be bulk."""

    busy_crisis: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()
    crisis: int = 16
    pages: int = 0
    ordinary: int = 48
    bulk: int = 32


NO_ROOM = Room(crisis=0, ordinary=0)


@dataclass(slots=True)
class Yard:
    """Trains being put together: one a lane for the crisis class, one for everything else."""

    room: Room
    crisis: dict[str, list[Any]]
    ordinary: dict[str, list[Any]]
    held: set[str] = field(default_factory=set)  # lanes whose messages wait for one that is tried again
    bulk: int = 0  # trains that begin with bulk

    def couple(self, rows: Sequence[Row[Any]]) -> int:
        """Hang rows on their lane's train; returns how many found a place."""
        self.held.update(lane_of(row.person_id, row.channel) for row in rows if row.held)
        return sum(self.couple_one(row) for row in rows if not row.held)

    def couple_one(self, row: Row[Any] | Sendable) -> bool:
        """Hang one on its lane's train. False where it found no place."""
        crisis = row.urgency == Urgency.CRISIS
        trains, most = (self.crisis, self.room.crisis) if crisis else (self.ordinary, self.room.ordinary)
        lane = lane_of(row.person_id, row.channel)
        train = trains.get(lane)
        if train is None:
            bulk = row.urgency == Urgency.BULK
            if len(trains) >= most or (bulk and self.bulk >= self.room.bulk):
                return False
            self.bulk += bulk
            train = trains[lane] = []
        if len(train) >= TRAIN:
            return False
        train.append(row)
        return True

    @property
    def full(self) -> bool:
        return len(self.crisis) >= self.room.crisis and len(self.ordinary) >= self.room.ordinary

    @property
    def trains(self) -> list[list[Any]]:
        return [*self.crisis.values(), *self.ordinary.values()]


def take(unit: Unit, room: Room, *, nothing_waited: bool = False) -> tuple[list[list[Sendable]], bool]:
    """Messages to send now, as one train a person and class of urgency, the most urgent first, nobody who is busy; and
    whether that was everything that waits. `nothing_waited` promises that nothing does but what this unit promised.

    They are marked as being sent in this transaction, so that a crash afterwards knows which may have gone out.
    """
    if nothing_waited and (at_once := _at_once(unit, room)) is not None:
        return at_once, True
    yard = Yard(room, {}, {})
    everything, placed = False, True
    while not yard.full:
        last_class, held = _last_class(yard), len(yard.held)
        rows = _look(unit, yard, last_class)
        coupled = yard.couple(rows)
        placed = placed and coupled == len(rows)
        everything = placed and len(rows) < LOOK and last_class == Urgency.BULK
        if len(rows) < LOOK or not (coupled or len(yard.held) > held):
            break
    everything = _add_pages(unit, yard) and everything
    if yard.trains:
        unit.write(_SENDING, *({"of": row.seq} for train in yard.trains for row in train))
    trains = [_loaded(unit, train) for train in yard.trains]
    left = everything and not yard.held and not room.busy and not room.busy_crisis
    return [train for train in trains if train], left and not unit.unopened


def _at_once(unit: Unit, room: Room) -> list[list[Sendable]] | None:
    """What this unit promised, without looking: only if there is room for all of it now, and nobody is busy."""
    yard = Yard(room, {}, {})
    messages: list[Sendable] = [message for message in unit.promised if message is not None]
    if len(messages) < len(unit.promised) or room.busy or room.busy_crisis:
        return None
    if not all(yard.couple_one(message) for message in sorted(messages, key=lambda one: one.urgency)):
        return None
    if messages:
        unit.write(_SENDING_AT_ONCE, *({"of": message.key} for message in messages))
    return yard.trains


def _add_pages(unit: Unit, yard: Yard) -> bool:
    """Where safety texts fill the room of the crisis class (to phones that hang, perhaps), pages still find some. False
    when there was no room for everything."""
    if len(yard.crisis) < yard.room.crisis:
        return True
    if not yard.room.pages:
        return False
    busy = [*yard.room.busy_crisis, *yard.crisis]
    rows = unit.connection.execute(_PAGES, {"last_class": int(Urgency.CRISIS), "busy_crisis": busy}).all()
    for row in rows:
        lane = lane_of(row.person_id, row.channel)
        if lane in yard.crisis or len(yard.crisis) < yard.room.crisis + yard.room.pages:
            yard.crisis.setdefault(lane, []).append(row)
    return False


def _loaded(unit: Unit, train: Sequence[Row[Any]]) -> list[Sendable]:
    """The messages of a train. One that does not open is like one that its address will never take."""
    loaded = []
    for row in train:
        if row.channel == PAGER and row.page and not _still_rings(unit, row):
            continue
        message = unit.opened("outbox", row.id, partial(_sendable, unit, row), None)
        if message is None:
            next_address(unit, row)
        else:
            loaded.append(message)
    return loaded


def _still_rings(unit: Unit, row: Row[Any]) -> bool:
    """Whether a page may still go out by a pager: nobody has the case yet, and the pager is known to be theirs. What
    could not be sent for an hour must not ring for a case that has long been taken."""
    if unit.run(_STATE_OF_CASE, {"of": row.ref}).scalar() != "open":
        change(unit, row, "replaced", row.due_at, row.address_id)
        return False
    if row.address_state == UNCONFIRMED:
        next_address(unit, row)
        return False
    return True


def _look(unit: Unit, yard: Yard, last_class: int) -> Sequence[Row[Any]]:
    """The most urgent messages of those who are not busy, down to `last_class`."""
    crisis = [*yard.room.busy_crisis, *yard.crisis, *yard.held]
    ordinary = [*yard.room.busy, *yard.ordinary, *yard.held]
    if not crisis and not ordinary:
        return unit.run(_WAITING, {"last_class": last_class}).all()
    wanted = {"busy_crisis": crisis, "busy": ordinary, "last_class": last_class}
    return unit.connection.execute(_WAITING_FOR_OTHERS, wanted).all()


def _last_class(yard: Yard) -> int:
    if len(yard.ordinary) >= yard.room.ordinary:
        return int(Urgency.CRISIS)
    return int(Urgency.BULK if yard.bulk < yard.room.bulk else Urgency.REPLY)


def _sendable(unit: Unit, row: Row[Any]) -> Sendable | None:
    body = unit.open(row.subject_id, ("outbox", "body", row.id), row.body, FieldClass.WORDS)
    place = unit.open(row.person_id, ("address", "place", row.address_id), row.place, FieldClass.ADDRESS)
    text, choices, manner, file = json.loads(body.reveal())
    return Sendable(
        key=row.id,
        person_id=row.person_id,
        subject_id=row.subject_id,
        channel=row.channel,
        place=place.reveal(),
        text=text,
        choices=tuple(Choice(*choice) for choice in choices),
        urgency=Urgency(row.urgency),
        attempts=row.attempts,
        made_at=row.made_at,
        page=page_in(row.page),
        ref=row.ref,
        room=_shared(unit, row),
        **dict.fromkeys(manner, True),
        file=file_in(file),
        unsure=row.unsure,
        content=row.content,
    )


_THEIR_PLACE = (
    select(t.address)
    .where(t.address.c.person_id == bindparam("of"), t.address.c.channel == bindparam("on"))
    .order_by(t.address.c.rank)
)


def _shared(unit: Unit, row: Row[Any]) -> Shared | None:
    """Whoever cannot be reached on this channel is left out."""
    room = room_in(row.room)
    if room is None:
        return None
    found = [unit.run(_THEIR_PLACE, {"of": person, "on": row.channel}).first() for person in room.others]
    places = (
        unit.open(one.person_id, ("address", "place", one.id), one.place, FieldClass.ADDRESS).reveal()
        for one in found
        if one is not None
    )
    return Shared(room.key, tuple(places), room.ends, room.rests)
