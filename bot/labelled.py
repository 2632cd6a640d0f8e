"""Files of messages that people have labelled: one JSON object a line, as `handrail assess --eval` reads them.

Everything that is wrong is told with its line, and nothing of what stands there: they may be somebody's own words.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

from bot.reading import BadFiles, Complaint, shown
from flows.level import Level
from flows.phi import Phi
from flows.risk.lexicon import Category
from flows.risk.scoring import Labelled

KEYS: Final = ("id", "text", "lang", "label", "category", "phenomenon")
CATEGORIES: Final = (*get_args(Category), "none")
MOST_COMPLAINTS: Final = 20


class _Wrong(ValueError):
    """What is wrong with a line, in one sentence that quotes nothing from it."""


def read_labelled(paths: Sequence[Path]) -> list[Labelled]:
    """All messages of all files. Raises BadFiles, with the first twenty lines that are wrong."""
    messages: dict[str, Labelled] = {}
    complaints: list[Complaint] = []
    for path in paths:
        for number, line in _lines(path):
            try:
                message = _message(line, messages.keys())
                messages[message.id] = message
            except _Wrong as wrong:
                complaints.append(Complaint(shown(path), number, "", str(wrong)))
    if complaints:
        raise BadFiles(complaints[:MOST_COMPLAINTS])
    if not messages:
        raise BadFiles([Complaint(shown(path), None, "", "There are no messages in it.") for path in paths])
    return list(messages.values())


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _message(line: bytes, taken: Container[str]) -> Labelled:
    given = _object(line)
    for key in KEYS:
        if not isinstance(given.get(key), str) or not given[key].strip():
            raise _Wrong(f'The object needs "{key}", and a string that is not empty. It needs: {", ".join(KEYS)}.')
    if given["id"] in taken:
        raise _Wrong('Another message has this "id" already.')
    level = _level(given["label"])
    category = given["category"]
    if category not in CATEGORIES:
        raise _Wrong(f'Its "category" is none of these: {", ".join(CATEGORIES)}.')
    if (level is Level.NONE) != (category == "none"):
        raise _Wrong('The "category" is "none" exactly when the "label" is "none".')
    return Labelled(given["id"], Phi(given["text"]), given["lang"], level, category, given["phenomenon"])


def _object(line: bytes) -> Mapping[str, str]:
    try:
        given = json.loads(line.decode())
    except UnicodeDecodeError:
        raise _Wrong("This is not UTF-8 text.") from None
    except json.JSONDecodeError as wrong:
        raise _Wrong(f"This is not JSON: {wrong.msg} at character {wrong.pos + 1}.") from None
    except (ValueError, RecursionError):
        raise _Wrong("This cannot be read as JSON.") from None
    if not isinstance(given, dict):
        raise _Wrong("This is JSON, but no object.")
    return given


def _level(word: str) -> Level:
    if word not in {level.word for level in Level}:
        raise _Wrong(f'Its "label" is none of these: {", ".join(level.word for level in Level)}.')
    return Level.of(word)
