"""Climbing a ladder: who is asked now, who next, and when.

Whatever happens in whatever order, an open case that pages people always has a next person and a next time.
"""

from __future__ import annotations

from datetime import datetime

from flows.ladder import Ladder, people_of, told_of
from flows.level import Level
from flows.message import Page, Urgency
from flows.telling import BOT, at_programme_time, operators, therapist_id
from flows.turn import Draft

#: At the top the participant hears of every third repeat, up to this one.
LAST_TRUTH = 4


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
        people = people_of(tier, draft.roster, therapist_id(draft), draft.now)
        told = told_of(tier, draft.roster, therapist_id(draft), draft.now)
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
        person for tier in ladder.tiers for person in people_of(tier, draft.roster, therapist_id(draft), draft.now)
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
        if case.round:
            ring(draft, person)
        elif has_pager(draft, person):
            second = draft.now + draft.library.escalation.of(case.level).pager_after
            draft.due("second_way", second, f"{case.id}/{person}", {"person": person})


def has_pager(draft: Draft, person: str) -> bool:
    """Whether somebody has a confirmed pager, besides the channel they are met on."""
    member = draft.roster.member(person)
    return member is not None and member.pager


def ring(draft: Draft, person: str) -> None:
    """Ask somebody by their pager as well, if they have one. What leaves by it is less than a page holds: see
    `bot/channels/pager`."""
    case = draft.open_case
    if not has_pager(draft, person):
        return
    draft.tell(
        person,
        "care.page_again",
        urgency=Urgency.CRISIS,
        slots={
            "level": case.level.word.upper(),
            "case": case.number,
            "by": at_programme_time(draft, next_time(draft)),
            "others": "",
        },
        question="care.page",
        ref=case.id,
        page=Page(case.number, case.level, case.tier, case.round),
        replaces=f"page:{case.id}",
        via="pager",
    )
    draft.happened("rung", detail=person)
    draft.note(BOT, "rung", "case", case.id, person=person)


def ring_if_waiting(draft: Draft, person: str) -> None:
    """Their time on the usual channel is over: they are rung, unless they said that they cannot."""
    case = draft.open_case
    if case.state == "open" and person in case.paged and person not in case.out:
        ring(draft, person)


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
    begun = top if draft.now >= top else case.ladder_at  # empty tiers were passed over: the repeats begin early
    repeats = max(0, (draft.now - begun) // ladder.repeat_every) + 1
    return begun + repeats * ladder.repeat_every


def _wait_for_answer(draft: Draft, ladder: Ladder) -> None:
    draft.due("climb", next_time(draft), draft.open_case.id)


def _nobody_at_all(draft: Draft) -> None:
    """No tier has anybody. Whoever is there at all hears of it, and the participant is told the truth."""
    case = draft.open_case
    draft.happened("nobody_to_page")
    draft.note(BOT, "nobody_to_page", "case", case.id)
    for person in dict.fromkeys([*operators(draft), therapist_id(draft)]):
        if draft.roster.member(person) is not None:
            draft.tell(person, "care.nobody_on_ladder", urgency=Urgency.CRISIS, slots={"case": case.number})
    if case.round % 3 == 1:
        _tell_the_truth(draft, "crisis.nobody_to_ask")


def _tell_the_truth(draft: Draft, content: str = "crisis.still_asking") -> None:
    """The participant hears that nobody has answered yet, or could be asked, and what helps meanwhile: three times,
    then it is known.

    Somebody who is merely silent asked for nothing, and is not written to through the night.
    """
    asked_for_help = not draft.talk.missed
    if asked_for_help and not draft.open_case.speaker_id and draft.open_case.round <= LAST_TRUTH:
        draft.say(content, urgency=Urgency.CRISIS)


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
    return set(people_of(tiers[case.tier], draft.roster, therapist_id(draft), draft.now)) <= case.out
