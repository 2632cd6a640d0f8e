"""TOML, with the line of every key. Numbers, truth values and times are what TOML says they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.reading.complaint import BadFiles, Complaint
from bot.reading.document import Document, Mark, Place
from bot.reading.text import Source, read_source, what_is_invisible
from bot.reading.toml_lines import lines_of

# Part of the parser's words, what happened, what to do
PLAIN_WORDS = [
    ("Cannot overwrite", "This key is here twice.", "Keep one of the two."),
    ("Cannot declare", "This table is here twice.", "Put its keys together under one heading."),
    ("Cannot mutate", "This table was finished further up.", "Put its keys together in one place."),
    ("Duplicate inline", "This key is here twice.", "Keep one of the two."),
    ("Invalid statement", "This is not a key.", 'Write it as: key = "text".'),
    ("after a key", 'There is a key here without a "=".', 'Write it as: key = "text".'),
    ("Invalid value", "This value cannot be read.", 'Put text in "quotes"; write true and false small.'),
    ("Invalid date", "There is no such date or time.", ""),
    ("after a statement", "Something follows the value that does not belong to it.", 'Put text in "quotes".'),
    ("escape sequence", "There is a \\ here that TOML does not understand.", "Write \\\\, or use 'these' quotes."),
    ("Unescaped '\\'", "There is a \\ here that TOML does not understand.", "Write \\\\, or use 'these' quotes."),
    ("Unterminated string", "A quote is not closed.", "Close it, with the same sign."),
    ("Illegal character '\\n'", "A quote is not closed in its line.", "Close it, with the same sign."),
    ('Expected "\'"', "A quote is not closed in its line.", "Close it, with the same sign."),
    ("Expected ']'", 'A "[" is not closed by a "]".', ""),
    ("Exceeds the limit", "This number is too long.", ""),
    ("Unclosed array", 'A "[" is not closed by a "]", or a comma is missing.', ""),
    ("Unclosed inline", 'A "{" is not closed by a "}", or a comma is missing.', ""),
]


def read_toml(path: Path) -> Document:
    """The TOML file at `path`. Raises BadFiles."""
    return parse_toml(read_source(path))


def parse_toml(source: Source) -> Document:
    """The same for text already read. A file with nothing but comments is an empty table. Raises BadFiles."""
    try:
        value = tomllib.loads(source.text)
        builder = _Builder(source, lines_of(source.text))
        document = builder.build(value, (), source.mark(1))
    except RecursionError:
        raise BadFiles([source.complaint(1, "This file is nested too deep.", "Is it the right one?")]) from None
    except ValueError as error:
        raise BadFiles([_syntax_complaint(source, str(error))]) from None
    if builder.complaints:
        raise BadFiles(builder.complaints)
    return document


class _Builder:
    """Joins what tomllib read with where it stands; a part without a line of its own has that of the part above."""

    def __init__(self, source: Source, lines: Mapping[Place, int]) -> None:
        self.source = source
        self.lines = lines
        self.complaints: list[Complaint] = []

    def build(self, value: object, place: Place, above: Mark) -> Document:
        mark = self.source.mark(self.lines[place]) if place in self.lines else above
        if isinstance(value, dict):
            self._look_at(value, mark)
            return Document.mapping({key: self.build(part, (*place, key), mark) for key, part in value.items()}, mark)
        if isinstance(value, list):
            return Document.sequence([self.build(v, (*place, index), mark) for index, v in enumerate(value)], mark)
        self._look_at([value], mark)
        return Document(value, mark)

    def _look_at(self, values: Iterable[object], mark: Mark) -> None:
        for value in values:
            if isinstance(value, str) and (what := what_is_invisible(value)):
                self.complaints.append(self.source.complaint(mark.line, what, "Take it out."))


def _syntax_complaint(source: Source, problem: str) -> Complaint:
    found = re.search(r"\(at line (\d+)", problem)
    # Without a line it happened where the file ended.
    line = int(found.group(1)) if found else len(source.lines)
    for words, what, hint in PLAIN_WORDS:
        if words in problem:
            return source.complaint(line, what, hint)
    return source.complaint(line, f"This is not TOML: {re.sub(r' [(]at .*[)]$', '', problem)}.")
