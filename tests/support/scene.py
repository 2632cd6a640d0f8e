"""A participant, their care team and the decisions about them, without a database: turns are applied to plain values.

Small and real: it knows nothing of what `flows` decides, it only makes it true and lets time pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache

from bot.loading import load_library, shipped_config
from flows import over_time
from flows.engine import step
from flows.event import Due, Event, Noticed, Said, Tapped, Wordless
from flows.ladder import Roster
from flows.level import Level
from flows.library import Library
from flows.message import Outbound
from flows.people import Location, Participant, StaffMember
from flows.phi import Phi
from flows.plan import Plan, PlanEntry
from flows.policy import Action, Actor, Relation, Role, authorize
from flows.relation import relation
from flows.request import Desk, Pending, read_request
from flows.risk import History
from flows.rota import Hours, Shift, read_hours
from flows.schedule import local_date
from flows.situation import Record, Situation
from flows.turn import SetTimer, Turn

ZONE = "America/New_York"
EVENING = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)  # Tuesday 21:00 in New York


@cache
def library() -> Library:
    """The shipped configuration, read once."""
    return load_library([shipped_config()])


def staff(name: str, role: Role = Role.THERAPIST, hours: str = "", private: bool = True) -> StaffMember:
    return StaffMember(name, name.capitalize(), role, ZONE, read_hours(hours) if hours else Hours(), private)


def usual_roster() -> Roster:
    """Ana is Maya's therapist, Jo and Lee are on call, Kim supervises, Dee directs, Olu runs the machine."""
    people = (
        staff("ana", hours="Mon-Fri 09:00-17:00"),
        staff("jo"),
        staff("lee"),
        staff("kim", Role.SUPERVISOR),
        staff("dee", Role.DIRECTOR),
        staff("olu", Role.OPERATOR),
    )
    always = Hours.always()
    return Roster(people, (Shift("jo", "primary", always, ZONE), Shift("lee", "backup", always, ZONE)))


def usual_plan() -> Plan:
    lines = {
        "internal_coping": ["play the guitar", "long shower"],
        "social_distraction": ["Ben"],
        "crisis_support": ["Leo"],
        "professional_support": ["Riverside ED"],
        "environment_safety": ["Leo keeps the key"],
        "reason_for_living": ["my sister"],
    }
    entries = tuple(
        PlanEntry(f"{section}{n}", section, Phi(text))
        for section, texts in lines.items()
        for n, text in enumerate(texts)
    )
    return Plan(1, entries)


