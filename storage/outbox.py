"""What was promised to be sent. It stays promised until a channel took it, it was replaced, or its time is over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, func, insert, literal_column, or_, select, text, update

from flows.grant import FieldClass
from flows.level import Level
from flows.message import Choice, Outbound, Page, Urgency
from flows.turn import SetTimer
from storage import tables as t
from storage import timers
from storage.ids import new_id
from storage.store import Unit

#: A page that no channel has taken for so long goes to the next tier as well; it is still tried.
PAGE_PATIENCE = timedelta(seconds=60)
#: Nothing of the crisis class waits longer than this between two tries.
LONGEST_PAUSE = timedelta(seconds=30)
LONGEST_ORDINARY_PAUSE = timedelta(minutes=5)
RELAY_PATIENCE = timedelta(minutes=15)
#: For so many tries a message holds back what was said to the same person after it, so that they read it in order; one
#: that still does not go must not hold up the rest for ever.
HOLDS_BACK = 4
# Written out, not bound: a partial index serves only a condition that says the same at the time of planning.
IS_WAITING = text("outbox.state = 'waiting'")
IS_LATER = text("outbox.state = 'later'")
IS_SENDING = text("outbox.state = 'sending'")
IS_OPEN = text("outbox.state in ('waiting', 'later')")
IS_TRIED_AGAIN = text("outbox.state = 'later' and outbox.attempts > 0")
OLDER_IS_TRIED_AGAIN = text("older.state = 'later' and older.attempts > 0")


@dataclass(frozen=True, slots=True)
class Sendable:
    """A message on its way to one address. `key` is the same on every try, so that a repeat can be recognised."""

    key: str
    seq: int
    person_id: str
    subject_id: str
    channel: str
    place: str
    text: str
    choices: tuple[Choice, ...]
    urgency: Urgency
    attempts: int
    made_at: datetime
    page: Page | None
    ref: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A channel took the message. `delivered_at` is None where a channel cannot know; `ref` is what it was about."""

    key: str
    at: datetime
    delivered_at: datetime | None
    ref: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """A channel did not take the message, or (`ambiguous`) nobody knows whether it did."""

    key: str
    at: datetime
    permanent: bool
    ambiguous: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A message that was not tried after all, because the one before it for the same person did not go."""

    key: str


# -- promising -----------------------------------------------------------------------------------------------------


_NEW = insert(t.outbox)


def promise(unit: Unit, items: Iterable[tuple[Outbound, str, str]]) -> list[SetTimer]:
    """Keep messages to be sent: (message, address id or nothing, whose words they hold).

    Returns timers for pages and safety texts that have nowhere to go: that is found out now, not after a silence.
    """
    items = list(items)
    _replace(unit, [message for message, _, _ in items if message.replaces])
    newest = {(message.to, message.replaces): message for message, _, _ in items if message.replaces}
    rows, lost = [], []
    for message, address_id, subject_id in items:
        row = _row(unit, message, address_id, subject_id)
        if newest.get((message.to, message.replaces), message) is not message and address_id:
            row["state"] = "replaced"  # by another one of this very batch
        rows.append(row)
        if not address_id and message.page is not None:
            lost.append(_page_failed(subject_id, message.ref, message.to, unit.now))
        elif not address_id and message.urgency is Urgency.CRISIS and message.to == subject_id:
            lost.append(SetTimer(subject_id, "unreached", message.to, unit.now))
    if rows:
        _hurry(unit, [message for message, _, subject_id in items if _in_order(message, subject_id)])
        unit.write(_NEW, *rows)
    return lost


def _in_order(message: Outbound, subject_id: str) -> bool:
    """Whether this message waits for those before it: all but what staff are told in a crisis, which never waits."""
    return message.urgency is not Urgency.CRISIS or message.to == subject_id


_HURRY = (
    update(t.outbox)
    .where(
        IS_TRIED_AGAIN,
        t.outbox.c.person_id == bindparam("of"),
        t.outbox.c.urgency == bindparam("class"),
        t.outbox.c.attempts <= HOLDS_BACK,
    )
    .values(state="waiting")
)


def _hurry(unit: Unit, messages: Sequence[Outbound]) -> None:
    """Something new is said to them: what is still to be tried again goes before it, and at once."""
    lanes = {(message.to, int(message.urgency)) for message in messages}
    if lanes:
        unit.write(_HURRY, *({"of": person, "class": urgency} for person, urgency in sorted(lanes)))


def _replace(unit: Unit, messages: Sequence[Outbound]) -> None:
    """A newer message under the same key takes the place of one that still waits."""
    if messages:
        unit.write(_REPLACE, *({"of": message.to, "under": message.replaces} for message in messages))


_REPLACE = (
    update(t.outbox)
    .where(
        t.outbox.c.person_id == bindparam("of"),
        t.outbox.c.replaces == bindparam("under"),
        text("outbox.replaces <> ''"),
        IS_OPEN,
    )
    .values(state="replaced")
)


def _row(unit: Unit, message: Outbound, address_id: str, subject_id: str) -> dict[str, object]:
    row_id = new_id()
    body = json.dumps([message.text, [[choice.id, choice.label] for choice in message.choices]])
    due_at = message.not_before or unit.now
    state = "waiting" if due_at <= unit.now else "later"
    return {
        "id": row_id,
        "person_id": message.to,
        "subject_id": subject_id,
        "address_id": address_id or None,
        "urgency": int(message.urgency),
        "state": state if address_id else "failed",
        "content": message.content,
        "question": message.question,
        "ref": message.ref,
        "page": _page_out(message.page),
        "replaces": message.replaces,
        "sender_id": message.sender,
        "body": unit.vault.seal(subject_id, "outbox", "body", row_id, body),
        "attempts": 0,
        "made_at": unit.now,
        "due_at": due_at,
        "expires_at": due_at + message.expires_after if message.expires_after else None,
    }


def _page_out(page: Page | None) -> str | None:
    return None if page is None else f"{page.case_number} {page.level.word} {page.tier} {page.round}"


def page_in(written: str | None) -> Page | None:
    """The mark of a page from its column."""
    if not written:
        return None
    number, level, tier, turn = written.split()
    return Page(int(number), Level.of(level), int(tier), int(turn))


# -- taking out to send --------------------------------------------------------------------------------------------

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
_WAITING = (
    select(t.outbox, t.address.c.channel, t.address.c.place, _HELD.label("held"))
    .join(t.address, t.address.c.id == t.outbox.c.address_id)
    .where(IS_WAITING, t.outbox.c.urgency <= bindparam("last_class"))
    .order_by(t.outbox.c.urgency, t.outbox.c.seq)
    .limit(literal_column(str(LOOK)))
)
#: Pages alone, for when everything else of the crisis class fills its room.
_PAGES = _WAITING.where(
    text("outbox.urgency = 0"),
    t.outbox.c.page.is_not(None),
    t.outbox.c.person_id.not_in(bindparam("busy_crisis", expanding=True)),
)
_WAITING_FOR_OTHERS = _WAITING.where(
    or_(
        and_(text("outbox.urgency = 0"), t.outbox.c.person_id.not_in(bindparam("busy_crisis", expanding=True))),
        and_(text("outbox.urgency > 0"), t.outbox.c.person_id.not_in(bindparam("busy", expanding=True))),
    )
)
_SENDING = update(t.outbox).where(t.outbox.c.seq == bindparam("of")).values(state="sending")
#: One person's messages go out as a train, in order, at most so many at once; the others are not kept waiting for it.
TRAIN = 5


@dataclass(frozen=True, slots=True)
class Room:
    """How much delivery can take on: people whose train is under way, and how many more trains fit, for the crisis
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
    """Trains being put together: one a person for the crisis class, one for everything else."""

    room: Room
    crisis: dict[str, list[Row[Any]]]
    ordinary: dict[str, list[Row[Any]]]
    held: set[str] = field(default_factory=set)  # whose messages wait for one that is tried again
    bulk: int = 0  # trains that begin with bulk

    def couple(self, rows: Sequence[Row[Any]]) -> int:
        """Hang rows on their person's train; returns how many found a place."""
        return sum(self._couple_one(row) for row in rows)

    def _couple_one(self, row: Row[Any]) -> bool:
        if row.held:
            self.held.add(row.person_id)
            return False
        crisis = row.urgency == Urgency.CRISIS
        trains, most = (self.crisis, self.room.crisis) if crisis else (self.ordinary, self.room.ordinary)
        train = trains.get(row.person_id)
        if train is None:
            bulk = row.urgency == Urgency.BULK
            if len(trains) >= most or (bulk and self.bulk >= self.room.bulk):
                return False
            self.bulk += bulk
            train = trains[row.person_id] = []
        if len(train) >= TRAIN:
            return False
        train.append(row)
        return True

    @property
    def full(self) -> bool:
        return len(self.crisis) >= self.room.crisis and len(self.ordinary) >= self.room.ordinary

    @property
    def trains(self) -> list[list[Row[Any]]]:
        return [*self.crisis.values(), *self.ordinary.values()]


