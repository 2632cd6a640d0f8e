"""Everything that arrived, kept once, before anything else is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2s

from sqlalchemy import bindparam, select, update

from flows.level import Level
from flows.phi import Phi
from flows.risk import Assessment
from storage import tables as t
from storage.dialect import insert_new
from storage.erasing import DUE
from storage.store import Unit

#: Whose key seals what a person wrote whom nobody knows yet.
NOBODY = "system"
#: What follows the id of a message that came without its key, and is told as unreadable.
UNREAD = "/locked"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it arrived from a channel, of a kind as in `bot.channels.base.Inbound`.

    `edits` is the mark of the message that it changes. `heard` is what the assessment at the door said of a text; None
    where it failed, and then a person must look.
    """

    id: str
    channel: str
    external_id: str
    person_id: str
    kind: str
    level: Level
    body: Phi[str]
    heard: Assessment | None = None
    edits: str = ""
    reply_to: str = ""
    trusted: bool = True
    room: str = ""
    passing: bool = False

    @property
    def mark(self) -> str:
        """A few letters that stand for this message, so that a change of it can be told from any other."""
        return mark_of(self.external_id)


def mark_of(external_id: str) -> str:
    """The mark of the message that a channel calls so."""
    return blake2s(external_id.encode(), digest_size=6).hexdigest()


_IDS = select(t.inbox.c.id).where(t.inbox.c.id.in_(bindparam("ids", expanding=True)))
_THERE = select(t.inbox.c.id).where(t.inbox.c.channel == bindparam("on"), t.inbox.c.external_id == bindparam("of"))
_FAILED = update(t.inbox).where(t.inbox.c.id == bindparam("of")).values(state="failed")


def keep(unit: Unit, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Store what arrived; returns those that are new. A repeat (same channel, same external id) ends here.

    Rows are written as handled, because they are decided in this same transaction; see `failed`.
    """
    arrivals = [arrival for arrival in arrivals if not _was_read(unit, arrival)]
    rows = [_row(unit, arrival) for arrival in arrivals]
    if not rows:
        return []
    kept = unit.run(insert_new(unit.dialect, t.inbox), rows)
    if kept.rowcount == len(rows):
        return list(arrivals)
    if len(rows) == 1:
        return []
    there = {row[0] for row in unit.connection.execute(_IDS, {"ids": [arrival.id for arrival in arrivals]})}
    return [arrival for arrival in arrivals if arrival.id in there]


def _was_read(unit: Unit, arrival: Arrival) -> bool:
    """A new device is shown what the one before it has read, and cannot read that again. Nobody need hear of it."""
    if arrival.kind != "unreadable" or not arrival.external_id.endswith(UNREAD):
        return False
    words = {"on": arrival.channel, "of": arrival.external_id.removesuffix(UNREAD)}
    return unit.connection.execute(_THERE, words).first() is not None


def _row(unit: Unit, arrival: Arrival) -> dict[str, object]:
    subject = arrival.person_id or NOBODY
    return {
        "id": arrival.id,
        "channel": arrival.channel,
        "external_id": arrival.external_id,
        "person_id": arrival.person_id or None,
        "kind": arrival.kind,
        "level": int(arrival.level),
        "state": "handled",
        "body": unit.vault.seal(subject, "inbox", "body", arrival.id, arrival.body),
        "arrived_at": unit.now,
        "erase": DUE if arrival.passing and arrival.person_id else None,
    }


def failed(unit: Unit, arrival_ids: Sequence[str]) -> None:
    """Nobody could decide on these. They stay, and a person is told."""
    if arrival_ids:
        unit.connection.execute(_FAILED, [{"of": arrival_id} for arrival_id in arrival_ids])
