"""What hangs on a message that was sent: its buttons, its question, its words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, func, select, text, update

from flows.grant import FieldClass
from flows.message import Choice
from storage import tables as t
from storage.outbox.rows import ONE
from storage.store import Unit

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
    return unit.run(ONE, {"of": key}).first() if key.isascii() and key.isalnum() else None


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


_MARKED = (
    select(t.outbox)
    .where(t.outbox.c.person_id == bindparam("of"), t.outbox.c.mark == bindparam("mark"), text("outbox.mark <> ''"))
    .order_by(t.outbox.c.seq.desc())
)


def question_under(unit: Unit, key: str, person_id: str) -> tuple[str, str, tuple[Choice, ...]] | None:
    """The question that one of this person's own messages asked: (question, ref, choices). `key` may be the channel's
    own name for the message as well."""
    row = _one(unit, key) or unit.connection.execute(_MARKED, {"of": person_id, "mark": key}).first()
    if row is None or row.person_id != person_id or not row.question:
        return None
    return unit.opened("outbox", row.id, partial(_question_in, unit, row), None)


def asked(unit: Unit, key: str, person_id: str) -> tuple[str, tuple[Choice, ...]] | None:
    """The words of one of this person's own messages, and the answers to it, if it asked something. What staff were
    told of somebody is not had again this way: it may have been written for another, private channel."""
    row = _one(unit, key)
    if row is None or row.person_id != person_id or row.subject_id != person_id:
        return None
    body = unit.open(row.subject_id, ("outbox", "body", row.id), row.body, FieldClass.WORDS)
    words, choices = json.loads(body.reveal())[:2]
    return words, tuple(Choice(*choice) for choice in choices)


_SHOWN = (
    update(t.outbox)
    .where(
        t.outbox.c.person_id == bindparam("whose"),
        t.outbox.c.seq <= bindparam("up_to"),
        t.outbox.c.shown_at.is_(None),
        t.outbox.c.state == "sent",
    )
    .values(shown_at=bindparam("at"))
    .returning(t.outbox.c.subject_id, t.outbox.c.ref, t.outbox.c.page)
)


def seen(unit: Unit, person_id: str, key: str) -> set[tuple[str, str]]:
    """This person has read the message under this key, and those before it. Returns of which participants' cases
    (participant, case) they have read a page for the first time."""
    row = _one(unit, key)
    if row is None or row.person_id != person_id or row.room:
        return set()  # read in a shared room; of what stands in their own, that says nothing
    rows = unit.connection.execute(_SHOWN, {"whose": person_id, "up_to": row.seq, "at": unit.now}).all()
    return {(shown.subject_id, shown.ref) for shown in rows if shown.page}


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