def take(unit: Unit, room: Room) -> tuple[list[list[Sendable]], bool]:
    """Messages to send now, as one train a person and class of urgency, the most urgent first, nobody who is busy; and
    whether that was everything that waits.

    They are marked as being sent in this transaction, so that a crash afterwards knows which may have gone out.
    """
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
        if row.person_id in yard.crisis or len(yard.crisis) < yard.room.crisis + yard.room.pages:
            yard.crisis.setdefault(row.person_id, []).append(row)
    return False


def _loaded(unit: Unit, train: Sequence[Row[Any]]) -> list[Sendable]:
    """The messages of a train. One that does not open is like one that its address will never take."""
    loaded = []
    for row in train:
        message = unit.opened("outbox", row.id, partial(_sendable, unit, row), None)
        if message is None:
            _next_address(unit, row)
        else:
            loaded.append(message)
    return loaded


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
    text, choices = json.loads(body.reveal())
    return Sendable(
        key=row.id,
        seq=row.seq,
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
    )


# -- marking -------------------------------------------------------------------------------------------------------

_MARK_SENT = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("of"))
    .values(state="sent", sent_at=bindparam("at"), delivered_at=bindparam("delivered"))
)
_CHECK_IN_ARRIVED = (
    update(t.check_in)
    .where(t.check_in.c.delivered_at.is_(None), t.check_in.c.id == bindparam("of"))
    .values(delivered_at=bindparam("delivered"))
)
_BACK = update(t.outbox).where(t.outbox.c.id == bindparam("of")).values(state="waiting")
_ONE = select(t.outbox).where(t.outbox.c.id == bindparam("of"))
_CHANGE = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("of"))
    .values(state=bindparam("to"), attempts=bindparam("tries"), due_at=bindparam("next"), address_id=bindparam("via"))
)


