"""Brings a situation and an event together, asks `flows` what to do, and has storage make it true."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from flows import care_team, over_time, privacy
from flows.engine import step
from flows.errors import HandrailError
from flows.event import Due, Event, Located, Noticed, Said, Tapped, Wordless
from flows.ladder import Roster
from flows.level import Level
from flows.library import Library
from flows.message import Outbound, Urgency
from flows.people import StaffMember
from flows.phi import Phi
from flows.policy import Action, Actor, Grant, Relation, Role, authorize
from flows.relation import relation
from flows.request import Desk, Pending, Request, read_request
from flows.risk import Assessment
from flows.rooms import is_among_people, is_of_two
from flows.rota import who_is_on
from flows.situation import Record, Situation
from flows.turn import SetTimer
from storage import cases, histories, inbox, outbox, pagers, people, situations, timers, turns
from storage.ids import new_code
from storage.inbox import Arrival
from storage.people import Registry
from storage.store import Unit, of_the_database
from storage.turns import Decided

log = structlog.get_logger()

#: A timer that could not be decided is pushed forward by this much, and people are told.
PUSHED = timedelta(minutes=1)
#: Somebody whom nobody knows is told the crisis lines once in so long, however much they write.
TOLD_AGAIN_AFTER = timedelta(hours=1)


class Unassessed(HandrailError):
    """The assessment of a message failed; a person must read it."""


class Decider:
    """Decides events in a unit of work. Synchronous and free of clocks: `unit.now` is the only time."""

    def __init__(self, library: Callable[[], Library]) -> None:
        self.library = library
        self.fresh_trouble = False  # something was put off that is due at once
        self.told_unopened: set[tuple[str, str]] = set()  # rows of which the operators have heard
        self._registry = Registry("", Roster(), {})

    def registry(self, unit: Unit) -> Registry:
        """The roster, read again only when somebody changed it."""
        self._registry = people.fresh_registry(unit, self._registry)
        return self._registry

    @property
    def roster_version(self) -> str:
        """Changes whenever people, addresses or shifts do."""
        return self._registry.version

    def decide(self, unit: Unit, events: Sequence[Arrival | Due]) -> None:
        """Decide one event each for several people. Staff act on participants, so theirs come one by one after."""
        if not events:
            return
        registry = self.registry(unit)
        for event in events:
            if event.kind == "seen" and isinstance(event, Arrival):
                self._seen(unit, event)
        events = [event for event in events if not _is_not_for_us(event)]
        own = [event for event in events if registry.roster.member(event.person_id) is None]
        self._participants(unit, own, registry)
        for event in events:
            staff = registry.roster.member(event.person_id)
            if staff is not None and isinstance(event, Arrival):
                self._staff(unit, staff, event, registry)

    def _seen(self, unit: Unit, arrival: Arrival) -> None:
        """A page that was read but not taken: a hint for whoever looks at the case, and no answer to it."""
        for participant_id, case_id in sorted(outbox.seen(unit, arrival.person_id, arrival.body.reveal())):
            turns.enter(unit, participant_id, case_id, "page_read", arrival.person_id)

    # -- participants ----------------------------------------------------------------------------------------------

    def _participants(self, unit: Unit, events: Sequence[Arrival | Due], registry: Registry) -> None:
        if not events:
            return
        ids = [event.person_id for event in events]
        loaded = situations.load_participants(unit, ids, registry)
        decided = []
        for event in events:
            known = loaded.get(event.person_id)
            if known is None:
                self._stranger(unit, event, registry)
                continue
            made = self._try(unit, event, known[0], known[1])
            if made is not None:
                decided.append(made)
        if decided:
            turns.save(unit, decided, registry)

    def _try(self, unit: Unit, event: Arrival | Due, situation: Situation, address_id: str) -> Decided | None:
        """Decide, or tell a person that it could not be decided; the next one is served in any case."""
        library = self.library()
        try:
            happened = event if isinstance(event, Due) else self._event(unit, event)
            turn = step(_with_history(unit, situation, happened, library), happened, library)
        except Exception as failure:
            if of_the_database(failure):
                raise
            log.exception("an event could not be decided", kind=event.kind)
            self._undecided(unit, event)
            return None
        kind = f"timer.{event.kind}" if isinstance(event, Due) else f"handled.{event.kind}"
        key = event.key.replace("/", ":") if isinstance(event, Due) else event.id
        return Decided(situation, turn, address_id, kind, key)

    def _undecided(self, unit: Unit, event: Arrival | Due) -> None:
        if isinstance(event, Arrival):
            self.mark_broken(unit, [event])
            return
        later = SetTimer(event.person_id, event.kind, event.key, unit.now + PUSHED, event.data)
        timers.change(unit, [later])
        self.tell_operators(unit, "care.timer_failed")

    def mark_broken(self, unit: Unit, arrivals: Sequence[Arrival]) -> None:
        """These stay in the inbox unread; whoever wrote them gets the numbers, and a person is paged."""
        inbox.failed(unit, [arrival.id for arrival in arrivals])
        roster = self.registry(unit).roster
        staff = [arrival.person_id for arrival in arrivals if roster.member(arrival.person_id)]
        self._tell(unit, staff, "care.not_understood_by_program")
        broken = [
            SetTimer(arrival.person_id, "broken", arrival.id, unit.now)
            for arrival in arrivals
            if arrival.person_id and arrival.person_id not in staff
        ]
        timers.change(unit, broken)
        self.fresh_trouble = True

    def last_resort(self, unit: Unit, person_id: str) -> None:
        """Somebody wrote, and neither their message nor their record can be made sense of: the numbers, and everybody
        who can look is told."""
        if address_id := people.address_id_of(unit, person_id):
            line = self.library().line("", "crisis.unread", {})
            numbers = Outbound(person_id, line.text, Urgency.CRISIS, line.content)
            outbox.promise(unit, [(numbers, address_id, person_id)])
        roster = self.registry(unit).roster
        on_call = who_is_on(roster.shifts, "primary", unit.now)
        leaders = [one.id for one in roster.staff if one.role in {Role.SUPERVISOR, Role.DIRECTOR}]
        told = dict.fromkeys([*on_call, *leaders, *people.operators(roster)])
        self._tell(unit, list(told), "care.unreadable")

    def _event(self, unit: Unit, arrival: Arrival) -> Event:
        if arrival.kind == "unreadable":
            raise Unassessed
        if arrival.kind in {"text", "edit"}:
            if arrival.heard is None:
                raise Unassessed
            asked = outbox.question_under(unit, arrival.reply_to, arrival.person_id) if arrival.reply_to else None
            return _said(unit, arrival, arrival.heard, asked[:2] if asked else ("", ""))
        if arrival.kind == "tap":
            return self._tap(unit, arrival)
        if arrival.kind == "location":
            latitude, longitude = arrival.body.reveal().split(",")
            return Located(arrival.id, arrival.person_id, unit.now, Phi((float(latitude), float(longitude))))
        if arrival.kind in {"wordless", "noticed"}:
            return _without_words(unit, arrival)
        return Tapped(arrival.id, arrival.person_id, unit.now, "", "panic")

    def _tap(self, unit: Unit, arrival: Arrival) -> Tapped:
        key, choice = json.loads(arrival.body.reveal())
        pressed = outbox.press(unit, arrival.person_id, key, choice)
        if pressed is None:
            return Tapped(arrival.id, arrival.person_id, unit.now, "unknown.button", choice)
        return Tapped(
            arrival.id, arrival.person_id, unit.now, pressed.question, pressed.choice, pressed.ref, pressed.again
        )

    def _stranger(self, unit: Unit, event: Arrival | Due, registry: Registry) -> None:
        """Somebody who is no participant: the crisis lines, and what this is; nothing about anybody. Once an hour, but
        each time there is danger in what they write."""
        if event.kind in {"noticed", "seen"}:
            return
        address_id = people.address_id_of(unit, event.person_id)
        if (isinstance(event, Due) and event.kind != "broken") or not address_id:
            return
        if isinstance(event, Arrival):
            if event.level < Level.URGENT and timers.waits(unit, event.person_id, "told"):
                return  # two programs must not answer each other for ever
            timers.change(unit, [SetTimer(event.person_id, "told", "", unit.now + TOLD_AGAIN_AFTER)])
        known = people.is_known(unit, event.person_id)
        line = self.library().line("", "everyday.contact" if known else "everyday.stranger", {})
        message = Outbound(event.person_id, line.text, Urgency.CRISIS, line.content, replaces="stranger")
        outbox.promise(unit, [(message, address_id, event.person_id)])

    # -- staff -----------------------------------------------------------------------------------------------------

    def _staff(self, unit: Unit, staff: StaffMember, arrival: Arrival, registry: Registry) -> None:
        if is_among_people(arrival.room) and not arrival.body.reveal().startswith("/"):
            return  # they speak with the participant there, or with each other, not with the program
        if not arrival.trusted and arrival.kind != "noticed":
            self._not_theirs(unit, staff, arrival)
            return
        try:
            situation, event, address_id = self._staff_situation(unit, staff, arrival, registry)
            turn = step(situation, event, self.library())
        except Exception as failure:
            if of_the_database(failure):
                raise
            log.exception("a staff message could not be decided", kind=type(failure).__name__, arrival=arrival.id)
            inbox.failed(unit, [arrival.id])
            self._tell(unit, [staff.id], "care.not_understood_by_program")
            return
        turns.save(unit, [Decided(situation, turn, address_id, f"staff.{arrival.kind}", arrival.id)], registry)

    def _not_theirs(self, unit: Unit, staff: StaffMember, arrival: Arrival) -> None:
        """Somebody else could have said this under their name: nothing is done; they and the operators hear of it."""
        inbox.failed(unit, [arrival.id])
        unit.ledger.note(unit.now, staff.id, "refused", None, "message", arrival.id, {"why": "not_trusted"})
        self._tell(
            unit, list(dict.fromkeys([staff.id, *people.operators(self.registry(unit).roster)])), "care.not_theirs"
        )

    def _staff_situation(
        self, unit: Unit, staff: StaffMember, arrival: Arrival, registry: Registry
    ) -> tuple[Situation, Event, str]:
        desk = self._desk(unit, staff, arrival)
        event = self._staff_event(unit, arrival)
        newest = self._asked(unit, staff, arrival) if isinstance(event, Said) else None
        request = read_request(event, desk, newest)
        request, about = self._whom(unit, request)
        if len(about) > 1:
            request = replace(request, name="ambiguous", action=Action.WRITE)
            about = []
        loaded = situations.load_participants(unit, about, registry) if about else {}
        base, address_id = loaded[about[0]] if loaded else (Situation(unit.now, roster=registry.roster), "")
        case_id = base.case.id if base.case else ""
        others = cases.speaks_in(unit, staff.id, case_id) if desk.speaking_case_id else ()
        situation = replace(base, staff=staff, desk=desk, request=request, speaks_in=others)
        if request.name == "pager":
            theirs = pagers.look(unit, staff.id, request.words)
            situation = replace(situation, pager=theirs, new_code=new_code())
        return self._through_the_door(unit, situation, staff, request, registry), event, address_id

    def _desk(self, unit: Unit, staff: StaffMember, arrival: Arrival) -> Desk:
        """What they were last asked; in the room of a case, that case is the one they mean, or none."""
        desk = situations.load_desk(unit, staff.id)
        if not arrival.room or is_among_people(arrival.room):
            return desk
        return replace(desk, speaking_case_id=cases.spoken_in_room(unit, staff.id, arrival.room))

    def _asked(self, unit: Unit, staff: StaffMember, arrival: Arrival) -> Pending | None:
        """The question that this quotes, or else the newest on their screen."""
        if arrival.reply_to and (quoted := outbox.question_under(unit, arrival.reply_to, staff.id)):
            return Pending(*quoted, quoted=True)
        newest = outbox.newest_question(unit, staff.id)
        return Pending(*newest) if newest else None

    def _staff_event(self, unit: Unit, arrival: Arrival) -> Event:
        if arrival.kind == "tap":
            return self._tap(unit, arrival)
        if arrival.kind in {"text", "edit"}:
            return _said(unit, arrival, Assessment())
        if arrival.kind in {"wordless", "noticed"}:
            return _without_words(unit, arrival)
        return Tapped(arrival.id, arrival.person_id, unit.now, "unknown.button", "")

    def _whom(self, unit: Unit, request: Request) -> tuple[Request, list[str]]:
        """The participants whom a wish may be about: none, one, or more than one of that name. A surname behind a first
        name belongs to the name, not to the words."""
        if request.case_id:
            found = cases.participant_of_case(unit, request.case_id)
            return request, [found] if found else []
        about = request.about.lstrip("#")
        if about.isdecimal():
            found = cases.participant_of_number(unit, int(about))
            if request.action is Action.JUDGE:  # the one of this number, which may be closed
                request = replace(request, case_id=cases.id_of_number(unit, int(about)))
            return request, [found] if found else []
        named = people.people_named(unit, about) if about else []
        surname, _, words = request.words.partition(" ")
        if named and surname and (both := people.people_named(unit, f"{about} {surname}")):
            return replace(request, about=f"{about} {surname}", words=words.strip()), both
        return request, named

    def _through_the_door(
        self, unit: Unit, situation: Situation, staff: StaffMember, request: Request, registry: Registry
    ) -> Situation:
        """Ask the one door, and open what it leaves open."""
        actor = Actor(staff.id, staff.role)
        person = situation.participant
        if request.action is Action.WRITE:
            leave = authorize(actor, Action.WRITE, staff.id, Relation(self_=True), "own", unit.now)
            return replace(situation, grant=leave)
        if person is None:
            leave = authorize(actor, request.action, None, Relation(), "staff", unit.now)
            lines = cases.worklist(unit, staff, registry) if request.action is Action.LIST_CASES else ()
            return replace(situation, grant=leave, worklist=lines if isinstance(leave, Grant) else ())
        ties = relation(staff, person, situation.case, registry.roster, unit.now)
        if request.action is Action.FOLLOW_UP:
            task = request.words.partition("/")[2]
            ties = replace(ties, holder=ties.holder or cases.owner_of_task(unit, task) == staff.id)
        if request.action is Action.JUDGE:  # whoever held the case, also when it is closed
            ties = replace(ties, holder=ties.holder or cases.holder_of(unit, request.case_id) == staff.id)
        leave = authorize(actor, request.action, person.id, ties, "staff", unit.now)
        return replace(
            situation,
            grant=leave,
            record=self._record(unit, situation, actor, ties) if isinstance(leave, Grant) else None,
            uncertain=self._uncertain(unit, request, staff),
        )

    def _record(self, unit: Unit, situation: Situation, actor: Actor, ties: Relation) -> Record | None:
        staff, person, case = situation.staff, situation.participant, situation.case
        if staff is None or person is None or case is None or not privacy.may_name(staff):
            return None
        if not care_team.situation_needs_record(situation):
            return None
        leave = authorize(actor, Action.SEE_CASE, person.id, ties, "handoff", unit.now)
        if not isinstance(leave, Grant):
            return None
        return cases.record(unit, leave, person.id, case.id, privacy.first_name(staff, person))

    def _uncertain(self, unit: Unit, request: Request, staff: StaffMember) -> Phi[str] | None:
        if request.name != "resend":
            return None
        words = outbox.words_of(unit, request.words.partition("/")[2], staff.id)
        return Phi(words) if words is not None else None

    # -- the machine's own troubles --------------------------------------------------------------------------------

    def tell_operators(self, unit: Unit, content: str, **slots: object) -> None:
        """A fault of the machine, to whoever runs it; without health content."""
        roster = self.registry(unit).roster
        self._tell(unit, people.operators(roster), content, **slots)

    def tell_unopened(self, unit: Unit) -> set[tuple[str, str]]:
        """Rows that could not be opened were left out; the operators hear of each once, as long as we run."""
        fresh = set(unit.unopened) - self.told_unopened
        for table, row_id in sorted(fresh):
            log.error("something in the database could not be opened", kind=table, message=row_id)
            unit.ledger.note(unit.now, "handrail", "unopened", None, table, row_id, {})
        if fresh:
            self.tell_operators(unit, "care.unopened", count=len(fresh))
        return fresh

    def _tell(self, unit: Unit, staff_ids: Sequence[str], content: str, **slots: object) -> None:
        registry = self.registry(unit)
        line = self.library().line("", content, slots)
        messages = [
            Outbound(staff_id, line.text, Urgency.CRISIS, line.content, replaces=f"fault:{content}")
            for staff_id in staff_ids
        ]
        outbox.promise(unit, [(one, registry.address_of.get(one.to, ""), one.to) for one in messages])


def _with_history(unit: Unit, situation: Situation, event: Event, library: Library) -> Situation:
    """With the participant's past, for the few events that may change what shows over time."""
    person, needs = situation.participant, over_time.needed(situation, event, library)
    if person is None or needs is None:
        return situation
    return replace(situation, history=histories.load(unit, person.id, person.zone, needs))


def _is_not_for_us(event: Arrival | Due) -> bool:
    """Nobody said anything, or two people show each other something in a room of their own."""
    if not isinstance(event, Arrival):
        return False
    shown_to_each_other = {"wordless", "location", "tap"}
    return event.kind == "seen" or (event.kind in shown_to_each_other and is_of_two(event.room))


def _said(unit: Unit, arrival: Arrival, heard: Assessment, asked: tuple[str, str] = ("", "")) -> Said:
    return Said(
        arrival.id, arrival.person_id, unit.now, arrival.body, heard, arrival.mark, arrival.edits, asked, arrival.room
    )


def _without_words(unit: Unit, arrival: Arrival) -> Wordless | Noticed:
    kind = Wordless if arrival.kind == "wordless" else Noticed
    return kind(arrival.id, arrival.person_id, unit.now, arrival.body.reveal())


#: What the assessment reads of a very long message: its beginning and its end. All of it is kept.
HEARD_AT_MOST = 16_000


def clipped(words: str) -> str:
    """The part of a message that is assessed; for all but monstrous ones, the whole of it."""
    if len(words) <= 2 * HEARD_AT_MOST:
        return words
    return f"{words[:HEARD_AT_MOST]}\n{words[-HEARD_AT_MOST:]}"
