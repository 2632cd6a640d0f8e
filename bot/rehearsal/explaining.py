"""Why an expectation did not hold, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.rehearsal.screen import Screen
from bot.rehearsal.steps import CaseOf, Sees, Taps
from bot.rehearsal.what import What
from flows.case import Case
from flows.durations import in_words

LONGEST = 100


def not_seen(step: Sees, screen: Screen) -> str:
    """No message like that came."""
    what = f"No new message like this reached {step.who} within {length(step.what.within)}."
    return f"{what} {_nearly(screen, step.what)}".strip()


def _nearly(screen: Screen, what: What) -> str:
    """An earlier message that would have fitted, or a later one whose text did."""
    if any(what.fits(one.message.text, one.buttons) for one in screen.shown[: screen.looked]):
        return "An earlier one was like it, but a step has matched that one, or one after it, already."
    words = replace(what, buttons=(), absent=())
    near = [one for one in screen.shown[screen.looked :] if what.text and words.fits(one.message.text, one.buttons)]
    return f"Only its words were found, in “{short(near[-1].message.text)}”." if near else ""


def cannot_tap(step: Taps, screen: Screen, fitting: tuple[str, ...]) -> str:
    """No such button, or several."""
    there = fitting or tuple(button.label for button in screen.buttons())
    labels = ", ".join(f"“{label}”" for label in dict.fromkeys(there))
    if fitting:
        return f"More than one button begins with “{step.label}”: {labels}."
    return f"There is no button “{step.label}” on this screen. " + (f"There are {labels}." if labels else "No button.")


def how_it_differs(step: CaseOf, case: Case | None, holder: str) -> str:
    """How the open case of somebody is otherwise; nothing when it is as expected."""
    if case is None:
        return f"{step.who} has no open case." if step.there else ""
    if not step.there:
        return f"{step.who} has an open case: {case.level.word}, {case.state}."
    differ = {
        "level": (step.level.word if step.level is not None else None, case.level.word),
        "state": (step.state, case.state),
        "holder": (step.holder, holder),
    }
    told = [
        f"{what} is {found or 'nobody'}, not {wanted or 'nobody'}"
        for what, (wanted, found) in differ.items()
        if wanted is not None and wanted != found
    ]
    return f"The case's {'; its '.join(told)}." if told else ""


def length(of: timedelta) -> str:
    """A length of time; a short one in seconds."""
    seconds = of.total_seconds()
    if seconds >= 60 and seconds % 60 == 0:
        return in_words(of)
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def short(text: str) -> str:
    """One line of a text, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
