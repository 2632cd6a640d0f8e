"""Words on a command line as what they mean, or as wrong use that says what would be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

import click

from bot.reading import did_you_mean

T = TypeVar("T")


def understood(read: Callable[[str], T], written: str) -> T:
    """What `read` makes of `written`; its ValueError is a sentence for whoever wrote that."""
    try:
        return read(written)
    except ValueError as wrong:
        raise click.UsageError(f"{str(wrong)[:1].upper()}{str(wrong)[1:]}.") from None


def zone_named(written: str) -> str:
    """A time zone by its name, like America/New_York."""
    try:
        ZoneInfo(written)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(written, available_timezones()) or "Write it like America/New_York."
        raise click.UsageError(f'There is no time zone "{written}". {hint}') from None
    return written
