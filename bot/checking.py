"""Everything that can be known about a programme's files before anybody relies on them: what `handrail check` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.config_files import Overrides, gather
from bot.inspecting.approval import approval
from bot.inspecting.translations import Untranslated, untranslated
from bot.lexicons import false_examples
from bot.loading import Survey, look_at
from bot.reading import Complaint
from bot.wording import Reader, Wording
from flows.library import MOTHER_TONGUE


def check(roots: Sequence[Path], overrides: Overrides | None = None) -> list[Complaint]:
    """All that is wrong with the files under `roots`: shape, references, wording, approval, examples."""
    survey = look_at(gather(roots, overrides))
    wording = survey.read(Wording, "wording")
    found = [*survey.complaints, *_examples(survey)]
    if wording is not None:
        reader = Reader(wording, survey.library.facts("") if survey.library else {})
        for written in survey.written:
            found += [*reader.read(written), *approval(written)]
        found += _patterns(survey, reader)
    return list(dict.fromkeys(found))


def _patterns(survey: Survey, reader: Reader) -> Iterator[Complaint]:
    """How the sentences about patterns read, in the line in which they are said."""
    said = {one.language: one.conversation.by_id for one in survey.written if one.name == "everyday"}
    frames = {language: steps["pattern"].say for language, steps in said.items() if "pattern" in steps}
    if survey.patterns is not None and MOTHER_TONGUE in frames:
        yield from reader.told(survey.patterns, survey.files.documents["risk/patterns"], frames)


def missing(roots: Sequence[Path], language: str) -> list[Untranslated]:
    """The steps that people who use `language` still read in English, for everything that participants read."""
    files = gather(roots)
    spoken = files.below(f"content/{language}")
    return [
        step
        for name, english in files.below(f"content/{MOTHER_TONGUE}").items()
        if english.at(("kind",)).value != "staff"
        for step in untranslated(name, english, spoken.get(name))
    ]


def _examples(survey: Survey) -> Iterator[Complaint]:
    if survey.lexicon is not None:
        yield from false_examples(survey.files, survey.lexicon_files)
