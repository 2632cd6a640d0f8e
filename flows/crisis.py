"""What a participant meets in a crisis: numbers at once, one question, their own plan one step at a time.

The numbers are on the screen before anything else is decided, and whatever is answered, a way to a person stays there.
Nothing in here lowers a level: "I'm safe" is a new fact for the clinician, not an all-clear.
"""

from __future__ import annotations

from flows import climbing, escalation, telling
from flows.answer import understand
from flows.event import Due, Said, Tapped
from flows.level import Level
from flows.machine import Table
from flows.message import Choice, Outbound, Urgency
from flows.phi import Phi
from flows.plan import WALK, next_entry
from flows.risk import Signal, read_score
from flows.schedule import local_date
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


def in_crisis(draft: Draft) -> bool:
    """Whether the crisis conversation waits for an answer."""
    return draft.talk.conversation == "crisis"


# -- coming in -----------------------------------------------------------------------------------------------------


def call_for_help(draft: Draft, how: str) -> None:
    """The key that is always on the screen, or the word help: numbers at once, a page at once, no second tap."""
    _numbers(draft, Level.EMERGENCY)
    signal = Signal("CALL-FOR-HELP", 1, Level.EMERGENCY, "acute_distress", 0, 0, Phi(how), "Asked for help now.")
    paged = escalation.listen(draft, (signal,), Phi(how))
    _say_who_was_told(draft, paged)
    ask_safe(draft)
    draft.due("quiet", draft.now + draft.library.settings.crisis.quiet_after, "crisis")


def disclosed(draft: Draft, signals: tuple[Signal, ...], words: Phi[str]) -> None:
    """A signal at urgent or above, in words or in an answer: safety first, then the one question."""
    level = max(signal.level for signal in signals)
    paged_before = draft.case is not None and draft.open_case.level >= level and draft.open_case.unresolved
    _numbers(draft, level)
    paged = escalation.listen(draft, signals, words)
    if paged or not paged_before:
        _say_who_was_told(draft, paged)
    else:
        draft.say("crisis.heard", urgency=CRISIS)
    if draft.talk.step == "danger" and in_crisis(draft):
        _ask(draft, "danger")
    else:
        ask_safe(draft)
    draft.due("quiet", draft.now + 5 * draft.library.settings.crisis.quiet_after, "crisis")


def worried(draft: Draft, signals: tuple[Signal, ...], words: Phi[str]) -> None:
    """A watch: kept for the therapist, and one direct question, at most once a day."""
    escalation.listen(draft, signals, words)
    person = draft.situation.participant
    today = local_date(draft.now, person.zone).isoformat() if person else ""
    if draft.talk.worried == today:
        draft.say("everyday.received")
        return
    draft.change_talk(conversation="crisis", unclear=0, asked=0, worried=today)
    _ask(draft, "direct")


def numbers_only(draft: Draft) -> None:
    """While a human speaks, this is all the program says when help is called for."""
    draft.say("crisis.emergency", urgency=CRISIS)


def _numbers(draft: Draft, level: Level) -> None:
    draft.say("crisis.emergency" if level is Level.EMERGENCY else "crisis.lines", urgency=CRISIS)


def _say_who_was_told(draft: Draft, paged: bool) -> None:
    """Who was asked and until when, only as far as it is true."""
    case = draft.case
    if not paged or case is None or not case.paged:
        if case is not None and case.holder_id:
            draft.say("crisis.holder_knows", urgency=CRISIS, staff=draft.roster.name(case.holder_id))
        return
    person = draft.situation.participant
    therapist = person.therapist_id if person else ""
    by = telling.at_their_time(draft, climbing.next_time(draft))
    if therapist in case.paged:
        draft.say("crisis.told_therapist", urgency=CRISIS, staff=draft.roster.name(therapist), by=by)
    else:
        draft.say("crisis.told", urgency=CRISIS, by=by)


def ask_safe(draft: Draft) -> None:
    """The one question that everything else waits for."""
    draft.change_talk(conversation="crisis", section="", index=-1, worse=0, unclear=0, asked=0)
    _ask(draft, "safe")


def _ask(draft: Draft, step: str, content: str = "", **slots: object) -> None:
    """Put a question of this conversation; it waits until it is answered or something worse is said."""
    draft.change_talk(step=step, asked=draft.talk.asked + 1 if draft.talk.step == step else 1)
    line = draft.line(content or f"crisis.{step}", **slots)
    choices = line.choices or draft.choices(f"crisis.{step}")
    draft.send(_question(draft, line.text, line.content, f"crisis.{step}", choices))


# -- answers -------------------------------------------------------------------------------------------------------


def answered(draft: Draft, choice: str) -> None:
    """One answer in the crisis conversation. An answer that is a signal fires before anything else is said."""
    step = draft.talk.step
    _hear_answer(draft, step, choice)
    draft.change_talk(unclear=0)
    draft.drop("quiet", "crisis")
    draft.drop("trying", "crisis")
    if not WALKS.can(step, choice):
        _repeat(draft)
        return
    _go(draft, step, choice)