def mark(unit: Unit, results: Sequence[Sent | Unsent | Returned]) -> None:
    """Write down what became of messages that were being sent."""
    sent = [{"of": r.key, "at": r.at, "delivered": r.delivered_at} for r in results if isinstance(r, Sent)]
    if sent:
        unit.write(_MARK_SENT, *sent)
    arrived = [{"of": r.ref, "delivered": r.delivered_at or r.at} for r in results if isinstance(r, Sent) and r.ref]
    if arrived:
        unit.write(_CHECK_IN_ARRIVED, *arrived)
    back = [{"of": r.key} for r in results if isinstance(r, Returned)]
    if back:
        unit.write(_BACK, *back)
    for result in results:
        if isinstance(result, Unsent):
            _mark_unsent(unit, result)
    _drop_overtaken(unit, [result.key for result in results if not isinstance(result, Sent)])


_newer = t.outbox.alias("newer")
_OVERTAKEN = (
    update(t.outbox)
    .where(
        t.outbox.c.id == bindparam("of"),
        IS_OPEN,
        t.outbox.c.replaces != "",
        exists().where(
            _newer.c.seq > t.outbox.c.seq,
            _newer.c.person_id == t.outbox.c.person_id,
            _newer.c.replaces == t.outbox.c.replaces,
        ),
    )
    .values(state="replaced")
)