@dataclass
class Scene:
    """One participant's evening."""

    now: datetime = EVENING
    roster: Roster = field(default_factory=usual_roster)
    situation: Situation = field(init=False)
    timers: dict[tuple[str, str], SetTimer] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    screens: dict[str, list[Outbound]] = field(default_factory=dict)
    last: Turn = field(default_factory=Turn)
    past: History = field(default_factory=lambda: History(EVENING.date()))
    count: int = 0
    mark_of_last: str = ""

    def __post_init__(self) -> None:
        maya = Participant(
            id="maya",
            name=Phi("Maya Rivers"),
            language="en",
            zone=ZONE,
            therapist_id="ana",
            check_in_at=time(21, 0),
            location=Phi(Location("home", "12 Elm St", "518-555-0100")),
        )
        leave = authorize(
            Actor("maya", Role.PARTICIPANT), Action.SEE_PLAN, "maya", Relation(self_=True), "own", self.now
        )
        self.situation = Situation(self.now, maya, plan=usual_plan(), roster=self.roster, grant=leave, new_id="case-1")

    # -- what people do --------------------------------------------------------------------------------------------

    def says(
        self, words: str, who: str = "maya", edits: str = "", room: str = "", quotes: Outbound | None = None
    ) -> Turn:
        """Somebody writes; `edits` is the mark (`mark_of_last`) of the message that this replaces on their screen,
        `room` the key of the shared room in which they write, `quotes` the message that they reply to."""
        event = Said(self._next_id(), who, self.now, Phi(words), library().assess(words), edits=edits)
        asked = (quotes.question, quotes.ref) if quotes else ("", "")
        event = replace(event, mark=edits or event.id, room=room, replies_to=asked)
        self.mark_of_last = event.mark
        return self._staff(who, event) if who != "maya" else self.decide(event)

    def sends(self, what: str, who: str = "maya") -> Turn:
        """Somebody sends something without words."""
        event = Wordless(self._next_id(), who, self.now, what)
        return self._staff(who, event) if who != "maya" else self.decide(event)

    def is_noticed(self, what: str, who: str = "maya") -> Turn:
        """A channel notices something about somebody."""
        event = Noticed(self._next_id(), who, self.now, what)
        return self._staff(who, event) if who != "maya" else self.decide(event)

    def taps(self, choice: str, who: str = "maya", again: bool = False) -> Turn:
        """Somebody presses a button of the newest message that has it, by the id of the answer."""
        message = next(one for one in reversed(self.screens[who]) if choice in {c.id for c in one.choices})
        return self.taps_on(message, choice, who, again)

    def taps_on(self, message: Outbound, choice: str, who: str = "maya", again: bool = False) -> Turn:
        event = Tapped(self._next_id(), who, self.now, message.question, choice, message.ref, again)
        return self._staff(who, event) if who != "maya" else self.decide(event)

    def calls_for_help(self) -> Turn:
        return self.decide(Tapped(self._next_id(), "maya", self.now, "", "panic"))

    def _staff(self, who: str, event: Event) -> Turn:
        member = self.roster.member(who)
        assert member is not None
        quoted = event.replies_to if isinstance(event, Said) and event.replies_to[0] else None
        asked = [one for one in self.screens.get(who, []) if one.question]
        newest = next((one for one in reversed(asked) if quoted in (None, (one.question, one.ref))), None)
        pending = Pending(newest.question, newest.ref, newest.choices, bool(quoted)) if newest else None
        desk = self.desks.get(who, Desk())
        request = read_request(event, desk, pending if isinstance(event, Said) else None)
        person = self.situation.participant
        assert person is not None
        ties = relation(member, person, self.situation.case, self.roster, self.now)
        alone = request.action in {Action.LIST_CASES, Action.SEE_ON_CALL}
        own = request.action is Action.WRITE
        leave = authorize(
            Actor(who, member.role),
            request.action,
            who if own else None if alone else "maya",
            Relation(self_=True) if own else ties,
            "staff",
            self.now,
        )
        situation = replace(
            self.situation,
            staff=member,
            desk=desk,
            request=request,
            grant=leave,
            record=Record() if member.private else None,
        )
        return self.decide(event, situation)

    # -- time ------------------------------------------------------------------------------------------------------

    def wait(self, **length: float) -> None:
        """Time passes; everything due on the way happens, in order."""
        until = self.now + timedelta(**length)
        while due := min((t for t in self.timers.values() if t.at <= until), key=lambda t: t.at, default=None):
            del self.timers[due.kind, due.key]
            self.now = max(self.now, due.at)
            self.decide(Due("maya", due.kind, due.key, due.at, dict(due.data)))
        self.now = until

    def falls_due(self, kind: str, key: str = "", **data: str) -> Turn:
        """Something falls due right now."""
        return self.decide(Due("maya", kind, key, self.now, data))

    # -- making it true --------------------------------------------------------------------------------------------

    def decide(self, event: Event, situation: Situation | None = None) -> Turn:
        base = replace(situation or self.situation, now=self.now, new_id=f"id-{self.count}")
        if over_time.needed(base, event, library()) is not None:
            base = replace(base, history=replace(self.past, today=local_date(self.now, ZONE)))
        turn = step(base, event, library())
        self._remember(turn)
        self._apply(turn, event)
        return turn

    def _remember(self, turn: Turn) -> None:
        """What a database would know of this turn later."""
        check_in = turn.check_in or self.situation.check_in
        if check_in is None:
            return
        for answer in turn.answers:
            self.past = self.past.with_answer(answer.item, check_in.local_date, answer.value.reveal())
        if turn.check_in is not None and turn.check_in.state not in {"asked", "undelivered"}:
            answered = turn.check_in.state != "missed"
            self.past = self.past.with_check_in(turn.check_in.local_date, answered=answered)

    def _apply(self, turn: Turn, event: Event) -> None:
        case = turn.case or self.situation.case
        self.situation = replace(
            self.situation,
            talk=turn.talk or self.situation.talk,
            case=None if case is not None and case.state == "closed" else case,
            check_in=turn.check_in or self.situation.check_in,
            next_case_number=case.number + 1 if case else 1,
        )
        if turn.desk is not None:
            self.desks[event.person_id] = turn.desk
        for change in turn.timers:
            if isinstance(change, SetTimer):
                self.timers[change.kind, change.key] = change
            else:
                gone = [k for k in self.timers if k[0] == change.kind and change.key in ("", k[1])]
                for key in gone:
                    if not any(isinstance(c, SetTimer) and (c.kind, c.key) == key for c in turn.timers):
                        del self.timers[key]
        for message in turn.says:
            self.screens.setdefault(message.to, []).append(message)
        self.last = turn

    def _next_id(self) -> str:
        self.count += 1
        return f"event-{self.count}"

    # -- what can be seen ------------------------------------------------------------------------------------------

    def sees(self, words: str, who: str = "maya") -> bool:
        """Whether these words are on somebody's screen."""
        return any(words.casefold() in one.text.casefold() for one in self.screens.get(who, []))

    def paged(self, who: str) -> int:
        """How often somebody was paged."""
        return sum(one.page is not None for one in self.screens.get(who, []))

    @property
    def level(self) -> Level:
        return self.situation.case.level if self.situation.case else Level.NONE

    @property
    def state(self) -> str:
        return self.situation.case.state if self.situation.case else "none"
