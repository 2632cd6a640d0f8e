"""`handrail assess`: the text assessment alone, line by line, for the people who work on the lexicon.

One JSON object in, one out, in the same order. A line that cannot be read is told apart, with its number and never with
its words, and the next line is still assessed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from flows.level import Level
from flows.risk import Assessment, Lexicon, Signal, assess

LexiconFor = Callable[[str | None], Lexicon]

_READ: Final = ("text", "lang")  # what we read ourselves; every other key is handed on

_HOW_FAST: Final = {
    Level.NONE: "nobody is asked to look because of this message",
    Level.WATCH: "a clinician looks at the next review",
    Level.URGENT: "a clinician makes contact today, at once in programme hours",
    Level.EMERGENCY: "a human looks now",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line to print: an assessment for standard output, or, where `bad`, a complaint for standard error.

    If any line was bad, the command ends with status 1.
    """

    json: str
    bad: bool = False


class _BadLine(ValueError):
    """What is wrong with a line, in one sentence that quotes nothing from it."""


def assess_lines(lines: Iterable[str], lexicon_for: LexiconFor) -> Iterator[Line]:
    """Every line assessed, in order, one at a time: nothing is kept, however many come.

    `lexicon_for(None)` is asked where a line names no language; it should hold every language, and then the highest
    signal wins. A blank line is a bad line, because the answers would no longer stand beside the questions; only blank
    lines at the very end mean nothing.
    """
    blank: list[int] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            blank.append(number)
            continue
        yield from (_complaint(empty, "the line is blank") for empty in blank)
        blank.clear()
        yield _answer(number, line, lexicon_for)


def assess_words(text: str, lexicon: Lexicon) -> str:
    """The assessment of one message in plain words, for `handrail assess --text`."""
    found = assess(text, lexicon)
    if not found.signals:
        return "none: no rule was found in these words. That does not mean that the person is safe."
    head = f"{found.level.word} ({found.category}): {_HOW_FAST[found.level]}."
    return "\n\n".join([head, *(_in_words(signal) for signal in found.signals)])


def _answer(number: int, line: str, lexicon_for: LexiconFor) -> Line:
    try:
        given, text, language = _question(line)
    except _BadLine as wrong:
        return _complaint(number, str(wrong))
    found = _as_dict(assess(text, lexicon_for(language)))
    handed_on = {key: value for key, value in given.items() if key not in _READ and key not in found}
    return Line(_dump(handed_on | found))


def _question(line: str) -> tuple[dict[str, Any], str, str | None]:
    """The object, its text and its language."""
    try:
        given = json.loads(line.lstrip("\ufeff"), parse_constant=_no_number)
    except json.JSONDecodeError as wrong:
        raise _BadLine(f"this is not JSON: {wrong.msg} at character {wrong.pos + 1}") from None
    except (ValueError, RecursionError):
        raise _BadLine("this holds a number that is none in JSON, or objects too deep to be read") from None
    if not isinstance(given, dict):
        raise _BadLine('this is JSON, but no object; a line looks like {"text": "..."}')
    text, language = given.get("text"), given.get("lang")
    if not isinstance(text, str):
        raise _BadLine('the object has no "text" that is a string')
    if language is not None and not isinstance(language, str):
        raise _BadLine('"lang" is not a string; leave it out if the language is not known')
    return given, text, language


def _no_number(word: str) -> None:
    raise ValueError(word)


def _as_dict(found: Assessment) -> dict[str, Any]:
    return {
        "level": found.level.word,
        "category": found.category,
        "signals": [_signal(signal) for signal in found.signals],
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "rule": signal.rule,
        "version": signal.version,
        "start": signal.start,
        "end": signal.end,
        "words": signal.words.reveal(),
        "level": signal.level.word,
    }


def _complaint(number: int, sentence: str) -> Line:
    return Line(_dump({"line": number, "error": sentence}), bad=True)


def _dump(value: dict[str, Any]) -> str:
    """Readable where it can be: only a text that is no valid Unicode is written in escapes."""
    readable = json.dumps(value, ensure_ascii=False)
    try:
        readable.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return readable


def _in_words(signal: Signal) -> str:
    where = f"characters {signal.start} to {signal.end}"
    return (
        f"{signal.level.word}: “{signal.words.reveal()}” ({where})\n"
        f"  {signal.explain}\n"
        f"  rule {signal.rule}, version {signal.version}"
    )
