"""What YAML would accept and nobody who writes a check-in means.

References, names and tags: with them a small file could grow without end. Text that YAML cuts off at a `#`, or a list
that it takes for more of the text above: a participant would read half a sentence, and nobody would have been told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

import yaml

from bot.reading.complaint import Complaint
from bot.reading.text import Source

DEEPEST = 40
QUOTE = 'If you mean the sign itself, put the whole text in "quotes".'
PLAIN = (None, "")  # the two parsers have different words for "no quotes"
# `in # minutes` in a list of risky words once became `in`. So a remark after a text keeps two spaces' distance.
CUT_OFF = re.compile(r"[ \t]#|[ \t]+#[^\s#]")
CUT_OFF_NEAR = re.compile(r"[ \t]+#[^\s#]")
LIST_ITEM = re.compile(r"[ \t]*-([ \t]|$)")


def refused(source: Source, loader: type[yaml.BaseLoader], *, near_remarks: bool = False) -> Iterator[Complaint]:
    """Everything of the kind in `source`, without following a reference or going down without end."""
    cut_off = CUT_OFF_NEAR if near_remarks else CUT_OFF
    depth = documents = 0
    for event in yaml.parse(source.text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        line = _line(event.start_mark)
        if depth > DEEPEST:
            yield source.complaint(line, f"This file is nested more than {DEEPEST} deep.", "Is it the right one?")
            return
        if documents > 1:
            yield source.complaint(line, "A second document begins here.", 'Take the line "---" or "..." out.')
            return
        if isinstance(event, yaml.AliasEvent):
            yield source.complaint(line, "References with * are not used in these files.", QUOTE)
        elif getattr(event, "anchor", None):
            yield source.complaint(line, "Names with & are not used in these files.", QUOTE)
        elif getattr(event, "tag", None):
            yield source.complaint(line, "Tags with ! are not used in these files.", QUOTE)
        elif isinstance(event, yaml.ScalarEvent) and event.style in PLAIN:
            yield from _misread(source, event, cut_off)


def _misread(source: Source, event: yaml.ScalarEvent, cut_off: re.Pattern[str]) -> Iterator[Complaint]:
    """Text without quotes that is not read as it looks."""
    first, last = _line(event.start_mark), _line(event.end_mark)
    column = 0 if event.end_mark is None else event.end_mark.column
    if cut_off.match(source.line(last), column):
        hint = f"{QUOTE} A remark has two spaces before the # and one after it."
        yield source.complaint(last, "What follows the # would not be read.", hint)
    for line in range(first + 1, last + 1):
        if LIST_ITEM.match(source.line(line)):
            what = "This looks like an item of a list, but belongs to the text above."
            yield source.complaint(line, what, 'Put that text in "quotes", or take it away if the list is meant.')


class _Mark(Protocol):
    """Both parsers have their own."""

    line: int


def _line(mark: _Mark | None) -> int:
    return 1 if mark is None else mark.line + 1
