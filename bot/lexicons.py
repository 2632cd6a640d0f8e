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


def read_lexicon(files: Files) -> tuple[Mapping[str, LexiconFile], Lexicon | None, list[Complaint]]:
    """The lexicon files by their place, the lexicon made of them (None when it cannot be made), and what is wrong."""
    read: dict[str, LexiconFile] = {}
    complaints: list[Complaint] = []
    for language in files.languages("risk"):
        for name, document in files.below(f"risk/{language}").items():
            try:
                read[f"risk/{language}/{name}"] = read_as(_kind(document), document)
            except BadFiles as bad:
                complaints += bad.complaints
    complaints += _wrong_language(files, read)
    if not complaints and not any(file.language == MOTHER_TONGUE for file in read.values()):
        complaints.append(Complaint(f"risk/{MOTHER_TONGUE}", None, "", "There are no rules about words here."))
    if complaints or files.complaints:
        return read, None, complaints
    try:
        return read, _compiled(files, read), []
    except LexiconError as error:
        return read, None, [files.documents[error.file].complaint(error.where, _sentence(error.sentence))]


def false_examples(files: Files, read: Mapping[str, LexiconFile], lexicon: Lexicon) -> Iterator[Complaint]:
    """The examples in the lexicon files that do not hold."""
    for example in failed_examples(read, lexicon):
        yield _false(files.documents[example.file], example)


def _false(document: Document, example: FailedExample) -> Complaint:
    return document.complaint(example.where, _sentence(example.sentence))


#: Putting a lexicon together is most of the work of starting, and a rehearsal starts often with the same words.
_COMPILED: dict[str, Lexicon] = {}


def _compiled(files: Files, read: Mapping[str, LexiconFile]) -> Lexicon:
    words = Files({place: files.documents[place] for place in read}).version
    if words not in _COMPILED:
        _COMPILED.clear()
        _COMPILED[words] = compile_lexicon(read)
    return _COMPILED[words]


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
