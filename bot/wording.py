"""How a text reads to somebody who is not well: short, plain, one question, nothing promised, nothing that harms.

The rules are in `config/wording.yaml`, where a clinician changes them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field

from bot.inspecting.grade import grade, sentences, words
from bot.inspecting.written import Written
from bot.reading import Complaint, Document, Key
from flows.content import SLOT, Step, fill, slots_of
from flows.risk import PatternRules
from flows.strict import Strict

ENGLISH = "en"
CRISIS, STAFF = "crisis", "staff"
APOSTROPHE = re.compile(r"['’‘`]")


class Limits(Strict):
    """The longest that one message may be."""

    characters: int = Field(160, ge=1)
    sentences: int = Field(3, ge=1)
    words_in_a_sentence: int = Field(20, ge=1)
    questions: int = Field(1, ge=0)


class Wording(Strict):
    """The rules of `config/wording.yaml`."""

    limits: Limits = Limits()
    grades: dict[str, float] = Field(default_factory=dict)
    grade_from_words: int = 10
    banned: dict[str, dict[str, str]] = Field(default_factory=dict)
    stands_for: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Reader:
    """Somebody who reads every text with the rules in hand. `facts` fill the slots of the programme itself."""

    wording: Wording
    facts: Mapping[str, object]

    def read(self, written: Written) -> Iterator[Complaint]:
        """All that is wrong with the words of one conversation."""
        if written.conversation.kind == STAFF:
            return
        for number, step in written.numbered:
            for place, text in _texts(step):
                yield from self._banned(written, number, place, text)
            yield from self._measured(written, number, step)
            if written.conversation.kind == CRISIS and (sign := _emoji(step.say)):
                yield written.complaint(number, ("say",), f'No pictures in a crisis: "{sign}".')
        if written.conversation.kind == CRISIS:
            yield from _ways_to_help(written)

    def told(self, rules: PatternRules, document: Document, frames: Mapping[str, str]) -> Iterator[Complaint]:
        """All that is wrong with the sentences that participants are told about patterns, each in its frame: the line
        of its language in which it is said."""
        for number, rule in enumerate(rules.rules):
            for language, sentence in rule.participant.items():
                place = ("rules", number, "participant", language)
                frame = frames.get(language) or frames[ENGLISH]
                for what in self._too_long(self._as_read(frame.replace("{words}", sentence))):
                    yield document.complaint(place, what)
                for what, instead in self._never_said(language, sentence):
                    yield document.complaint(place, what, instead)

    def _banned(self, written: Written, number: int, place: tuple[Key, ...], text: str) -> Iterator[Complaint]:
        for what, instead in self._never_said(written.language, text):
            yield written.complaint(number, place, what, instead)

    def _never_said(self, language: str, text: str) -> Iterator[tuple[str, str]]:
        said = _plain(text)
        for phrase, instead in self.wording.banned.get(language, {}).items():
            if instead and f" {_plain(phrase).strip()} " in said:
                yield f'"{phrase}" is not said here.', instead

    def _measured(self, written: Written, number: int, step: Step) -> Iterator[Complaint]:
        text = self._as_read(step.say)
        for what in (*self._too_long(text), *self._too_hard(written, step.say)):
            yield written.complaint(number, ("say",), what)

    def _as_read(self, text: str) -> str:
        values = {slot: self.wording.stands_for.get(slot, slot) for slot in slots_of(text)}
        return fill(text, {**values, **self.facts})

    def _too_long(self, text: str) -> Iterator[str]:
        limits, said = self.wording.limits, sentences(text)
        if len(text) > limits.characters:
            yield f"This message is {len(text)} characters long; at most {limits.characters}."
        if len(said) > limits.sentences:
            yield f"This message has {len(said)} sentences; at most {limits.sentences}."
        if text.count("?") > limits.questions:
            yield f"This message asks {text.count('?')} questions; at most {limits.questions}."
        for sentence in said:
            if len(words(sentence)) > limits.words_in_a_sentence:
                yield (
                    f'The sentence "{sentence}" has {len(words(sentence))} words; at most {limits.words_in_a_sentence}.'
                )

    def _too_hard(self, written: Written, text: str) -> Iterator[str]:
        """Numbers and names that are filled in are not what makes a text hard."""
        most = self.wording.grades.get(written.conversation.kind)
        plain = SLOT.sub("it", text)
        if most is None or written.language != ENGLISH or len(words(plain)) < self.wording.grade_from_words:
            return
        found = grade(plain)
        if found > most:
            yield (
                f"This reads at school grade {found:.1f}; at most {most:g} here."
                " Use shorter words, and shorter sentences."
            )


def _texts(step: Step) -> Iterator[tuple[tuple[Key, ...], str]]:
    yield ("say",), step.say
    for place, choice in enumerate(step.choices):
        yield ("choices", place, "label"), choice.label


def _plain(text: str) -> str:
    """Only words, small, a blank at both ends, so that a phrase is found whole."""
    return " ".join(["", *re.findall(r"[^_\W]+", APOSTROPHE.sub("", text.casefold())), ""])


def _emoji(text: str) -> str:
    return next((sign for sign in text if unicodedata.category(sign) == "So"), "")


def _ways_to_help(written: Written) -> Iterator[Complaint]:
    """Whoever is in danger must find a number, and whoever reads the file must find who signed it."""
    shown = {slot for step in written.conversation.steps for slot in slots_of(step.say)}
    for slot, what in (("emergency", "the emergency number"), ("line", "a crisis line")):
        if slot not in shown:
            yield written.document.complaint(("steps",), f"No text here shows {what}.", f"Write {{{slot}}}.")
    if written.conversation.approved is None:
        what = "Nobody has approved these crisis texts."
        yield written.document.complaint(("conversation",), what, "Write `approved:` with `by`, `on` and `texts`.")
