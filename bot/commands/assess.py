"""`handrail assess`: the risk assessment alone, for work on the lexicon. One JSON object a line in, one a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from bot.config_files import gather
from bot.console import complain, painted, say, say_json
from bot.lexicons import read_lexicon
from bot.places import config_option, roots_of
from bot.reading import BadFiles
from flows.level import Level
from flows.risk import Assessment, Lexicon, assess

FINE, BAD_LINES = 0, 1
COLOURS = {Level.NONE: "white", Level.WATCH: "yellow", Level.URGENT: "magenta", Level.EMERGENCY: "red"}


class BadLine(Exception):
    """A line that cannot be assessed, and why."""


@click.command(name="assess")
@click.option("--text", help="Assess one message, and say the outcome in words.")
@click.option("--lang", default="", metavar="xx", help="The language of messages that do not say theirs.")
@click.option("--json", "as_json", is_flag=True, help="With --text: the same as a JSON object.")
@config_option
def command(text: str | None, lang: str, *, as_json: bool, config: Path | None) -> int:
    """Say how worrying messages are, and which words said so.

    Reads one JSON object a line, {"text": "...", "lang": "en"}, and writes one a line in the same order. "lang" may be
    left out: people mix languages, and every language of the lexicon listens to every message. Other keys come out as
    they went in.
    """
    lexicon = _lexicon(config)
    if text is None:
        return _pipe(lexicon)
    assessment = assess(text, lexicon)
    if as_json:
        say_json(outcome(assessment))
    else:
        for line in _in_words(assessment):
            say(line)
    return FINE


def _lexicon(config: Path | None) -> Lexicon:
    files = gather(roots_of(config))
    _, lexicon, complaints = read_lexicon(files)
    if lexicon is None:
        raise BadFiles([*files.complaints, *complaints])
    return lexicon


def outcome(assessment: Assessment) -> dict[str, Any]:
    """An assessment as it is written into a line."""
    return {
        "level": assessment.level.word,
        "category": assessment.category,
        "signals": [
            {
                "rule": signal.rule,
                "version": signal.version,
                "start": signal.start,
                "end": signal.end,
                "words": signal.words.reveal(),
                "level": signal.level.word,
            }
            for signal in assessment.signals
        ],
    }


# -- a line in, a line out -----------------------------------------------------------------------------------------


def _pipe(lexicon: Lexicon) -> int:
    if sys.stdin.isatty():
        complain('Waiting for lines like {"text": "..."}; Ctrl-D ends. For one message: handrail assess --text "..."')
    status = FINE
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            given = read_line(line)
        except BadLine as bad:
            complain(json.dumps({"line": number, "error": str(bad)}, ensure_ascii=False))
            status = BAD_LINES
            continue
        assessment = assess(given["text"], lexicon)
        _write({**_passed_through(given), **outcome(assessment)})
    return status


def read_line(line: bytes) -> dict[str, Any]:
    """The object in one line. Raises BadLine."""
    try:
        given = json.loads(line.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise BadLine("This line is not UTF-8 text.") from None
    except RecursionError:
        raise BadLine("This line is nested too deep.") from None
    except ValueError:
        raise BadLine('This line is not JSON. Write {"text": "..."}.') from None
    if not isinstance(given, dict):
        raise BadLine('This line is not a JSON object. Write {"text": "..."}.')
    if not isinstance(given.get("text"), str):
        raise BadLine('There is no text in this line. Write {"text": "..."}.')
    if not isinstance(given.get("lang", ""), str | None):
        raise BadLine('"lang" is not a language. Write "lang": "en", or leave it out.')
    return given


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _passed_through(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in {"text", "lang"}}


def _write(value: Mapping[str, Any]) -> None:
    """At once: whoever reads at the other end waits for this line before writing the next."""
    try:
        line = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character, which JSON can hold and UTF-8 cannot
        line = json.dumps(value).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


# -- in words ------------------------------------------------------------------------------------------------------


def _in_words(assessment: Assessment) -> Iterable[str]:
    level = painted(assessment.level.word, COLOURS[assessment.level])
    if not assessment.signals:
        yield f"{level}: no rule fired. That is not the same as safe."
        return
    yield f"{level} ({assessment.category.replace('_', ' ')})"
    for signal in assessment.signals:
        yield f'  "{signal.words.reveal()}" at {signal.start} to {signal.end}: {signal.level.word}'
        yield f"    {signal.explain} ({signal.rule}, version {signal.version})"
