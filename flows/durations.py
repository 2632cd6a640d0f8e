"""Lengths of time as people write them in files: `30s`, `5m`, `2h`, `1d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SHAPE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")


def duration(written: object) -> timedelta:
    """The length of time that `written` names. Raises ValueError, saying what would be right."""
    if isinstance(written, timedelta):
        return written
    parts = SHAPE.findall(str(written).strip())
    if not parts or SHAPE.sub("", str(written)).strip():
        raise ValueError(f"{written!r} is not a length of time; write it like 30s, 5m, 2h or 1d")
    return sum((timedelta(**{UNITS[unit]: float(number)}) for number, unit in parts), timedelta())


Duration = Annotated[timedelta, BeforeValidator(duration)]


def in_words(length: timedelta) -> str:
    """`length` as it is said to a person: whole minutes, hours or days, the largest that fits."""
    minutes = max(1, round(length.total_seconds() / 60))
    for size, word in ((1440, "day"), (60, "hour")):
        if minutes % size == 0:
            return f"{minutes // size} {word}{'s' if minutes != size else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