def _drop_overtaken(unit: Unit, keys: Sequence[str]) -> None:
    """While these were being sent, a newer message may have taken their place: "Jo has it" must not be followed by the
    page that Jo has answered."""
    if keys:
        unit.connection.execute(_OVERTAKEN, [{"of": key} for key in keys])


def _mark_unsent(unit: Unit, result: Unsent) -> None:
    row = unit.run(_ONE, {"of": result.key}).first()
    if row is None or row.state != "sending":
        return
    urgency = Urgency(row.urgency)
    if result.ambiguous and urgency is not Urgency.CRISIS and not _to_a_human(row):
        _lose_track(unit, row)
    elif result.permanent:
        _next_address(unit, row)
    elif _worth_trying(row, urgency, unit.now):
        _try_later(unit, row)
    else:
        _give_up(unit, row, "expired")


def _worth_trying(row: Row[Any], urgency: Urgency, now: datetime) -> bool:
    if urgency is Urgency.CRISIS:
        return True
    until = row.expires_at or row.made_at + RELAY_PATIENCE
    return bool(now < until)


def pause(attempts: int, urgency: Urgency = Urgency.CRISIS) -> timedelta:
    """How long to wait before the next try: 1, 2, 4 … seconds, never more than 30; what is nobody's crisis, up to 5
    minutes, so that a channel which is down for a day is not tried for nothing ten thousand times."""
    longest = LONGEST_PAUSE if urgency <= Urgency.RELAY else LONGEST_ORDINARY_PAUSE
    return min(timedelta(seconds=2 ** min(attempts, 12)), longest)


def _try_later(unit: Unit, row: Row[Any]) -> None:
    next_try = unit.now + pause(row.attempts, Urgency(row.urgency))
    _change(unit, row, "later", next_try, row.address_id)
    if (row.urgency == Urgency.CRISIS or _to_a_human(row)) and _patience_ended(row, unit.now):
        _raise_alarm(unit, row)


def _to_a_human(row: Row[Any]) -> bool:
    """A participant's words to the person who speaks with them. Nobody in a crisis is asked whether to send again, so
    they are repeated; and where they do not arrive, the program must know that nobody is listening."""
    return bool(row.urgency == Urgency.RELAY and not row.sender_id)


def _patience_ended(row: Row[Any], now: datetime) -> bool:
    """Whether the patience with a message ended since it was tried last: its alarm is raised once, not at every try."""
    last_try = row.due_at - pause(row.attempts - 1) if row.attempts else row.made_at
    return bool(last_try < row.made_at + PAGE_PATIENCE <= now)


def _change(unit: Unit, row: Row[Any], state: str, next_try: datetime, address_id: str | None) -> None:
    values = {"of": row.id, "to": state, "tries": row.attempts + 1, "next": next_try, "via": address_id}
    unit.connection.execute(_CHANGE, values)


