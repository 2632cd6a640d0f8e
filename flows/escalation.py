"""A signal becomes a case, a case climbs its ladder, until a human being has taken it.

Whatever happens in whatever order, an unresolved case that pages people always has a next person and a next time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flows.case import CASES, Case, FollowUp
from flows.ladder import Ladder, people_of, told_of
from flows.level import Level
from flows.message import Page, Urgency
from flows.people import StaffMember
from flows.phi import Phi
from flows.policy import Role
from flows.risk import Signal
from flows.turn import Draft

BOT = "handrail"


def listen(draft: Draft, signals: tuple[Signal, ...], words: Phi[str] | None = None) -> bool:
    """Keep what was heard and raise the case to its level. True when somebody is paged because of it."""
    if not signals:
        return False
    draft.heard(*signals)
    worst = max(signals, key=lambda signal: signal.level)
    draft.note(BOT, "signal_heard", "rule", worst.rule, version=worst.version, level=worst.level.word)
    return raise_case(draft, worst.level, worst.rule, words)


def raise_case(draft: Draft, level: Level, why: str, words: Phi[str] | None = None) -> bool:
    """Open a case, lift the open one, or let this join it. True when it rose to a level that pages people."""
    if level is Level.NONE:
        return False
    case = draft.case
    if case is None:
        _open(draft, level, why, words)
    elif level > case.level or (case.state == "resolved" and level >= Level.URGENT):
        _rise(draft, max(level, case.level), why, words)
    else:
        draft.happened("signal_joined", detail=why, words=words)
        _tell_holder(draft, level)
        return False
    return ask_somebody(draft)


def ask_somebody(draft: Draft) -> bool:
    """Page the next people of the case's ladder; a watch pages nobody and goes on the worklist. True if it pages."""
    if draft.open_case.level is Level.WATCH:
        _put_on_worklist(draft)
        return False
    climb(draft)
    return True


def _open(draft: Draft, level: Level, why: str, words: Phi[str] | None) -> None:
    situation = draft.situation
    draft.case = Case(
        id=situation.new_id,
        number=situation.next_case_number,
        participant_id=draft.participant_id,
        level=level,
        opened_at=draft.now,
        ladder_at=draft.now,
    )
    draft.happened("case_opened", detail=f"{level.word} {why}", words=words)
    draft.note(BOT, "case_opened", "case", situation.new_id, level=level.word, rule=why)


def _rise(draft: Draft, level: Level, why: str, words: Phi[str] | None) -> None:
    case = draft.open_case
    draft.change_case(
        state=CASES.move(case.state, "rise"),
        level=level,
        ladder_at=draft.now,
        tier=-1,
        round=0,
        out=frozenset(),
        holder_id="",
        paged=case.paged | ({case.holder_id} if case.holder_id else set()),
    )
    _stop_clocks(draft)
    if case.holder_id:
        draft.tell(case.holder_id, "care.new_signal", urgency=Urgency.CRISIS, slots={"case": case.number})
    draft.happened("level_raised", detail=f"{level.word} {why}", words=words)
    draft.note(BOT, "level_raised", "case", case.id, level=level.word, rule=why)


def _tell_holder(draft: Draft, level: Level) -> None:
    case = draft.open_case
    if level >= Level.URGENT and case.holder_id and case.state in {"acknowledged", "engaged"} and not case.speaker_id:
        draft.tell(case.holder_id, "care.new_signal", urgency=Urgency.CRISIS, slots={"case": case.number})


def _put_on_worklist(draft: Draft) -> None:
    """A watch is looked at in working hours: a line to the therapist when they are next at work, no page."""
    person = draft.situation.participant
    therapist = draft.roster.member(person.therapist_id) if person else None
    if therapist is None:
        leaders = people_with(draft, Role.SUPERVISOR)
        therapist = draft.roster.member(leaders[0]) if leaders else None
    if therapist is None:
        return
    at_work = therapist.hours.open_at(draft.now, therapist.zone)
    start = None if at_work else therapist.hours.opens_next(draft.now, therapist.zone)
    draft.tell(
        therapist.id,
        "care.watch",
        slots={"case": draft.open_case.number},
        question="care.watch",
        ref=draft.open_case.id,
        not_before=start,
    )
    if seen_by := _after_next_working_day(draft, therapist):
        draft.due("watch_overdue", seen_by, draft.open_case.id)


