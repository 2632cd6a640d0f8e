"""What was decided. Nothing in a Turn has happened yet; storage makes it true in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flows.case import Case, Fact, FollowUp
from flows.content import Line
from flows.library import Library
from flows.message import Choice, Outbound, Urgency
from flows.pager import PagerChange
from flows.phi import Phi
from flows.request import Desk
from flows.risk import Signal
from flows.situation import CheckIn, Situation, Talk

State = TypeVar("State", Talk, CheckIn)


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Something falls due at `at`. A `wall` timer follows the clock on the wall, any other the time that passes.

    There is one timer per person, kind and key: setting it again moves it.
    """

    person_id: str
    kind: str
    key: str
    at: datetime
    data: Mapping[str, str] = field(default_factory=dict)
    wall: bool = False


@dataclass(frozen=True, slots=True)
class DropTimer:
    """A timer that is not needed any more; an empty key drops all of its kind."""

    person_id: str
    kind: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one item, kept as it was given; `value` is `skip` or `unsaid` where nothing was said."""

    item: str
    value: Phi[str]
    check_in_id: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """An entry for the ledger: codes and ids, never words."""

    actor: str
    action: str
    subject: str = ""
    object_kind: str = ""
    object_id: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision. A None state is unchanged."""

    says: tuple[Outbound, ...] = ()
    talk: Talk | None = None
    case: Case | None = None
    check_in: CheckIn | None = None
    desk: Desk | None = None
    timers: tuple[SetTimer | DropTimer, ...] = ()
    signals: tuple[Signal, ...] = ()
    facts: tuple[Fact, ...] = ()
    answers: tuple[Answer, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    done_follow_up: tuple[str, str] | None = None
    notes: tuple[Note, ...] = ()
    language: str = ""
    pager: PagerChange | None = None
    judged: tuple[str, bool] | None = None  # a case, and whether it was useful to be told about it


class Draft:
    """A turn in the making. Lives for one `step` only and touches nothing but itself."""

    def __init__(self, situation: Situation, library: Library) -> None:
        self.situation = situation
        self.library = library
        self.now = situation.now
        self.roster = situation.roster
        self.talk = situation.talk
        self.case = situation.case
        self.check_in = situation.check_in
        self.desk = situation.desk
        self.language = ""
        self._says: list[Outbound] = []
        self._timers: list[SetTimer | DropTimer] = []
        self._signals: list[Signal] = []
        self._facts: list[Fact] = []
        self._answers: list[Answer] = []
        self._follow_ups: list[FollowUp] = []
        self._notes: list[Note] = []
        self._done: tuple[str, str] | None = None
        self._judged: tuple[str, bool] | None = None
        self.pager: PagerChange | None = None  # of the staff member who acts
        self.echo = ""  # how a typed answer was understood; stands above the next question

    # -- words -------------------------------------------------------------------------------------------------

    def line(self, content: str, **slots: object) -> Line:
        """The approved text `file.step` in the participant's language, filled in."""
        person = self.situation.participant
        return self.library.line(self.language or (person.language if person else ""), content, slots)

    def staff_line(self, content: str, **slots: object) -> Line:
        """The approved text `file.step` in the language that staff read."""
        return self.library.line("", content, slots)

    def choices(self, content: str) -> tuple[Choice, ...]:
        """The answers that hang on `file.step`."""
        person = self.situation.participant
        return self.library.step(self.language or (person.language if person else ""), content).answers

    def label(self, content: str, answer_id: str) -> str:
        """What was on this answer's button; its id where the programme's files no longer hold the question."""
        name, _, step = content.partition(".")
        if not self.library.holds(name, step):
            return answer_id
        return next((answer.label for answer in self.choices(content) if answer.id == answer_id), answer_id)

    def say(self, content: str, *, urgency: Urgency = Urgency.REPLY, ask: bool = False, **slots: object) -> None:
        """Say an approved text to the participant; with `ask`, its choices hang on it as the pending question."""
        line = self.line(content, **slots)
        self._says.append(
            Outbound(
                to=self.participant_id,
                text=line.text,
                urgency=urgency,
                content=line.content,
                choices=line.choices if ask else (),
                question=content if ask else "",
                ref=self.talk.ref if ask else "",
                expires_after=None if urgency <= Urgency.RELAY else timedelta(hours=12),
            )
        )

    def send(self, outbound: Outbound) -> None:
        """Anything else that is to be said, as it is."""
        self._says.append(outbound)

    def tell(self, staff_id: str, content: str, *, urgency: Urgency = Urgency.REPLY, **how: Any) -> None:
        """Say an approved text to a staff member. `how` holds the text's `slots` and fields of the message."""
        line = self.library.line("", content, how.pop("slots", {}))
        how.setdefault("choices", line.choices if how.get("question") else ())
        self._says.append(Outbound(to=staff_id, text=line.text, urgency=urgency, content=line.content, **how))

    # -- states ------------------------------------------------------------------------------------------------

    @property
    def participant_id(self) -> str:
        person = self.situation.participant
        return person.id if person else ""

    @property
    def open_case(self) -> Case:
        """The open case. Only for code that knows there is one."""
        if self.case is None:
            raise LookupError("there is no open case here")
        return self.case

    def change_talk(self, **fields: Any) -> None:
        self.talk = _with(self.talk, fields)

    def change_case(self, **fields: Any) -> None:
        self.case = replace(self.open_case, **fields)

    def change_check_in(self, **fields: Any) -> None:
        if self.check_in is not None:
            self.check_in = _with(self.check_in, fields)

    # -- what waits, what happened -----------------------------------------------------------------------------

    def due(self, kind: str, at: datetime, key: str = "", data: Mapping[str, str] | None = None) -> None:
        """Let something fall due for the participant after a length of time."""
        self._timers.append(SetTimer(self.participant_id, kind, key, at, data or {}))

    def due_on_the_wall(self, kind: str, at: datetime, key: str, data: Mapping[str, str] | None = None) -> None:
        """Let something fall due for the participant at a time of day."""
        self._timers.append(SetTimer(self.participant_id, kind, key, at, data or {}, wall=True))

    def drop(self, kind: str, key: str = "") -> None:
        """The participant's timers of this kind are not needed any more."""
        self._timers.append(DropTimer(self.participant_id, kind, key))

    def heard(self, *signals: Signal) -> None:
        self._signals.extend(signals)

    def answered(self, item: str, value: str) -> None:
        self._answers.append(Answer(item, Phi(value), self.talk.ref))

    def happened(self, kind: str, by: str = "", detail: str = "", words: Phi[str] | None = None) -> None:
        """A line on the case's timeline."""
        self._facts.append(Fact(kind, self.now, by, detail, words))

    def follow_up(self, *tasks: FollowUp) -> None:
        self._follow_ups.extend(tasks)

    def finish_follow_up(self, key: str, outcome: str) -> None:
        self._done = (key, outcome)

    def judge(self, case_id: str, *, useful: bool) -> None:
        """Whether what was heard in this case was worth being told."""
        self._judged = (case_id, useful)

    def note(self, actor: str, action: str, object_kind: str = "", object_id: str = "", **detail: str | int) -> None:
        """An entry for the ledger about this participant."""
        self._notes.append(Note(actor, action, self.participant_id, object_kind, object_id, detail))

    def finish(self) -> Turn:
        """The finished decision."""
        was = self.situation
        return Turn(
            says=tuple(self._as_wished(one) for one in self._with_echo()),
            talk=self.talk if self.talk != was.talk else None,
            case=self.case if self.case != was.case else None,
            check_in=self.check_in if self.check_in != was.check_in else None,
            desk=self.desk if self.desk != was.desk else None,
            timers=tuple(self._timers),
            signals=tuple(self._signals),
            facts=tuple(self._facts),
            answers=tuple(self._answers),
            follow_ups=tuple(self._follow_ups),
            done_follow_up=self._done,
            notes=tuple(self._notes),
            language=self.language,
            pager=self.pager,
            judged=self._judged,
        )

    def _as_wished(self, said: Outbound) -> Outbound:
        """A question to the participant as a poll too, if that is what they want."""
        wanted = self.talk.polls and said.to == self.participant_id and said.choices
        return replace(said, poll=True) if wanted else said

    def _with_echo(self) -> list[Outbound]:
        """What is said, with the echo above the question it leads to, or above the last word where none follows."""
        mine = [place for place, one in enumerate(self._says) if one.to == self.participant_id]
        if not self.echo or not mine:
            return self._says
        place = next((place for place in mine if self._says[place].choices), mine[-1])
        said = self._says[place]
        above = replace(said, text=f"{self.echo}\n\n{said.text}")
        return [*self._says[:place], above, *self._says[place + 1 :]]


def _with(state: State, fields: Mapping[str, Any]) -> State:
    """The state with these fields; itself if they say nothing new, as most do."""
    return state if all(getattr(state, name) == value for name, value in fields.items()) else replace(state, **fields)
