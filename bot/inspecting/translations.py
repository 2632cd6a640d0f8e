"""A translation says the same steps in other words: what it leaves out is said in English, and it adds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.reading import Complaint, Document, did_you_mean, overlay


def over_english(english: Document, translation: Document) -> Document:
    """The translation with everything it leaves out in English. Who signed the English words signed only those."""
    unsigned = Document.mapping(
        {str(key): part for key, part in english.parts.items() if key != "approved"}, english.mark
    )
    return overlay(unsigned, translation)


def additions(english: Document, translation: Document) -> Iterator[Complaint]:
    """Steps and answers that are not there in English. Nothing would ever say them."""
    yield from _added("step", english.at(("steps",)), translation.at(("steps",)))


def _added(kind: str, english: Document, translation: Document) -> Iterator[Complaint]:
    there = _by_id(english)
    for part in translation.parts.values():
        name = str(part.at(("id",)).value)
        if name not in there:
            yield part.complaint(("id",), f'There is no {kind} "{name}" in English.', did_you_mean(name, there))
        elif kind == "step" and part.holds(("choices",)):
            yield from _added("answer", there[name].at(("choices",)), part.at(("choices",)))


def _by_id(steps: Document) -> dict[str, Document]:
    return {str(part.at(("id",)).value): part for part in steps.parts.values()}


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A step that is still said in English, in whole or in part."""

    step: str
    parts: tuple[str, ...]


def untranslated(name: str, english: Document, translation: Document | None) -> Iterator[Untranslated]:
    """The steps of one conversation that are not, or not wholly, in the other language."""
    spoken = _by_id(translation.at(("steps",))) if translation is not None else {}
    for step, source in _by_id(english.at(("steps",))).items():
        parts = tuple(_left_out(source, spoken.get(step)))
        if parts:
            yield Untranslated(f"{name}.{step}", parts)


def _left_out(source: Document, spoken: Document | None) -> Iterator[str]:
    for key in ("say", "skip", "unsaid"):
        if source.holds((key,)) and not (spoken is not None and spoken.holds((key,))):
            yield key
    said = _by_id(spoken.at(("choices",))) if spoken is not None and spoken.holds(("choices",)) else {}
    for answer in _by_id(source.at(("choices",))) if source.holds(("choices",)) else ():
        if answer not in said or not said[answer].holds(("label",)):
            yield answer