def _after_next_working_day(draft: Draft, therapist: StaffMember) -> datetime | None:
    """A watch is seen by the end of the next working day: found out when the working day after that begins."""
    first = therapist.hours.opens_next(draft.now, therapist.zone)
    return therapist.hours.opens_next(first, therapist.zone) if first else None


def watch_overdue(draft: Draft) -> None:
    """A watch that nobody has looked at goes to the supervisor's worklist."""
    draft.happened("watch_overdue")
    for person in people_with(draft, Role.SUPERVISOR) or people_with(draft, Role.DIRECTOR):
        draft.tell(
            person,
            "care.watch_overdue",
            slots={"case": draft.open_case.number},
            question="care.watch",
            ref=draft.open_case.id,
            choices=draft.choices("care.watch"),
        )


# -- climbing ------------------------------------------------------------------------------------------------------


def climb(draft: Draft) -> None:
    """Ask the next tier that somebody sits in; at the top, everybody again. Then set the clock for the one after."""
    case = draft.open_case
    ladder = draft.library.escalation.of(case.level)
    asked = _ask_next_tier(draft, ladder) or _ask_everybody_again(draft, ladder)
    case = draft.open_case
    if not asked and not case.paged:
        _nobody_at_all(draft)
    _wait_for_answer(draft, ladder)


def _ask_next_tier(draft: Draft, ladder: Ladder) -> bool:
    case = draft.open_case
    for number in range(case.tier + 1, len(ladder.tiers)):
        tier = ladder.tiers[number]
        draft.change_case(tier=number)
        people = people_of(tier, draft.roster, _therapist_id(draft), draft.now)
        told = told_of(tier, draft.roster, _therapist_id(draft), draft.now)
        _inform(draft, tuple(person for person in told if person not in people))
        if people:
            page(draft, people)
            if number == len(ladder.tiers) - 1:
                _tell_the_truth(draft)
            return True
        draft.happened("tier_empty", detail=str(number))
        draft.note(BOT, "tier_empty", "case", case.id, tier=number)
    return False


def _ask_everybody_again(draft: Draft, ladder: Ladder) -> bool:
    case = draft.open_case
    every = people_on(draft, ladder)
    draft.change_case(round=case.round + 1, out=frozenset(), tier=len(ladder.tiers) - 1)
    if every:
        page(draft, every)
    if every and draft.open_case.round % 3 == 1:
        _tell_the_truth(draft)
    return bool(every)


def people_on(draft: Draft, ladder: Ladder) -> tuple[str, ...]:
    """Everybody the whole ladder names right now, and everybody who was asked before and still works here."""
    now_on = [
        person for tier in ladder.tiers for person in people_of(tier, draft.roster, _therapist_id(draft), draft.now)
    ]
    before = [person for person in sorted(draft.open_case.paged) if draft.roster.member(person)]
    return tuple(dict.fromkeys([*now_on, *before]))


def page(draft: Draft, people: tuple[str, ...]) -> None:
    """Ask these people to take the case. A page holds no name and no health content, on any channel."""
    case = draft.open_case
    draft.change_case(paged=case.paged | set(people), out=case.out - set(people))
    for person in people:
        draft.tell(
            person,
            "care.page" if case.round == 0 else "care.page_again",
            urgency=Urgency.CRISIS,
            slots={
                "level": case.level.word.upper(),
                "case": case.number,
                "by": at_programme_time(draft, next_time(draft)),
                "others": _others(draft, people, person),
            },
            question="care.page",
            ref=case.id,
            page=Page(case.number, case.level, draft.open_case.tier, case.round),
            replaces=f"page:{case.id}",
        )
        draft.happened("paged", detail=person)
        draft.note(BOT, "paged", "case", case.id, person=person, tier=draft.open_case.tier, round=case.round)


def _others(draft: Draft, people: tuple[str, ...], person: str) -> str:
    names = [draft.roster.first_name(other) for other in people if other != person]
    return f" Also asked: {', '.join(names)}." if names else ""


def _inform(draft: Draft, people: tuple[str, ...]) -> None:
    case = draft.open_case
    for person in people:
        draft.tell(person, "care.copy", slots={"level": case.level.word.upper(), "case": case.number})


