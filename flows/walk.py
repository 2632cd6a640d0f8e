"""The walk through a participant's own plan: each answer leads to the next thing, and never away from a person.

"I'm safe" is a new fact for the clinician, not an all-clear: nothing in here lowers a level.
"""

from __future__ import annotations

from flows import escalation, telling
from flows.asking import ask, ask_safe, numbers, repeat, say_who_was_told
from flows.event import Said
from flows.level import Level
from flows.machine import Table
from flows.message import Urgency
from flows.phi import Phi
from flows.plan import WALK, next_entry
from flows.plan_words import plan_in_words
from flows.policy import Grant
from flows.risk import as_shown, read_score
from flows.turn import Draft

WALKS = Table(
    "crisis conversation",
    "safe",
    [
        ("safe", "safe", "offer", "the plan, one thing at a time"),
        ("unsure", "safe", "offer", "the same, and a person is asked"),
        ("not_safe", "safe", "danger", "numbers, a person, distance from means"),
        ("safe", "danger", "offer", "safer now"),
        ("unsure", "danger", "offer", "not worse"),
        ("not_safe", "danger", "danger", "numbers again; the page goes on"),
        ("start", "offer", "helped", "try it for a few minutes"),
        ("another", "offer", "offer", "not this one"),
        ("people", "offer", "offer", "straight to people"),
        ("a_lot", "helped", "again", "good: once more, or stop here"),
        ("a_bit", "helped", "again", "good: once more, or stop here"),
        ("no", "helped", "offer", "the next one"),
        ("worse", "helped", "offer", "straight to people who know"),
        ("again", "again", "helped", "the same once more"),
        ("stop", "again", "next_hour", "what comes after"),
        ("run_out", "offer", "next_hour", "the plan is through"),
        ("no", "direct", "settled", "asked directly, and answered no"),
        ("unsure", "direct", "safe", "asked directly"),
        ("yes", "direct", "safe", "asked directly"),
        ("unsaid", "direct", "settled", "kept back: the way to a person stays"),
        ("said", "next_hour", "settled", "a plan for the next hour"),
    ],
)
CRISIS = Urgency.CRISIS


def answered(draft: Draft, choice: str) -> None:
    """One answer in the crisis conversation. An answer that is a signal fires before anything else is said."""
    step = draft.talk.step
    _hear_answer(draft, step, choice)
    draft.change_talk(unclear=0)
    draft.drop("quiet", "crisis")
    draft.drop("trying", "crisis")
    if not WALKS.can(step, choice):
        repeat(draft)
        return
    _go(draft, step, choice)


def _hear_answer(draft: Draft, step: str, choice: str) -> None:
    draft.answered(f"crisis.{step}", choice)
    draft.change_talk(worse=draft.talk.worse + 1 if choice == "worse" else draft.talk.worse)
    count = draft.talk.worse if choice == "worse" else _heard_before(draft, step) + 1
    draft.change_talk(doubted="")
    signals = read_score(f"crisis.{step}", choice, draft.library.scores, count=count)
    if signals and max(signal.level for signal in signals) >= Level.URGENT:
        urgent = max(signal.level for signal in signals)
        if urgent is Level.EMERGENCY or step != "helped":
            numbers(draft, urgent)
    label = draft.label(f"crisis.{step}", choice)
    if escalation.listen(draft, as_shown(signals, label), Phi(label)):
        say_who_was_told(draft, True)
    elif draft.case is not None:
        draft.happened("answered", detail=f"{step} {choice}")


def _heard_before(draft: Draft, step: str) -> int:
    """Words that an urgent rule called unclear stand behind the direct question; an answer that is kept back does not
    settle them."""
    return int(step == "direct" and bool(draft.talk.doubted))


def _go(draft: Draft, step: str, choice: str) -> None:
    to = WALKS.move(step, choice)
    if to == "danger":
        _danger(draft)
    elif to == "safe":
        ask_safe(draft)
    elif to == "settled":
        _settle(draft, step, choice)
    elif to == "helped":
        _try_it(draft)
    elif to == "again":
        ask(draft, "again")
    elif to == "next_hour":
        _next_hour(draft)
    else:
        _offer(draft, step, choice)


def _danger(draft: Draft) -> None:
    """Not safe: people and distance from means, in strong words; no exercise first (clinical protocol 1.3, 2)."""
    plan = draft.situation.plan
    if helper := plan.first("crisis_support"):
        draft.say("crisis.call_them", urgency=CRISIS, entry=helper)
    if means := plan.first("environment_safety"):
        draft.say("crisis.safer_now", urgency=CRISIS, entry=means)
    ask(draft, "danger")