def _next_address(unit: Unit, row: Row[Any]) -> None:
    """This address will never take it: the person's next one is tried at once; without one, somebody is told."""
    addresses = select(t.address.c.id, t.address.c.private).where(t.address.c.person_id == row.person_id)
    known = [(found.id, found.private) for found in unit.connection.execute(addresses.order_by(t.address.c.rank))]
    position = next((place for place, (key, _) in enumerate(known) if key == row.address_id), -1)
    # What staff read of a participant was written for a private channel, and does not move to one that is not.
    private = row.subject_id != row.person_id and row.page is None and position >= 0 and known[position][1]
    left = [key for key, is_private in known[position + 1 :] if is_private or not private]
    if left:
        _change(unit, row, "waiting", unit.now, left[0])
    else:
        _give_up(unit, row, "failed")
        if row.urgency == Urgency.CRISIS or _to_a_human(row):
            _raise_alarm(unit, row)


def _raise_alarm(unit: Unit, row: Row[Any]) -> None:
    """A page that reaches nobody climbs; a crisis text that does not reach its participant is told to people.

    What staff are told besides pages raises no alarm of its own: telling them of that would fail in the same way, at
    once and for ever. The clocks of the case go on.
    """
    if _to_a_human(row):
        unheard = SetTimer(row.subject_id, "unheard", f"{row.ref}/{row.person_id}", unit.now, {"person": row.person_id})
        timers.change(unit, [unheard])
    elif row.page or (row.person_id != row.subject_id and row.ref):
        timers.change(unit, [_page_failed(row.subject_id, row.ref, row.person_id, unit.now)])
    elif row.person_id == row.subject_id:
        timers.change(unit, [SetTimer(row.subject_id, "unreached", row.person_id, unit.now)])


def _page_failed(subject_id: str, case_id: str, person_id: str, now: datetime) -> SetTimer:
    return SetTimer(subject_id, "page_failed", f"{case_id}/{person_id}", now, {"person": person_id})


def _lose_track(unit: Unit, row: Row[Any]) -> None:
    """Nobody knows whether it arrived. It is not sent twice by itself; the sender of a relay is asked."""
    _change(unit, row, "uncertain", row.due_at, row.address_id)
    _tell_sender(unit, row)


def _give_up(unit: Unit, row: Row[Any], state: str) -> None:
    _change(unit, row, state, row.due_at, row.address_id)
    _tell_sender(unit, row)


def _tell_sender(unit: Unit, row: Row[Any]) -> None:
    if row.urgency == Urgency.RELAY and row.sender_id:
        data = {"sender": row.sender_id, "case": row.ref}
        timers.change(unit, [SetTimer(row.subject_id, "uncertain", row.id, unit.now, data)])


# -- clocks and restarts -------------------------------------------------------------------------------------------

_WAKE = update(t.outbox).where(IS_LATER, t.outbox.c.due_at <= bindparam("moment")).values(state="waiting")
#: Whoever has a message tried again now has all of theirs tried again, or those of a long outage arrive out of order:
#: "Are you safe?" once came before what it was about.
_TRIED_AGAIN_NOW = (
    select(t.outbox.c.person_id).where(IS_TRIED_AGAIN, t.outbox.c.due_at <= bindparam("moment")).distinct()
)
_WAKE_TOGETHER = (
    update(t.outbox)
    .where(IS_TRIED_AGAIN, t.outbox.c.person_id.in_(bindparam("people", expanding=True)))
    .values(state="waiting")
)
_EXPIRE = (
    update(t.outbox)
    .where(IS_OPEN, text("outbox.expires_at is not null"), t.outbox.c.expires_at < bindparam("moment"))
    .values(state="expired")
)


def wake(unit: Unit) -> int:
    """Messages whose moment has come wait to be sent; those whose time is over are not sent any more."""
    unit.connection.execute(_EXPIRE, {"moment": unit.now})
    tried_again = unit.connection.execute(_TRIED_AGAIN_NOW, {"moment": unit.now}).scalars().all()
    woken = unit.connection.execute(_WAKE, {"moment": unit.now}).rowcount
    if tried_again:
        unit.connection.execute(_WAKE_TOGETHER, {"people": list(tried_again)})
    return woken


