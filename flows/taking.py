"""A human being takes a case: acknowledged, engaged, resolved, closed; or falls silent, and the climb goes on."""

from __future__ import annotations

from flows import direct, over_time
from flows.case import CASES, FollowUp
from flows.escalation import ask_somebody, stop_clocks
from flows.level import Level
from flows.message import Urgency
from flows.phi import Phi
from flows.policy import Role
from flows.telling import BOT, at_programme_time, people_with, therapist_id
from flows.turn import Draft


def acknowledge(draft: Draft, staff_id: str) -> None:
    """A human being has it. The others are told who; the participant is told who; the clock for silence starts."""
    case = draft.open_case
    ladder = draft.library.escalation.of(case.level)
    stop_clocks(draft)
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
    """Nobody has the case any more: go on climbing from where the ladder stood, with the same distances.

    Whoever is speaking with the participant goes on speaking.
    """
    case = draft.open_case
    tiers = draft.library.escalation.of(case.level).tiers
    ahead = tiers[min(case.tier + 1, len(tiers) - 1)].after
    draft.change_case(state=CASES.move(case.state, trigger), holder_id="", ladder_at=draft.now - ahead)
    stop_clocks(draft)
    ask_somebody(draft)


def engage(draft: Draft, staff_id: str, how: str) -> None:
    """First contact: the case is in somebody's hands. They are reminded while it stays unresolved."""
    case = draft.open_case
    stop_clocks(draft)
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
    stop_clocks(draft)
    draft.change_case(state=CASES.move(case.state, "resolve"), resolved_at=draft.now, holder_id=staff_id, speaker_id="")
    draft.happened("resolved", by=staff_id, words=Phi(reason))
    draft.note(staff_id, "resolved", "case", case.id, level=case.level.word)
    owner = therapist_id(draft) or staff_id
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
    direct.conversation_ends(draft)
    over_time.silence_ends(draft)  # somebody has looked: if the silence goes on, it is counted anew
    draft.happened("closed", by=staff_id, words=Phi(reason))
    draft.note(staff_id, "closed", "case", case.id, level=case.level.word)
