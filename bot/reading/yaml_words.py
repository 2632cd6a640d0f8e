"""The complaints of the YAML parser, in words for somebody who never heard of a block mapping."""

from __future__ import annotations

import re

import yaml

from bot.reading.complaint import Complaint
from bot.reading.text import Source

INDENT = "Check that the lines of one list or group begin at the same column, with spaces."
QUOTE = 'Put the whole text in "quotes".'

# Part of the parser's words (with or without its C library), what happened, what to do
PLAIN_WORDS = [
    (
        "mapping values are not allowed",
        'There is a ":" here that YAML takes for the end of a key.',
        'If it belongs to the text, put the text in "quotes"; else check where the lines begin.',
    ),
    ("unexpected end of stream", "A quote that opens here is not closed.", "Close it, with the same sign."),
    ("cannot start any token", "This text begins with a sign that means something else to YAML.", QUOTE),
    ("alphabetic or numeric", "This text begins with a sign that means something else to YAML.", QUOTE),
    ("undefined tag handle", "Tags with ! are not used in these files.", QUOTE),
    ("',' or '}'", 'A "{" is not closed by a "}", or a comma is missing.', ""),
    ("',' or ']'", 'A "[" is not closed by a "]", or a comma is missing.', ""),
    ("expected ':'", 'There is a key here without a ":".', f"A key ends with a colon. {INDENT}"),
    ("escape c", "There is a \\ here that YAML does not understand.", "In double quotes write \\\\, or use 'these'."),
    ("expected <block end>", "This line does not fit to the lines before it.", INDENT),
    ("expected key", "This line does not fit to the lines before it.", INDENT),
    ("expected '-' indicator", "This line does not fit to the list before it.", INDENT),
    ("node content", "A value is missing here, or there is a sign too many.", QUOTE),
    ("directive", "A line may not begin with %.", QUOTE),
    ("nesting", "This file is nested too deep.", "Is it the right one?"),
]


def syntax_complaint(source: Source, error: yaml.YAMLError) -> Complaint:
    """The parser's complaint with the line that a person has to look at."""
    problem = str(getattr(error, "problem", None) or "")
    line = _line(error, opened_before="unexpected end of stream" in problem)
    if re.match(r"[ -]*\t", source.line(line)):
        what = "This line begins with a tab."
        return source.complaint(line, what, "Use spaces, as many as the lines beside it.")
    for words, what, hint in PLAIN_WORDS:
        if words in problem:
            return source.complaint(line, what, hint)
    return source.complaint(line, f"This is not YAML: {problem or 'it cannot be read'}.", INDENT)


def _line(error: yaml.YAMLError, *, opened_before: bool) -> int:
    """Where the parser noticed it; for what was never closed, where it was opened."""
    noticed = getattr(error, "problem_mark", None)
    opened = getattr(error, "context_mark", None)
    mark = opened if opened_before and opened is not None else noticed or opened
    return 1 if mark is None else int(mark.line) + 1