def next_later(unit: Unit) -> datetime | None:
    """When the next postponed message is to be sent."""
    found: datetime | None = unit.connection.execute(
        select(t.outbox.c.due_at).where(IS_LATER).order_by(t.outbox.c.due_at).limit(1)
    ).scalar()
    return found


def recover(unit: Unit, recognising: Sequence[str]) -> None:
    """After a crash: what was being sent. A channel that recognises a repeat gets it again; elsewhere only the crisis
    class is repeated, and a relay is asked about."""
    rows = unit.connection.execute(
        select(t.outbox, t.address.c.channel)
        .outerjoin(t.address, t.address.c.id == t.outbox.c.address_id)
        .where(IS_SENDING)
        .order_by(t.outbox.c.seq)
    ).all()
    for row in rows:
        if row.channel in recognising or row.urgency == Urgency.CRISIS or _to_a_human(row):
            unit.write(_BACK, {"of": row.id})
        else:
            _lose_track(unit, row)
    _drop_overtaken(unit, [row.id for row in rows])


# -- answers and words ---------------------------------------------------------------------------------------------

_MARK_ANSWER = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("of"))
    .values(
        answered_at=bindparam("at"),
        answer=bindparam("given"),
        shown_at=func.coalesce(t.outbox.c.shown_at, bindparam("at")),
    )
)


@dataclass(frozen=True, slots=True)
class Pressed:
    """The message a button hung on."""

    question: str
    ref: str
    choice: str
    again: bool


def _one(unit: Unit, key: str) -> Row[Any] | None:
    """The message with this key, which came from outside: nothing but one of our own ids is looked for."""
    return unit.run(_ONE, {"of": key}).first() if key.isascii() and key.isalnum() else None


def press(unit: Unit, person_id: str, key: str, choice_id: str) -> Pressed | None:
    """A button of one of this person's own messages; None for any other. Writes down that it was answered."""
    row = _one(unit, key)
    if row is None or row.person_id != person_id or not row.question:
        return None
    body = unit.open(row.subject_id, ("outbox", "body", row.id), row.body, FieldClass.WORDS)
    if choice_id not in {choice[0] for choice in json.loads(body.reveal())[1]}:
        return None
    place = (row.subject_id, "outbox", "answer", row.id)
    again = row.answer is not None and unit.vault.holds(*place, row.answer, choice_id.encode())
    if not again:
        given = unit.vault.seal(*place, choice_id)
        unit.write(_MARK_ANSWER, {"of": row.id, "at": unit.now, "given": given})
    return Pressed(row.question, row.ref, choice_id, again)


_QUESTION = (
    select(t.outbox)
    .where(t.outbox.c.person_id == bindparam("of"), text("outbox.question <> ''"))
    .order_by(t.outbox.c.seq.desc())
    .limit(1)
)


def newest_question(unit: Unit, person_id: str) -> tuple[str, str, tuple[Choice, ...]] | None:
    """The newest question on a staff member's screen: (question, ref, choices)."""
    row = unit.connection.execute(_QUESTION, {"of": person_id}).first()
    return None if row is None else unit.opened("outbox", row.id, partial(_question_in, unit, row), None)


def _question_in(unit: Unit, row: Row[Any]) -> tuple[str, str, tuple[Choice, ...]] | None:
    body = unit.open(row.subject_id, ("outbox", "body", row.id), row.body, FieldClass.WORDS)
    return row.question, row.ref, tuple(Choice(*choice) for choice in json.loads(body.reveal())[1])


def words_of(unit: Unit, key: str, sender_id: str) -> str | None:
    """The text of a relayed message, for its own sender only."""
    row = _one(unit, key)
    if row is None or row.sender_id != sender_id:
        return None
    body = unit.open(row.subject_id, ("outbox", "body", row.id), row.body, FieldClass.WORDS)
    text: str = json.loads(body.reveal())[0]
    return text
