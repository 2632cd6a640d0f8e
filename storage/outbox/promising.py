"""Messages are promised: kept in the same transaction as the decision to say them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, text, update

from flows.message import Outbound, Urgency
from flows.turn import SetTimer
from storage import tables as t
from storage.ids import new_id
from storage.outbox.alarms import page_failed
from storage.outbox.fresh import fresh
from storage.outbox.rows import (
    HOLDS_BACK,
    IS_OPEN,
    IS_TRIED_AGAIN,
    RELAY_PATIENCE,
    file_out,
    manner_out,
    page_out,
    room_out,
)
from storage.store import Unit

_NEW = insert(t.outbox)


def promise(unit: Unit, items: Iterable[tuple[Outbound, str, str]]) -> list[SetTimer]:
    """Keep messages to be sent: (message, address id or nothing, whose words they hold).

    Returns timers for pages and safety texts that have nowhere to go: that is found out now, not after a silence.
    """
    items = list(items)
    _replace(unit, [message for message, _, _ in items if message.replaces])
    newest = {(message.to, kept_as(message)): message for message, _, _ in items if message.replaces}
    rows, lost = [], []
    for message, address_id, subject_id in items:
        row = _row(unit, message, address_id, subject_id)
        if newest.get((message.to, kept_as(message)), message) is not message and address_id:
            row["state"] = "replaced"  # by another one of this very batch
        rows.append(row)
        if row["state"] == "waiting":
            unit.promised.append(fresh(unit, row, message))
        if not address_id and message.page is not None:
            lost.append(page_failed(subject_id, message.ref, message.to, unit.now))
        elif not address_id and message.urgency is Urgency.CRISIS and message.to == subject_id:
            lost.append(SetTimer(subject_id, "unreached", message.to, unit.now))
    if rows:
        _hurry(unit, [message for message, _, subject_id in items if _in_order(message, subject_id)])
        unit.write(_NEW, *rows)
    return lost


def kept_as(message: Outbound) -> str:
    """What a message may be replaced under. A page on somebody's pager stands beside the one on their usual channel."""
    return f"{message.via}:{message.replaces}" if message.via and message.replaces else message.replaces


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
    if lanes and unit.run(_HURRY, [{"of": person, "class": urgency} for person, urgency in sorted(lanes)]).rowcount:
        unit.promised.append(None)


def _replace(unit: Unit, messages: Sequence[Outbound]) -> None:
    """A newer message under the same key takes the place of one that still waits."""
    if messages:
        if unit.promised:
            unit.promised.append(None)  # one of them may be replaced
        unit.write(_REPLACE, *({"of": message.to, "under": kept_as(message)} for message in messages))


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
    choices = [[choice.id, choice.label] for choice in message.choices]
    body = json.dumps([message.text, choices, manner_out(message), file_out(message.file)])
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
        "page": page_out(message.page),
        "replaces": kept_as(message),
        "sender_id": message.sender,
        "room": room_out(message.room),
        "body": unit.vault.seal(subject_id, "outbox", "body", row_id, body),
        "attempts": 0,
        "unsure": False,
        "mark": "",
        "made_at": unit.now,
        "due_at": due_at,
        "expires_at": _over_at(message, due_at),
    }


def _over_at(message: Outbound, due_at: datetime) -> datetime | None:
    """When there is no sense in saying it any more. What was put off has its time from the moment it was put off to: by
    then, it was made long ago."""
    if message.expires_after:
        return due_at + message.expires_after
    put_off = message.not_before is not None and message.urgency is not Urgency.CRISIS
    return due_at + RELAY_PATIENCE if put_off else None
