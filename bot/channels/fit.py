"""A message with choices as one text, for a screen without buttons: a number and the words answer every question."""

from __future__ import annotations

from collections.abc import Sequence

from flows.message import Choice


def as_text(text: str, choices: Sequence[Choice]) -> str:
    """The text, and below it what can be answered. Where the answers are numbers themselves, as on a scale, they are
    not numbered once more: then a 3 would mean two things."""
    if not choices:
        return text
    if any(choice.label.isdecimal() for choice in choices):
        listed = [choice.label for choice in choices if not choice.label.isdecimal()]
    else:
        listed = [f"{number}. {choice.label}" for number, choice in enumerate(choices, start=1)]
    return "\n".join([text, "", *listed]) if listed else text
