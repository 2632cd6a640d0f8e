"""Conversations as a clinic writes them: one file each, in the order they are spoken.

Every text a participant reads comes from here; nothing is generated. A `{slot}` in a text is filled with a plain
value and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from flows.message import Choice
from flows.rota import DAYS
from flows.strict import Strict

SLOT = re.compile(r"\{(\w+)\}")


def _weekdays(written: object) -> object:
    """`mon, wed` or a list of days, as a tuple of short day names."""
    if isinstance(written, str):
        written = [day for day in re.split(r"[,\s]+", written) if day]
    if isinstance(written, list | tuple):
        days = tuple(str(day).strip().lower()[:3] for day in written)
        wrong = [day for day in days if day not in DAYS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no day; the days are {', '.join(DAYS)}")
        return days
    return written


class ChoiceText(Strict):
    """One answer: its id is stored, its label is shown, its words are what people may type instead."""

    id: str
    label: str = Field(min_length=1, max_length=40)
    words: tuple[str, ...] = ()
    next: str = ""


class Scale(Strict):
    """Whole numbers from `lowest` to `highest`; `names` are words that people use for some of them."""

    lowest: int = 0
    highest: int = 10
    names: dict[str, int] = Field(default_factory=dict)


class Step(Strict):
    """One line of a conversation: something said, or one question with its answers."""

    id: str
    say: str = Field(min_length=1)
    choices: tuple[ChoiceText, ...] = ()
    scale: Scale | None = None
    skip: str = ""  # label of the way to leave the question out
    unsaid: str = ""  # label of the way to keep the answer back
    next: str = ""
    days: Annotated[tuple[str, ...], BeforeValidator(_weekdays)] = ()
    urgent: bool = False  # said at once, before anything else that the answer leads to
    only_if: str = ""  # a track that the participant must be on, for instance substance_use

    @property
    def asks(self) -> bool:
        return bool(self.choices or self.scale)

    @cached_property
    def answers(self) -> tuple[Choice, ...]:
        """Everything that can be tapped, in the order shown."""
        shown = [Choice(choice.id, choice.label) for choice in self.choices]
        if self.scale:
            shown += [Choice(str(n), str(n)) for n in range(self.scale.lowest, self.scale.highest + 1)]
        if self.unsaid:
            shown.append(Choice("unsaid", self.unsaid))
        if self.skip:
            shown.append(Choice("skip", self.skip))
        return tuple(shown)

    def label(self, answer_id: str) -> str:
        """What was on the button; a number stands for itself."""
        return next((answer.label for answer in self.answers if answer.id == answer_id), answer_id)

    def choice(self, choice_id: str) -> ChoiceText | None:
        return next((choice for choice in self.choices if choice.id == choice_id), None)


class Approval(Strict):
    """Who signed a crisis text, and when. `texts` is the fingerprint of the words that were signed."""

    by: str = Field(min_length=1)
    on: str = Field(min_length=1)
    texts: str = ""


class Conversation(Strict):
    """One file of content."""

    conversation: str
    version: int
    title: str = ""
    kind: str = "everyday"  # crisis | everyday | staff: which wording rules apply
    approved: Approval | None = None
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _steps_are_known(self) -> Conversation:
        ids = [step.id for step in self.steps]
        twice = next((step for step in ids if ids.count(step) > 1), None)
        if twice:
            raise ValueError(f'there are two steps "{twice}"')
        return self

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.steps}

    @cached_property
    def following(self) -> Mapping[str, Step | None]:
        """By the id of a step, the one below it."""
        return {step.id: following for step, following in zip_longest(self.steps, self.steps[1:])}

    @property
    def first(self) -> Step:
        return self.steps[0]

    def after(self, step: Step, choice_id: str = "") -> Step | None:
        """The step that follows `step` when `choice_id` was given; None at the end and where it goes elsewhere."""
        choice = step.choice(choice_id)
        wanted = (choice.next if choice else "") or step.next
        if wanted == "end" or "." in wanted:
            return None
        if wanted:
            return self.by_id[wanted]
        return self.following[step.id]


@dataclass(frozen=True, slots=True)
class Line:
    """A text ready to be said, and the content it was made from."""

    text: str
    content: str
    choices: tuple[Choice, ...] = ()


def slots_of(text: str) -> Iterator[str]:
    """The names of the slots in a text, in order."""
    return (found[1] for found in SLOT.finditer(text))


def fill(text: str, values: Mapping[str, object]) -> str:
    """`text` with every slot filled. Raises KeyError for a slot without a value."""
    return SLOT.sub(lambda found: str(values[found[1]]), text)
