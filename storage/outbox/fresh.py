"""What was promised in this very unit of work need not be read back before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.grant import FieldClass
from flows.message import Outbound
from storage.outbox.letters import Sendable
from storage.outbox.rows import manner_out
from storage.store import UNOPENED, Unit


def fresh(unit: Unit, row: Mapping[str, object], message: Outbound) -> Sendable | None:
    """A promised message as it is sent: what `take` would make of its row. None where that needs a look at more than
    is known here; then it is read back."""
    address_id, subject_id = str(row["address_id"]), str(row["subject_id"])
    known = unit.places.get(address_id)
    if known is None or message.room is not None:
        return None
    channel, sealed = known
    try:
        place = unit.open(message.to, ("address", "place", address_id), sealed, FieldClass.ADDRESS)
    except UNOPENED:
        return None
    manner: dict[str, Any] = dict.fromkeys(manner_out(message), True)
    return Sendable(
        key=str(row["id"]),
        person_id=message.to,
        subject_id=subject_id,
        channel=channel,
        place=place.reveal(),
        text=message.text,
        choices=message.choices,
        urgency=message.urgency,
        attempts=0,
        made_at=unit.now,
        page=message.page,
        ref=message.ref,
        **manner,
        file=message.file,
        content=message.content,
    )
