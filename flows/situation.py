"""Everything that a decision may know. Whatever is not in here does not count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from flows.case import Case, Fact
from flows.grant import Deny, Grant
from flows.ladder import Roster
from flows.level import Level
from flows.pager import Pager
from flows.people import Participant, StaffMember
from flows.phi import Phi
from flows.plan import Plan
from flows.request import Desk, Request
from flows.risk import History


@dataclass(frozen=True, slots=True)
class Talk:
    """Where the program and one participant are in their conversation."""

    conversation: str = ""  # which script is being spoken; empty when nothing is pending
    step: str = ""  # the question that waits for an answer
    ref: str = ""  # the check-in it belongs to
    section: str = ""  # where the walk through the plan is
    index: int = -1
    worse: int = 0  # plan steps in a row that made it worse
    unclear: int = 0  # answers in a row that were not understood
    asked: int = 0  # times the pending question was put
    crisis_at: str = ""  # when a question of the crisis conversation was last put, in UTC
    runs: dict[str, int] = field(default_factory=dict)  # rule: how often in a row an answer fitted it
    standing: dict[str, int] = field(default_factory=dict)  # pattern that shows: the version by which it was given
    missed: int = 0  # delivered check-ins in a row that nobody answered
    ok_offered: bool = False  # was told that one tap says they are OK
    stopped: bool = False  # reminders are off by the participant's own word
    direct_at: str = ""  # when, since the direct question was put, something was last heard in this conversation, UTC
    doubted: str = ""  # the urgent rule whose words the direct question is to settle
    greeted: str = ""  # local date on which the program last said what it is
    reacted: bool = False  # was told that reactions are not private
    slip: str = ""  # mark of the message that was not understood just now
    pinned: bool = False  # wishes to have the plan at the head of the chat
    place_asked: str = ""  # the case in which they were asked where they are
    polls: bool = False  # wishes to have questions as polls as well
    typed: dict[str, str] = field(default_factory=dict)  # mark of a typed answer: its question, and the check-in


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One daily check-in. Delivered, answered, late and missed are kept apart."""

    id: str
    local_date: date
    state: str
    asked_at: datetime
    conversation: str = "check_in"
    reminders: int = 0
    delivered_at: datetime | None = None
    first_answer_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Something worth showing on a case: a signal with the words that fired it."""

    at: datetime
    rule: str
    version: int
    level: Level
    explain: str
    words: Phi[str]


@dataclass(frozen=True, slots=True)
class Record:
    """What staff may see of a participant, opened with a Grant."""

    heard: tuple[Heard, ...] = ()
    facts: tuple[Fact, ...] = ()
    messages: tuple[tuple[datetime, str, Phi[str]], ...] = ()  # (when, from whom, words), oldest first
    moods: tuple[tuple[str, int], ...] = ()  # (local date, mood 0 to 10)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of the worklist."""

    number: int
    level: Level
    state: str
    opened_at: datetime
    holder_id: str
    name: Phi[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """The world as one decision sees it. `now` is aware UTC; `new_id` is an id nobody has yet."""

    now: datetime
    participant: Participant | None = None
    talk: Talk = Talk()
    case: Case | None = None
    check_in: CheckIn | None = None
    plan: Plan = Plan()
    roster: Roster = field(default_factory=Roster)
    staff: StaffMember | None = None
    desk: Desk = Desk()
    speaks_in: tuple[tuple[str, int], ...] = ()  # id and number of the other cases in which this staff member speaks
    request: Request | None = None
    grant: Grant | Deny | None = None
    record: Record | None = None
    history: History | None = None  # of the participant; looked up only where something in it may change
    worklist: tuple[CaseLine, ...] = ()
    uncertain: Phi[str] | None = None  # a relayed message of which nobody knows whether it arrived
    next_case_number: int = 1
    new_id: str = ""
    pager: Pager | None = None  # of the staff member who asks about it
    new_code: str = ""  # six digits that nobody knows yet