def _hear_answer(draft: Draft, step: str, choice: str) -> None:
    draft.answered(f"crisis.{step}", choice)
    draft.change_talk(worse=draft.talk.worse + 1 if choice == "worse" else draft.talk.worse)
    count = draft.talk.worse if choice == "worse" else 1
    signals = read_score(f"crisis.{step}", choice, draft.library.scores, count=count)
    if signals and max(signal.level for signal in signals) >= Level.URGENT:
        urgent = max(signal.level for signal in signals)
        if urgent is Level.EMERGENCY or step != "helped":
            _numbers(draft, urgent)
    if escalation.listen(draft, signals, Phi(choice)):
        _say_who_was_told(draft, True)
    elif draft.case is not None:
        draft.happened("answered", detail=f"{step} {choice}")


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
        _ask(draft, "again")
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
    _ask(draft, "danger")


def _offer(draft: Draft, step: str, choice: str) -> None:
    """The next thing from the participant's own plan."""
    place = _next_place(draft, step, choice)
    if place is None:
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
    _ask(draft, "offer", f"crisis.offer_{section}", entry=entry)


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
    _ask(draft, "offer", "crisis.offer_general")


def _try_it(draft: Draft) -> None:
    """The answers to "Did this help?" are on the screen from the start, so nobody has to wait for the clock."""
    settings = draft.library.settings.crisis
    plan = draft.situation.plan.section(draft.talk.section)
    entry = plan[draft.talk.index].text.reveal() if 0 <= draft.talk.index < len(plan) else ""
    content = "crisis.helped" if entry else "crisis.helped_general"
    _ask(draft, "helped", content, entry=entry)
    draft.due("trying", draft.now + settings.try_for, "crisis")


def _next_hour(draft: Draft) -> None:
    if matters := draft.situation.plan.first("reason_for_living"):
        draft.say("crisis.matters", entry=matters)
    _ask(draft, "next_hour")


def _settle(draft: Draft, step: str, choice: str) -> None:
    """The end of the walk, never the end of the way to a person. A check-back is set and named."""
    settings = draft.library.settings.crisis
    paged = draft.case is not None and draft.open_case.level >= Level.URGENT
    if step == "direct":
        draft.say("crisis.direct_no" if choice == "no" else "crisis.direct_unsaid")
    else:
        by = telling.at_their_time(draft, draft.now + settings.check_back_after)
        draft.say("crisis.close", by=by)
        draft.due("check_back", draft.now + settings.check_back_after, "crisis")
    if paged and draft.case is not None and draft.open_case.holder_id:
        draft.say("crisis.holder_knows", staff=draft.roster.name(draft.open_case.holder_id))
    draft.change_talk(conversation="", step="", ref="", section="", index=-1, worse=0, asked=0)


def understood(draft: Draft, event: Said) -> str:
    """The answer that typed words give to the pending question, or nothing."""
    person = draft.situation.participant
    step = draft.library.step(person.language if person else "", f"crisis.{draft.talk.step}")
    return understand(event.text.reveal(), step)


def said_freely(draft: Draft, event: Said) -> None:
    """Words instead of an answer. They are kept for the clinician; the question is put again once, gently."""
    if draft.case is not None:
        draft.happened("said", words=event.text)
    if draft.talk.step == "next_hour":
        draft.answered("crisis.next_hour", event.text.reveal())
        _go(draft, "next_hour", "said")
        return
    draft.change_talk(unclear=draft.talk.unclear + 1)
    if draft.talk.unclear > 1:
        draft.say("crisis.no_button_needed", urgency=CRISIS)
        return
    draft.say("crisis.unclear")
    _repeat(draft)


def _repeat(draft: Draft) -> None:
    """The pending question again, as it stands in the file, without starting anything over."""
    step = draft.talk.step
    content = {"offer": "crisis.offer_again", "helped": "crisis.helped_again"}.get(step, f"crisis.{step}")
    line = draft.line(content)
    choices = line.choices or draft.choices(f"crisis.{step}")
    draft.send(_question(draft, line.text, line.content, f"crisis.{step}", choices))


# -- clocks --------------------------------------------------------------------------------------------------------


def quiet(draft: Draft, due: Due) -> None:
    """No answer after a call for help: the numbers once more. The page has long been sent."""
    if in_crisis(draft) and draft.talk.step == "safe" and draft.talk.asked < 3 and not _human_speaks(draft):
        draft.say("crisis.quiet", urgency=CRISIS)
        draft.change_talk(asked=draft.talk.asked + 1)


def time_is_up(draft: Draft, due: Due) -> None:
    """A few minutes of trying are over: did this help?"""
    if in_crisis(draft) and draft.talk.step == "helped" and not _human_speaks(draft):
        _repeat(draft)


def check_back(draft: Draft, due: Due) -> None:
    """As promised: how is it now?"""
    if draft.talk.conversation or _human_speaks(draft):
        return
    draft.say("crisis.check_back", urgency=CRISIS)
    ask_safe(draft)


def _human_speaks(draft: Draft) -> bool:
    return draft.case is not None and bool(draft.open_case.speaker_id)


def tapped(draft: Draft, event: Tapped) -> None:
    """A button of this conversation. An old one still counts where it says that somebody is in danger."""
    step = event.question.partition(".")[2]
    if in_crisis(draft) and step == draft.talk.step:
        answered(draft, event.choice)
    elif read_score(event.question, event.choice, draft.library.scores) and not event.again:
        draft.change_talk(conversation="crisis", step=step)
        answered(draft, event.choice)
    elif not event.again:
        draft.say("everyday.old_button")
        if in_crisis(draft):
            _repeat(draft)


def _question(draft: Draft, text: str, content: str, question: str, choices: tuple[Choice, ...]) -> Outbound:
    return Outbound(
        to=draft.participant_id, text=text, urgency=CRISIS, content=content, choices=choices, question=question
    )
