"""What a therapist gets when they take a case: readable in ten seconds, the person's own words quoted, nothing guessed.

It is for private channels only (`flows/privacy.py`).
"""

from __future__ import annotations

from dataclasses import replace

from flows import privacy, telling
from flows.case import CASES
from flows.content import Line
from flows.durations import in_words as length_in_words
from flows.ladder import sits
from flows.level import Level
from flows.plan_words import plan_in_words as whole_plan
from flows.rota import LAYERS
from flows.situation import Heard, Record
from flows.turn import Draft

SHOWN_SIGNALS = 3
SHOWN_MESSAGES = 4
QUOTED = 500
#: The longest text that every channel carries in one message, with room for a name.
RELAYED = 3500


def clip(words: str, at_most: int = QUOTED) -> str:
    """Words for a small screen; where some are left out it says so, and the whole is kept."""
    return words if len(words) <= at_most else f"{words[:at_most]}… ({len(words)} characters)"


def whole(draft: Draft) -> Line:
    """The whole handoff as one text, with the buttons of the case."""
    head = _head(draft)
    blocks = [
        [head.text],
        _signals(draft),
        _messages(draft),
        _place(draft) + _position(draft) + _medical(draft),
        _plan_start(draft) + _timeline(draft) + _pages_read(draft) + _moods(draft),
    ]
    text = "\n\n".join("\n".join(block) for block in blocks if block)
    return replace(head, text=text, choices=tuple(choice for choice in head.choices if _possible(draft, choice.id)))


def _possible(draft: Draft, choice: str) -> bool:
    """Whether this button can do anything as the case stands."""
    case = draft.open_case
    if choice in {"resolve", "close"}:
        return CASES.can(case.state, choice)
    if choice == "hand_back":
        return bool(case.speaker_id)
    return case.unresolved and not case.speaker_id


def _record(draft: Draft) -> Record:
    return draft.situation.record or Record()


def _head(draft: Draft) -> Line:
    case, person = draft.open_case, draft.situation.participant
    since = telling.at_programme_time(draft, case.opened_at)
    return draft.staff_line(
        "care.case",
        case=case.number,
        level=case.level.word.upper(),
        name=privacy.full_name(draft.situation.staff, person),
        since=since,
        state=case.state,
        holder=draft.roster.name(case.holder_id) if case.holder_id else "nobody yet",
    )


def _signals(draft: Draft) -> list[str]:
    heard = sorted(_record(draft).heard, key=lambda one: (one.level, one.at), reverse=True)[:SHOWN_SIGNALS]
    return [_signal(draft, one) for one in heard]


def _signal(draft: Draft, heard: Heard) -> str:
    at = telling.at_programme_time(draft, heard.at)
    return (
        f"{at} {heard.level.word}: “{clip(heard.words.reveal())}” ({heard.explain} Rule {heard.rule} v{heard.version}.)"
    )


def _messages(draft: Draft) -> list[str]:
    latest = _record(draft).messages[-SHOWN_MESSAGES:]
    return [
        f"{telling.at_programme_time(draft, at)} {who}: “{clip(words.reveal())}”" for at, who, words in latest if who
    ]


def _plan_start(draft: Draft) -> list[str]:
    plan = draft.situation.plan
    parts = [
        f"{draft.line(f'everyday.title_{section}').text}: {plan.first(section)}"
        for section in ("internal_coping", "crisis_support", "environment_safety")
        if plan.first(section)
    ]
    return ["Plan: " + "; ".join(parts)] if parts else ["Plan: none yet."]


def _place(draft: Draft) -> list[str]:
    person = draft.situation.participant
    if person is None or person.location is None:
        return ["Location: not known. Ask first."]
    place = person.location.reveal()
    number = f" Local emergency number: {place.emergency_number}." if place.emergency_number else ""
    verified = f" Verified {place.verified}." if place.verified else " Not verified."
    return [f"Location ({place.label}): {place.address}.{number}{verified} Your own 911 reaches your own area."]


def _position(draft: Draft) -> list[str]:
    """Where the participant last said they are: a shared position counts more than an address."""
    shared = [fact for fact in _record(draft).facts if fact.kind == "shared_position" and fact.words is not None]
    return [
        f"Shared position, {telling.at_programme_time(draft, fact.at)}: {fact.words.reveal()}."
        for fact in shared[-1:]
        if fact.words is not None
    ]


def _medical(draft: Draft) -> list[str]:
    person = draft.situation.participant
    flags = person.flags.reveal() if person else ()
    return [f"Medical: {', '.join(flags)}."] if flags else []


def _timeline(draft: Draft) -> list[str]:
    helped = [fact for fact in _record(draft).facts if fact.kind == "answered"]
    steps = ", ".join(fact.detail for fact in helped[-3:])
    return [f"Answers so far: {steps}."] if steps else []


def _pages_read(draft: Draft) -> list[str]:
    """Whose phone has shown the page. It is a hint: having read is not having taken."""
    case = draft.open_case
    read = {fact.by: fact.at for fact in _record(draft).facts if fact.kind == "page_read" and fact.by != case.holder_id}
    shown = [f"{draft.roster.name(who)} {telling.at_programme_time(draft, at)}" for who, at in read.items()]
    return [f"Read the page, not taken: {', '.join(shown)}."] if shown else []


def _moods(draft: Draft) -> list[str]:
    moods = _record(draft).moods
    return [f"Mood, last {len(moods)} days: {', '.join(str(mood) for _, mood in moods)}."] if moods else []


def plan_in_words(draft: Draft) -> str:
    """The plan for a clinician who may see it."""
    return whole_plan(draft, draft.situation.plan) or "No plan yet."


def worklist_in_words(draft: Draft) -> list[str]:
    """One line a case, the most urgent and oldest first; names only where this person may see them."""
    staff = draft.situation.staff
    lines = sorted(draft.situation.worklist, key=lambda line: (-line.level, line.opened_at))
    return [
        f"{line.number} {line.level.word.upper()} {line.state}"
        f" since {telling.at_programme_time(draft, line.opened_at)}"
        + (f", {draft.roster.name(line.holder_id)}" if line.holder_id else "")
        + (f", {name}" if (name := privacy.shown(staff, line.name)) else "")
        for line in lines
    ]


def on_call_in_words(draft: Draft) -> list[str]:
    """Who is on, layer by layer; a layer with nobody says so."""
    found = [(layer, sits(layer, draft.roster, "", draft.now)) for layer in LAYERS]
    return [
        f"{layer}: {', '.join(draft.roster.name(person) for person in people) or 'nobody'}" for layer, people in found
    ]


def follow_ups_in_words(draft: Draft) -> list[str]:
    """The tasks that resolving leaves behind, with their clocks."""
    case = draft.open_case
    if case.level < Level.URGENT:
        return []
    rules = draft.library.escalation.of(case.level).follow_ups
    return [f"{rule.id.replace('_', ' ')} within {length_in_words(rule.after)}" for rule in rules]
