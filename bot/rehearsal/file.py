"""A rehearsal as it stands in its file, or every reason why it cannot be played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.reading import BadFiles, Complaint, Document, Mark, parse_yaml, read_as, read_source
from bot.rehearsal.cast import Group, Person, Place, Words
from bot.rehearsal.grammar import read_step
from bot.rehearsal.references import references
from bot.rehearsal.steps import Step
from bot.rehearsal.times import day_and_time
from flows.settings import Zone
from flows.strict import Strict


def _group_of_keys(written: object) -> object:
    return {} if written == "" else written


class Sheet(Strict):
    """The keys of a rehearsal. Its steps are read one by one, in `grammar.py`."""

    title: str = ""
    starts: Annotated[datetime, BeforeValidator(day_and_time)]
    zone: Zone | None = None
    config: Annotated[dict[str, object], BeforeValidator(_group_of_keys)] = Field(default_factory=dict)
    strict: Words = ()
    people: dict[str, Person] = Field(min_length=1)
    groups: Annotated[dict[str, Group], BeforeValidator(_group_of_keys)] = Field(default_factory=dict)
    script: list[object] = Field(min_length=1)


@dataclass(frozen=True)
class Rehearsal:
    """One evening to be played. `zone` is empty where the programme's own counts."""

    file: str
    title: str
    starts: datetime
    zone: str
    config: Document
    strict: tuple[str, ...]
    strict_mark: Mark
    people: Mapping[str, Person]
    groups: Mapping[str, Group]
    steps: tuple[Step, ...]


def read_rehearsal(path: Path) -> Rehearsal:
    """The rehearsal at `path`. Raises BadFiles with everything that is wrong with it."""
    return rehearsal_of(parse_yaml(read_source(path), near_remarks=True))


def rehearsal_of(document: Document) -> Rehearsal:
    """The same for a file already read."""
    document = with_whole_addresses(document)
    complaints: list[Complaint] = []
    sheet: Sheet | None = None
    try:
        sheet = read_as(Sheet, document)
    except BadFiles as bad:
        complaints += bad.complaints
    people = {str(name): str(part.at(("role",)).value) for name, part in document.at(("people",)).parts.items()}
    steps: list[Step] = []
    for item in _steps_in(document):
        step, wrong = read_step(item, people)
        complaints += wrong
        steps += [step] if step is not None else []
    if sheet is None or complaints:
        raise BadFiles(sorted(dict.fromkeys(complaints), key=lambda one: one.line or 0))
    if amiss := list(references(document, sheet.people, sheet.groups, sheet.strict)):
        raise BadFiles(sorted(amiss, key=lambda one: one.line or 0))
    return Rehearsal(
        file=document.mark.file,
        title=sheet.title or Path(document.mark.file).stem,
        starts=sheet.starts,
        zone=sheet.zone or "",
        config=_config(document),
        strict=sheet.strict,
        strict_mark=document.at(("strict",)).mark,
        people=sheet.people,
        groups=sheet.groups,
        steps=tuple(steps),
    )


def _steps_in(document: Document) -> Iterator[Document]:
    if document.holds(("script",)) and isinstance(document.at(("script",)).value, list):
        yield from document.at(("script",)).parts.values()


def _config(document: Document) -> Document:
    written = document.at(("config",))
    return written if document.holds(("config",)) and written.parts else Document.mapping({}, document.mark)


# -- addresses -----------------------------------------------------------------------------------------------------


def with_whole_addresses(document: Document) -> Document:
    """`{address: 12 Elm St, Albany NY, verified: …}`: YAML takes what follows the comma for a key without a value.

    Everybody writes addresses like that, so in a location such a key goes on with the text before it.
    """
    people = document.at(("people",))
    if not document.holds(("people",)) or not people.parts:
        return document
    whole = {str(name): _with_whole_address(person) for name, person in people.parts.items()}
    return _with(document, "people", Document.mapping(whole, people.mark))


def _with_whole_address(person: Document) -> Document:
    place = person.at(("location",))
    if not person.holds(("location",)) or not place.parts:
        return person
    parts: dict[str, Document] = {}
    last = ""
    for key, part in place.parts.items():
        name = str(key)
        if name not in Place.model_fields and part.value == "" and last:
            before = parts[last]
            parts[last] = Document(f"{before.value}, {name}", before.mark)
        else:
            parts[name], last = part, name
    return _with(person, "location", Document.mapping(parts, place.mark))


def _with(document: Document, key: str, part: Document) -> Document:
    return Document.mapping({str(name): one for name, one in document.parts.items()} | {key: part}, document.mark)
