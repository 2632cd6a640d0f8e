"""Who acts, what they want to do, and the proof that they may.

A `Grant` is made by `flows.policy.authorize` and by nothing else. It is about one participant, opens named classes of
fields, and ends within a minute, so that a changed caseload or a withdrawn consent acts at once.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from datetime import datetime
from enum import StrEnum

from flows.errors import HandrailError

SYSTEM = "system"
"""The subject of secrets that belong to no participant; all that a Grant about nobody can open."""

_TOKEN = object()


class Role(StrEnum):
    """What somebody is in the programme. `PROGRAM` is Handrail itself."""

    PARTICIPANT = "participant"
    THERAPIST = "therapist"
    FACILITATOR = "facilitator"
    SUPERVISOR = "supervisor"
    DIRECTOR = "director"
    CONTACT = "contact"
    OPERATOR = "operator"
    PROGRAM = "program"


class Action(StrEnum):
    """Everything that can be asked of Handrail."""

    WRITE = "write"
    SEE_PLAN = "see_plan"
    EDIT_PLAN = "edit_plan"
    SEE_CASE = "see_case"
    LIST_CASES = "list_cases"
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    TAKE_OVER = "take_over"
    HAND_BACK = "hand_back"
    RELAY = "relay"
    RESOLVE = "resolve"
    CLOSE = "close"
    NOTE = "note"
    ASK = "ask"
    FOLLOW_UP = "follow_up"
    SEE_ON_CALL = "see_on_call"
    CHANGE_ON_CALL = "change_on_call"
    SEE_STATUS = "see_status"
    CONFIGURE = "configure"
    ENROL = "enrol"
    BREAKOUT = "breakout"
    JUDGE = "judge"
    HANDLE = "handle"


class FieldClass(StrEnum):
    """What a sealed field tells about somebody."""

    WORDS = "words"
    NAME = "name"
    ADDRESS = "address"
    PLAN = "plan"
    LOCATION = "location"
    MEDICAL = "medical"
    ANSWERS = "answers"
    CASE = "case"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who wants something, or the program handling somebody's message."""

    id: str
    role: Role


class ForgedGrant(HandrailError):
    """A Grant can only be made by flows.policy.authorize."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave for one actor to do one thing, about one participant or about nobody, until a moment close by."""

    actor: Actor
    action: Action
    participant_id: str | None
    fields: frozenset[FieldClass]
    reason: str
    until: datetime
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise ForgedGrant()

    def covers(self, participant_id: str, field_class: FieldClass, now: datetime) -> bool:
        """May a field of this class, of this participant (or of `SYSTEM`), be opened now?"""
        about = SYSTEM if self.participant_id is None else self.participant_id
        return participant_id == about and field_class in self.fields and now < self.until


@dataclass(frozen=True, slots=True)
class Deny:
    """A no. `reason_code` is for the audit, `words` for whoever asked; neither tells anything about a participant."""

    reason_code: str
    words: str
