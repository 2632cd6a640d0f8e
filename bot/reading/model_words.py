"""What pydantic objects to, in words for somebody who never heard of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from pydantic_core import ErrorDetails

from bot.reading.document import Place
from bot.reading.nearest import listed, nearest

LONGEST_VALUE = 40
MANY = 12
# What TOML tells apart from text.
SCALARS = (int, float, date, time)

# How pydantic's names for its errors begin, and what it wished for. The longer beginnings first.
WISHES = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_": "a whole number",
    "float_": "a number",
    "decimal_": "a number",
    "finite_number": "a number",
    "bool_": "true or false",
    "list_": "a list",
    "tuple_": "a list",
    "set_": "a list",
    "frozen_set_": "a list",
    "iterable_": "a list",
    "dict_": "a group of keys",
    "mapping_": "a group of keys",
    "model_": "a group of keys",
    "dataclass_": "a group of keys",
    "datetime_": "a day and time, like 2025-03-31 21:00",
    "date_": "a day, like 2025-03-31",
    "time_delta_": "a length of time, like 15:00:00 or PT15M",
    "time_": "a time of day, like 21:00",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "string_pattern_mismatch": "text of the form {pattern}",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "none_required": "left out",
}
CHOICES = {"literal_error": "expected", "enum": "expected", "union_tag_invalid": "expected_tags"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What would have been right: in words, or one of a few `choices`."""

    words: str = ""
    choices: tuple[str, ...] = ()


def wish(error: ErrorDetails) -> Wish | None:
    """What the model wished for instead, if the error is of that kind."""
    kind, ctx = error["type"], error.get("ctx", {})
    if kind in CHOICES:
        return Wish(choices=_choices(str(ctx[CHOICES[kind]])))
    if kind == "string_too_short" and ctx["min_length"] == 1:
        return Wish("some text")
    words = next((words for start, words in WISHES.items() if kind.startswith(start)), None)
    return None if words is None else Wish(words.format(**ctx))


def unmet(wishes: Sequence[Wish], place: Place, value: object) -> tuple[str, str]:
    """What happened and what to do: one sentence for all that would have been right at this place."""
    choices = [choice for one in wishes for choice in one.choices]
    words = [one.words for one in wishes if one.words]
    if len(choices) > MANY:
        words.append("one of the known words")
    elif choices:
        words.append(listed(choices, "or"))
    guess = nearest(value, choices) if isinstance(value, str) else None
    hint = f'Did you mean "{guess}"?' if guess is not None else ""
    if "text" in words and isinstance(value, SCALARS):
        hint = 'Put it in "quotes".'
    return f"{subject(place)} must be {' or '.join(dict.fromkeys(words))}{_instead_of(value)}.", hint


def explained(error: ErrorDetails, place: Place) -> tuple[str, str]:
    """What happened, for all other errors: what the model's own checks say, or pydantic's words."""
    ctx = error.get("ctx", {})
    if error["type"] == "union_tag_not_found":
        return f"The key {str(ctx['discriminator']).replace(chr(39), chr(34))} is missing here.", ""
    if isinstance(own := ctx.get("error"), Exception):
        return _sentence(str(own)), ""
    return f"{subject(place)} is not right: {_sentence(error['msg'])}", ""


def subject(place: Place) -> str:
    """`"next"`, `Item 3 of "choices"` or `This file`."""
    if not place:
        return "This file"
    *above, last = place
    if isinstance(last, str):
        return f'"{last}"'
    within = f' of "{above[-1]}"' if above and isinstance(above[-1], str) else ""
    return f"Item {last + 1}{within}"


def _choices(expected: str) -> tuple[str, ...]:
    """The words in pydantic's `'well', 'badly' or 3`."""
    return tuple(quoted or bare for quoted, bare in re.findall(r"'((?:[^'\\]|\\.)*)'|([\d.]+)", expected))


def _instead_of(value: object) -> str:
    if value == "":
        return ", but nothing is written here"
    if isinstance(value, dict):
        return ", not a group of keys"
    if isinstance(value, list):
        return f", not a list of {len(value)}"
    written = str(value).lower() if isinstance(value, bool) else str(value)
    short = written if len(written) <= LONGEST_VALUE else written[:LONGEST_VALUE] + "…"
    return f', not "{short.strip()}"' if isinstance(value, str) else f", not {short}"


def _sentence(words: str) -> str:
    words = words.strip() or "it is not allowed"
    return words[0].upper() + words[1:] + ("" if words[-1] in ".?!" else ".")
