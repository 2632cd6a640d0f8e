"""The staff's group on a network that has groups: which one it is, its topics, and who was met there. Kept sealed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from storage.sealed_settings import keep_sealed, read_sealed
from storage.store import Unit

#: So many random bytes, written in letters that may stand in a link.
CODE_BYTES: Final = 24
#: So long a code may wait to be used.
GOOD_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a case is spoken of, by the network's number."""

    number: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class StaffGroup:
    """`chat` is None before there is one. `met` are accounts that were seen in it; `elsewhere` are groups into which
    somebody has put us besides."""

    chat: int | None = None
    topics: Mapping[str, Topic] = field(default_factory=dict)
    met: frozenset[str] = frozenset()
    elsewhere: frozenset[int] = frozenset()


def _place(network: str) -> str:
    return f"{network}.group"


def keep_group(unit: Unit, network: str, group: StaffGroup) -> None:
    """From now on it stands like this."""
    written = {
        "chat": group.chat,
        "topics": {key: [topic.number, topic.closed] for key, topic in group.topics.items()},
        "met": sorted(group.met),
        "elsewhere": sorted(group.elsewhere),
    }
    keep_sealed(unit, _place(network), written)


def staff_group(unit: Unit, network: str) -> StaffGroup:
    """How it stands."""
    written = read_sealed(unit, _place(network)) or {}
    topics = {key: Topic(number, closed) for key, (number, closed) in written.get("topics", {}).items()}
    met, elsewhere = written.get("met", ()), written.get("elsewhere", ())
    return StaffGroup(written.get("chat"), topics, frozenset(met), frozenset(elsewhere))


# -- naming it -----------------------------------------------------------------------------------------------------


def _code_place(network: str) -> str:
    return f"{network}.group_code"


def code_for_group(unit: Unit, network: str) -> str:
    """A code by which a group can be named, once and within the hour; the one before is good no more."""
    code = secrets.token_urlsafe(CODE_BYTES)
    made = {"mark": unit.vault.blind("group_code", code).hex(), "until": (unit.now + GOOD_FOR).isoformat()}
    keep_sealed(unit, _code_place(network), made)
    unit.ledger.note(unit.now, "handrail", "group_code_made", None, "group", None, {"channel": network})
    return code


def code_is_out(unit: Unit, network: str) -> bool:
    """Whether a code waits to be used."""
    made = read_sealed(unit, _code_place(network))
    return made is not None and unit.now < datetime.fromisoformat(made["until"])


def use_code(unit: Unit, network: str, code: str) -> bool:
    """Whether this is the code that waits; from now on it is used."""
    if not code_is_out(unit, network):
        return False
    made = read_sealed(unit, _code_place(network))
    if not secrets.compare_digest(made["mark"], unit.vault.blind("group_code", code).hex()):
        return False
    keep_sealed(unit, _code_place(network), None)
    unit.ledger.note(unit.now, "handrail", "group_named", None, "group", None, {"channel": network})
    return True
