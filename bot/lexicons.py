"""The rules about words, put together from their files, with every complaint at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.config_files import Files
from bot.reading import BadFiles, Complaint, Document, read_as
from flows.library import MOTHER_TONGUE
from flows.risk import (
    ConceptsFile,
    ContextFile,
    FailedExample,
    Lexicon,
    LexiconError,
    LexiconFile,
    RulesFile,
    compile_lexicon,
    failed_examples,
)

SCORES = "risk/scores"
Read = tuple[Mapping[str, LexiconFile], Lexicon | None, list[Complaint]]

#: Putting a lexicon together is most of the work of starting, and rehearsals start often with the same words.
_LAST: dict[str, Read] = {}


def read_lexicon(files: Files) -> Read:
    """The lexicon files by their place, the lexicon made of them (None when it cannot be made), and what is wrong."""
    words = Files(
        {place: one for place, one in files.documents.items() if place.startswith("risk/") and place != SCORES}
    )
    if files.complaints or words.version not in _LAST:
        read = _read_lexicon(words, complete=not files.complaints)
        _LAST.clear()
        # A complaint holds the place where it was written, which the words alone do not tell.
        if files.complaints or read[2]:
            return read
        _LAST[words.version] = read
    return _LAST[words.version]


def _read_lexicon(files: Files, *, complete: bool) -> Read:
    read: dict[str, LexiconFile] = {}
    complaints: list[Complaint] = []
    for place, document in files.documents.items():
        try:
            read[place] = read_as(_kind(document), document)
        except BadFiles as bad:
            complaints += bad.complaints
    complaints += _wrong_language(files, read)
    if not complaints and not any(file.language == MOTHER_TONGUE for file in read.values()):
        complaints.append(Complaint(f"risk/{MOTHER_TONGUE}", None, "", "There are no rules about words here."))
    if complaints or not complete:
        return read, None, complaints
    try:
        return read, compile_lexicon(read), []
    except LexiconError as error:
        return read, None, [files.documents[error.file].complaint(error.where, _sentence(error.sentence))]


def false_examples(files: Files, read: Mapping[str, LexiconFile], lexicon: Lexicon) -> Iterator[Complaint]:
    """The examples in the lexicon files that do not hold."""
    for example in failed_examples(read, lexicon):
        yield _false(files.documents[example.file], example)


def _false(document: Document, example: FailedExample) -> Complaint:
    return document.complaint(example.where, _sentence(example.sentence))


def _kind(document: Document) -> type[RulesFile] | type[ConceptsFile] | type[ContextFile]:
    if document.holds(("rules",)):
        return RulesFile
    return ConceptsFile if document.holds(("concepts",)) else ContextFile


def _wrong_language(files: Files, read: Mapping[str, LexiconFile]) -> Iterator[Complaint]:
    for place, file in read.items():
        language = place.split("/")[1]
        if file.language != language:
            what = f'This file lies in the folder of "{language}", and says "{file.language}".'
            yield files.documents[place].complaint(("language",), what)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}{'' if words[-1] in '.?!' else '.'}"