def next_time(draft: Draft) -> datetime:
    """When the next tier, or the next repeat, is due: counted from when the climb began, never from a restart."""
    case = draft.open_case
    ladder = draft.library.escalation.of(case.level)
    if case.tier + 1 < len(ladder.tiers):
        return case.ladder_at + ladder.tiers[case.tier + 1].after
    top = case.ladder_at + ladder.tiers[-1].after
    repeats = max(0, (draft.now - top) // ladder.repeat_every) + 1
    return top + repeats * ladder.repeat_every


def _wait_for_answer(draft: Draft, ladder: Ladder) -> None:
    draft.due("climb", next_time(draft), draft.open_case.id)


def _nobody_at_all(draft: Draft) -> None:
    """No tier has anybody. The operator hears of it, and the participant is told the truth."""
    case = draft.open_case
    draft.happened("nobody_to_page")
    draft.note(BOT, "nobody_to_page", "case", case.id)
    for person in people_with(draft, Role.OPERATOR):
        draft.tell(person, "care.nobody_on_ladder", urgency=Urgency.CRISIS, slots={"case": case.number})
    _tell_the_truth(draft)


def _tell_the_truth(draft: Draft) -> None:
    """The participant hears that nobody has answered yet, and what helps meanwhile."""
    if not draft.open_case.speaker_id:
        draft.say("crisis.still_asking", urgency=Urgency.CRISIS)


# -- answers to a page ---------------------------------------------------------------------------------------------


def out_of_reach(draft: Draft, staff_id: str, kind: str) -> None:
    """Somebody who was asked cannot: they declined, or no channel reaches them. When nobody is left, climb at once."""
    case = draft.open_case
    if staff_id in case.out:
        return
    draft.change_case(out=case.out | {staff_id})
    draft.happened(kind, by=staff_id)
    draft.note(staff_id, kind, "case", case.id)
    if case.state == "open" and case.level >= Level.URGENT and _tier_is_out(draft):
        climb(draft)


def _tier_is_out(draft: Draft) -> bool:
    """Nobody of the present tier is left, and there is a next one. At the top the repeat clock keeps its pace."""
    case = draft.open_case
    tiers = draft.library.escalation.of(case.level).tiers
    if case.tier + 1 >= len(tiers):
        return False
    return set(people_of(tiers[case.tier], draft.roster, _therapist_id(draft), draft.now)) <= case.out


def acknowledge(draft: Draft, staff_id: str) -> None:
    """A human being has it. The others are told who; the participant is told who; the clock for silence starts."""
    case = draft.open_case
    ladder = draft.library.escalation.of(case.level)
    _stop_clocks(draft)
    draft.change_case(
        state=CASES.move(case.state, "acknowledge"), holder_id=staff_id, acknowledged_at=draft.now, out=frozenset()
    )
    if case.level >= Level.URGENT:
        draft.due("lapse", draft.now + ladder.engage_within, case.id)
    draft.happened("acknowledged", by=staff_id)
    draft.note(staff_id, "acknowledged", "case", case.id)
    _tell_the_others(draft, staff_id)
    if case.level >= Level.URGENT and not case.speaker_id:
        draft.say("crisis.seen", urgency=Urgency.CRISIS, staff=draft.roster.name(staff_id))


def _tell_the_others(draft: Draft, staff_id: str) -> None:
    case = draft.open_case
    for other in sorted(case.paged - {staff_id}):
        draft.tell(
            other,
            "care.taken",
            slots={
                "case": case.number,
                "holder": draft.roster.name(staff_id),
                "since": at_programme_time(draft, draft.now),
            },
            replaces=f"page:{case.id}",
        )


def tell_change_of_holder(draft: Draft, staff_id: str) -> None:
    """Somebody takes a case over: whoever held it, or was asked, is told."""
    case = draft.open_case
    if case.holder_id and case.holder_id not in case.paged:
        draft.change_case(paged=case.paged | {case.holder_id})
    _tell_the_others(draft, staff_id)


def lapse(draft: Draft) -> None:
    """Taken, then silence: the holder is told, and the next tier is asked as if it were due now."""
    case = draft.open_case
    holder = case.holder_id
    draft.happened("lapsed", by=holder)
    draft.note(BOT, "acknowledgement_lapsed", "case", case.id, person=holder)
    draft.tell(holder, "care.lapsed", urgency=Urgency.CRISIS, slots={"case": case.number})
    reopen(draft, "lapse")


def reopen(draft: Draft, trigger: str) -> None:
    """Nobody has the case any more: go on climbing from where the ladder stood, with the same distances."""
    case = draft.open_case
    tiers = draft.library.escalation.of(case.level).tiers
    ahead = tiers[min(case.tier + 1, len(tiers) - 1)].after
    draft.change_case(state=CASES.move(case.state, trigger), holder_id="", speaker_id="", ladder_at=draft.now - ahead)
    _stop_clocks(draft)
    ask_somebody(draft)


def engage(draft: Draft, staff_id: str, how: str) -> None:
    """First contact: the case is in somebody's hands. They are reminded while it stays unresolved."""
    case = draft.open_case
    _stop_clocks(draft)
    draft.change_case(
        state=CASES.move(case.state, "engage"),
        holder_id=staff_id,
        acknowledged_at=case.acknowledged_at or draft.now,
        engaged_at=case.engaged_at or draft.now,
    )
    remind_later(draft)
    draft.happened("engaged", by=staff_id, detail=how)
    draft.note(staff_id, "engaged", "case", case.id, how=how)


def remind_later(draft: Draft) -> None:
    """Even a case in good hands has a next time."""
    case = draft.open_case
    every = draft.library.escalation.of(case.level).remind_engaged_every
    draft.due("unresolved", draft.now + every, case.id)


def still_unresolved(draft: Draft) -> None:
    """Engaged for long without an outcome: the holder and the supervisor are reminded."""
    case = draft.open_case
    for person in dict.fromkeys([case.holder_id, *people_with(draft, Role.SUPERVISOR)]):
        draft.tell(
            person,
            "care.unresolved",
            slots={"case": case.number, "holder": draft.roster.name(case.holder_id)},
            question="care.case",
            ref=case.id,
        )
    draft.happened("reminded")
    remind_later(draft)


def resolve(draft: Draft, staff_id: str, reason: str) -> None:
    """The danger is over, says a clinician, and why. Follow-up begins with its own clocks."""
    case = draft.open_case
    _stop_clocks(draft)
    draft.change_case(state=CASES.move(case.state, "resolve"), resolved_at=draft.now, holder_id=staff_id, speaker_id="")
    draft.happened("resolved", by=staff_id, words=Phi(reason))
    draft.note(staff_id, "resolved", "case", case.id, level=case.level.word)
    owner = _therapist_id(draft) or staff_id
    draft.follow_up(
        *(
            FollowUp(rule.id, draft.now + rule.after, owner, case.id, case.number, case.participant_id)
            for rule in draft.library.escalation.of(case.level).follow_ups
            if case.level >= Level.URGENT
        )
    )


def close(draft: Draft, staff_id: str, reason: str) -> None:
    """Closed by a clinician, with a reason. The history stays."""
    case = draft.open_case
    draft.change_case(state=CASES.move(case.state, "close"))
    draft.happened("closed", by=staff_id, words=Phi(reason))
    draft.note(staff_id, "closed", "case", case.id, level=case.level.word)


# -- small things --------------------------------------------------------------------------------------------------


def _stop_clocks(draft: Draft) -> None:
    for kind in ("climb", "lapse", "unresolved", "watch_overdue"):
        draft.drop(kind)


def _therapist_id(draft: Draft) -> str:
    person = draft.situation.participant
    return person.therapist_id if person else ""


def people_with(draft: Draft, role: Role) -> tuple[str, ...]:
    """Everybody of one role."""
    return tuple(person.id for person in draft.roster.staff if person.role is role)


def operators(draft: Draft) -> tuple[str, ...]:
    """Who hears of faults of the machine: operators, else supervisors, else directors, else whoever works here."""
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.DIRECTOR, Role.THERAPIST):
        if found := people_with(draft, role):
            return found
    return ()


def at_programme_time(draft: Draft, at: datetime) -> str:
    """A time of day as staff read it."""
    return _clock(at, draft.library.settings.programme.zone, draft.now)


def at_their_time(draft: Draft, at: datetime) -> str:
    """A time of day as the participant reads it."""
    person = draft.situation.participant
    return _clock(at, person.zone if person else draft.library.settings.programme.zone, draft.now)


def _clock(at: datetime, zone: str, now: datetime) -> str:
    local = at.astimezone(ZoneInfo(zone))
    far = at - now > timedelta(hours=20)
    return f"{local:%a} {local:%H:%M}" if far else f"{local:%H:%M}"
