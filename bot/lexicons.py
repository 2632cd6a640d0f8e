"""The rules about words, put together from their files, with every complaint at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.config_files import Files
from bot.own_words import strange_keys, with_own_words
from bot.reading import BadFiles, Complaint, Document, Mark, read_as
from bot.second_reader import SHIPPED_READER
from bot.switches import amiss
from bot.unswept import unswept
from flows.library import MOTHER_TONGUE
from flows.risk import (
    CommonFile,
    ConceptsFile,
    ContextFile,
    FailedExample,
    Lexicon,
    LexiconError,
    LexiconFile,
    RulesFile,
    Screening,
    compile_lexicon,
    failed_examples,
    switched,
)
from flows.settings import Settings

#: Rules that are about no language.
OF_NO_LANGUAGE = frozenset({"risk/scores", "risk/patterns"})
SETTINGS = "handrail"
Read = tuple[Mapping[str, LexiconFile], Lexicon | None, list[Complaint]]

#: Putting a lexicon together is most of the work of starting, and rehearsals start often with the same words.
_LAST: dict[str, Read] = {}
_MOST_KEPT = 3


def read_lexicon(files: Files) -> Read:
    """The lexicon files by their place and as they are written, the lexicon that the programme's switches make of them
    (None when it cannot be made), and what is wrong."""
    words = words_of(files)
    settings = files.documents.get(SETTINGS, Document.mapping({}, Mark(SETTINGS, 1, "")))
    try:
        screening = read_as(Settings, settings).screening
    except BadFiles as bad:
        return {}, None, list(bad.complaints)
    version = f"{words.version} {screening!r}"
    if files.complaints or version not in _LAST:
        with unswept():
            read = _read_lexicon(words, screening, settings, complete=not files.complaints)
        while len(_LAST) >= _MOST_KEPT:
            del _LAST[next(iter(_LAST))]
        # A complaint holds the place where it was written, which the words alone do not tell.
        if files.complaints or read[2]:
            return read
        _LAST[version] = read
    return _LAST[version]


def words_of(files: Files) -> Files:
    """The files with rules about words, with the programme's own words among them."""
    about_words = (place for place in files.documents if place.startswith("risk/") and place not in OF_NO_LANGUAGE)
    found = {place: files.documents[place] for place in about_words}
    return Files(with_own_words(found), tuple(strange_keys(found)))


def _read_lexicon(files: Files, screening: Screening, settings: Document, *, complete: bool) -> Read:
    read: dict[str, LexiconFile] = {}
    complaints: list[Complaint] = list(files.complaints)
    for place, document in files.documents.items():
        try:
            read[place] = read_as(_kind(document), document)
        except BadFiles as bad:
            complaints += bad.complaints
    complaints += _wrong_language(files, read)
    if not complaints and not any(file.language == MOTHER_TONGUE for file in read.values()):
        complaints.append(Complaint(f"risk/{MOTHER_TONGUE}", None, "", "There are no rules about words here."))
    if not complaints:
        complaints += amiss(screening, settings, read)
    if complaints or not complete:
        return read, None, complaints
    try:
        return read, _compiled(read, screening), []
    except LexiconError as error:
        return read, None, [files.documents[error.file].complaint(error.where, _sentence(error.sentence))]


def _compiled(read: Mapping[str, LexiconFile], screening: Screening) -> Lexicon:
    """As they are written first: what is wrong is told of the files as they are, and of rules that are off too."""
    as_written = compile_lexicon(read)
    rules = as_written if screening == Screening() else compile_lexicon(switched(read, screening))
    return replace(rules, second=SHIPPED_READER, second_at_most=screening.second_reader_at_most())


def false_examples(files: Files, read: Mapping[str, LexiconFile]) -> Iterator[Complaint]:
    """The examples in the lexicon files that do not hold, whatever a programme has switched off."""
    written = words_of(files).documents
    for example in failed_examples(read, compile_lexicon(read)):
        yield _false(written[example.file], example)


def _false(document: Document, example: FailedExample) -> Complaint:
    return document.complaint(example.where, _sentence(example.sentence))


_KINDS: Mapping[str, type[RulesFile] | type[ConceptsFile] | type[CommonFile]] = {
    "rules": RulesFile,
    "concepts": ConceptsFile,
    "common_words": CommonFile,
}


def _kind(document: Document) -> type[LexiconFile]:
    return next((kind for key, kind in _KINDS.items() if document.holds((key,))), ContextFile)


def _wrong_language(files: Files, read: Mapping[str, LexiconFile]) -> Iterator[Complaint]:
    for place, file in read.items():
        language = place.split("/")[1]
        if file.language != language:
            what = f'This file lies in the folder of "{language}", and says "{file.language}".'
            yield files.documents[place].complaint(("language",), what)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}{'' if words[-1] in '.?!' else '.'}"
