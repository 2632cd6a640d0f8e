"""A programme's own words: `risk/<language>/own.yaml`, with rules, lists of words and cues of its own.

Its lists grow the shipped ones, phrase by phrase, where a file of the same name would replace them. Every phrase keeps
the file and line where it was written, so that whatever is wrong with it is told there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.reading import Complaint, Document, did_you_mean

OWN = "own"
RULES, CONCEPTS, CONTEXT = "rules", "concepts", "context"
KEYS = ("language", RULES, CONCEPTS, CONTEXT)


def with_own_words(documents: Mapping[str, Document]) -> dict[str, Document]:
    """The documents of `risk/`, with what each `own.yaml` adds laid into them."""
    spread = dict(documents)
    for place, own in _owns(documents):
        del spread[place]
        if _language(place) in _languages(documents):
            _lay_in(spread, place, own)
    return spread


def strange_keys(documents: Mapping[str, Document]) -> Iterator[Complaint]:
    """What stands in an `own.yaml` and would not be laid in anywhere."""
    languages = _languages(documents)
    for place, own in _owns(documents):
        if _language(place) not in languages:
            yield _nowhere(own, _language(place), languages)
            continue
        for key in own.parts:
            if key not in KEYS:
                yield own.complaint((key,), f'There is no key "{key}" here.', did_you_mean(str(key), KEYS))
        for key in (CONCEPTS, CONTEXT):
            if own.holds((key,)) and not isinstance(own.parts[key].value, dict):
                yield own.complaint((key,), f'"{key}" must be a group of keys, each with a list under it.')


def _nowhere(own: Document, language: str, languages: Sequence[str]) -> Complaint:
    if not language:
        return own.complaint((), "This file belongs into the folder of a language.", "Such as risk/en/own.yaml.")
    what = f'There are no rules about words in "{language}" that these could be laid into.'
    return own.complaint((), what, did_you_mean(language, languages))


def _language(place: str) -> str:
    """Its folder below risk/; nothing for a file that lies in risk/ itself."""
    return place.removeprefix("risk/").rpartition("/")[0]


def _languages(documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Those with a file of context, without which nothing can be read in a language."""
    return tuple(sorted(_language(place) for place in documents if place.endswith(f"/{CONTEXT}")))


def _owns(documents: Mapping[str, Document]) -> Iterator[tuple[str, Document]]:
    return ((place, one) for place, one in documents.items() if place.rpartition("/")[2] == OWN)


def _lay_in(documents: dict[str, Document], place: str, own: Document) -> None:
    folder = place.rpartition("/")[0]
    language = own.parts.get("language") or Document(folder.rpartition("/")[2], own.mark)
    for name, words in _group(own, CONCEPTS).items():
        home = _home_of(name, documents, folder) or f"{place}, {CONCEPTS}"
        shelf = documents.get(home) or Document.mapping({"language": language}, own.mark)
        lists = shelf.parts.get(CONCEPTS) or Document.mapping({}, own.mark)
        documents[home] = _with(shelf, CONCEPTS, _grown(lists, name, words))
    for name, words in _group(own, CONTEXT).items():
        home = f"{folder}/{CONTEXT}"
        cues = documents.get(home) or Document.mapping({"language": language}, own.mark)
        documents[home] = _grown(cues, name, words)
    if own.holds((RULES,)):
        documents[place] = Document.mapping({"language": language, RULES: own.parts[RULES]}, own.mark)


def _group(own: Document, key: str) -> dict[str, Document]:
    return _named(own.parts[key]) if own.holds((key,)) and isinstance(own.parts[key].value, dict) else {}


def _home_of(concept: str, documents: Mapping[str, Document], folder: str) -> str | None:
    there = (place for place in documents if place.startswith(f"{folder}/"))
    return next((place for place in there if documents[place].holds((CONCEPTS, concept))), None)


def _with(document: Document, key: str, part: Document) -> Document:
    return Document.mapping({**_named(document), key: part}, document.mark)


def _grown(lower: Document, key: str, upper: Document) -> Document:
    """The list under `key` with the new phrases behind the old ones; in a group, the new ones count."""
    there = lower.parts.get(key)
    if there is not None and isinstance(there.value, list) and isinstance(upper.value, list):
        return _with(lower, key, Document.sequence([*there.parts.values(), *upper.parts.values()], upper.mark))
    if there is not None and isinstance(there.value, dict) and isinstance(upper.value, dict):
        return _with(lower, key, Document.mapping({**_named(there), **_named(upper)}, upper.mark))
    return _with(lower, key, upper)


def _named(document: Document) -> dict[str, Document]:
    return {str(key): part for key, part in document.parts.items()}