def _offer(draft: Draft, step: str, choice: str) -> None:
    """The next thing from the participant's own plan."""
    place = _next_place(draft, step, choice)
    if place is None:
        if choice in ("people", "worse"):
            draft.say("crisis.lines", urgency=CRISIS)  # nobody is named in the plan, and a person is needed
        if step == "offer" or draft.talk.section:
            _next_hour(draft)
        else:
            _offer_general(draft)
        return
    section, index = place
    draft.change_talk(section=section, index=index)
    entry = draft.situation.plan.section(section)[index].text.reveal()
    if section in ("crisis_support", "professional_support") and (
        means := draft.situation.plan.first("environment_safety")
    ):
        _ask_means_once(draft, means, index)
    ask(draft, "offer", f"crisis.offer_{section}", entry=entry)


def _ask_means_once(draft: Draft, means: str, index: int) -> None:
    """Asked, not commanded, together with the people who know (clinical protocol 1.3, 8)."""
    if index == 0:
        draft.say("crisis.safer", urgency=CRISIS, entry=means)


def _next_place(draft: Draft, step: str, choice: str) -> tuple[str, int] | None:
    plan, talk = draft.situation.plan, draft.talk
    if step in ("safe", "danger"):
        return next_entry(plan, WALK[0], -1)
    section = talk.section or WALK[0]
    if choice == "people":
        return next_entry(plan, WALK[1], -1) if section == WALK[0] else next_entry(plan, section, talk.index)
    if choice == "worse":
        return (
            next_entry(plan, "crisis_support", -1) if WALK.index(section) < 2 else next_entry(plan, section, talk.index)
        )
    return next_entry(plan, section, talk.index)


def _offer_general(draft: Draft) -> None:
    """No plan yet: a way to steady oneself that suits everybody, and a person."""
    draft.change_talk(section="internal_coping", index=0)
    ask(draft, "offer", "crisis.offer_general")


def _try_it(draft: Draft) -> None:
    """The answers to "Did this help?" are on the screen from the start, so nobody has to wait for the clock."""
    settings = draft.library.settings.crisis
    plan = draft.situation.plan.section(draft.talk.section)
    entry = plan[draft.talk.index].text.reveal() if 0 <= draft.talk.index < len(plan) else ""
    content = "crisis.helped" if entry else "crisis.helped_general"
    ask(draft, "helped", content, entry=entry)
    draft.due("trying", draft.now + settings.try_for, "crisis")


def _next_hour(draft: Draft) -> None:
    if matters := draft.situation.plan.first("reason_for_living"):
        draft.say("crisis.matters", urgency=CRISIS, entry=matters)
    ask(draft, "next_hour")


def _settle(draft: Draft, step: str, choice: str) -> None:
    """The end of the walk, never the end of the way to a person. A check-back is set and named."""
    settings = draft.library.settings.crisis
    paged = draft.case is not None and draft.open_case.level >= Level.URGENT
    if step == "direct":
        draft.say("crisis.direct_no") if choice == "no" else _leave_the_way_open(draft)
    else:
        by = telling.at_their_time(draft, draft.now + settings.check_back_after)
        draft.say("crisis.close", by=by)
        draft.due("check_back", draft.now + settings.check_back_after, "crisis")
    if paged and draft.case is not None and draft.open_case.holder_id:
        draft.say("crisis.holder_knows", staff=draft.roster.name(draft.open_case.holder_id))
    draft.change_talk(conversation="", step="", ref="", section="", index=-1, worse=0, asked=0)


def _leave_the_way_open(draft: Draft) -> None:
    """Kept back: the lines and their own plan are shown, and nobody presses (clinical protocol 2.6)."""
    draft.say("crisis.direct_unsaid")
    plan = draft.situation.plan
    if plan.entries and isinstance(draft.situation.grant, Grant):
        draft.say("everyday.plan", plan=plan_in_words(draft, plan))


def said_freely(draft: Draft, event: Said) -> None:
    """Words instead of an answer. They are kept for the clinician; the question is put again once, gently. The direct
    question is not put again: whoever does not answer it has not been asked to."""
    if draft.case is not None:
        draft.happened("said", words=event.text)
    if draft.talk.step == "next_hour":
        draft.answered("crisis.next_hour", event.text.reveal())
        _go(draft, "next_hour", "said")
        return
    draft.change_talk(unclear=draft.talk.unclear + 1)
    if draft.talk.step == "direct" and draft.talk.unclear > 1:
        draft.say("everyday.received")
        return
    if draft.talk.step == "direct" or draft.talk.unclear > 1:
        draft.say("crisis.no_button_needed", urgency=CRISIS)
        return
    draft.say("crisis.unclear", urgency=CRISIS)
    repeat(draft)
