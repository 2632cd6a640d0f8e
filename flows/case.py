"""A case: something happened to one participant, and people are dealing with it. One open case per participant.

Software opens a case and raises its level; only a named clinician resolves and closes it, with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.level import Level
from flows.machine import Table
from flows.phi import Phi

CASES = Table(
    "case",
    "open",
    [
        ("climb", "open", "open", "nobody has taken it: the next tier is asked, or the last one again"),
        ("acknowledge", "open", "acknowledged", "somebody said: I have it"),
        ("engage", "open", "engaged", "taken over straight from the page"),
        ("engage", "acknowledged", "engaged", "first contact, or a note of one"),
        ("engage", "engaged", "engaged", "more contact"),
        ("lapse", "acknowledged", "open", "taken, then silence"),
        ("release", "acknowledged", "open", "the holder said: not me after all"),
        ("release", "engaged", "open", "the holder cannot go on"),
        ("rise", "open", "open", "a higher level starts its own ladder"),
        ("rise", "acknowledged", "open", "whoever took the lower level is asked again"),
        ("rise", "engaged", "open", "the same, in the middle of a conversation"),
        ("rise", "resolved", "open", "a new signal opens it again, with its history"),
        ("resolve", "open", "resolved", "dealt with before anybody tapped"),
        ("resolve", "acknowledged", "resolved", "the danger is over; follow-up begins"),
        ("resolve", "engaged", "resolved", "the same, after a conversation"),
        ("close", "resolved", "closed", "by a clinician, with a reason"),
    ],
)
#: States in which somebody must still be asked, or must still act.
UNRESOLVED = frozenset({"open", "acknowledged", "engaged"})


@dataclass(frozen=True, slots=True)
class Case:
    """One case as a decision may know it. Times are aware UTC.

    `ladder_at` is when the climb for the present level began: the original clock, kept through restarts.
    `heard_at` is when its newest signal came.
    `tier` is the highest rung asked so far (-1 before the first), `round` counts the repeats at the top.
    `paged` are all who were asked, `out` those of them who cannot (declined or unreachable) in this climb.
    `speaker_id` is the lease: who speaks to the participant; empty means the program does.
    """

    id: str
    number: int
    participant_id: str
    level: Level
    opened_at: datetime
    ladder_at: datetime
    heard_at: datetime
    state: str = CASES.initial
    tier: int = -1
    round: int = 0
    holder_id: str = ""
    acknowledged_at: datetime | None = None
    engaged_at: datetime | None = None
    resolved_at: datetime | None = None
    speaker_id: str = ""
    paged: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()

    @property
    def unresolved(self) -> bool:
        return self.state in UNRESOLVED


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a case's timeline, past tense: what happened, when, by whom; `words` are somebody's own."""

    kind: str
    at: datetime
    by: str = ""
    detail: str = ""
    words: Phi[str] | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task after a case, with a clock and an owner."""

    kind: str
    due_at: datetime
    owner_id: str
    case_id: str
    case_number: int
    participant_id: str
