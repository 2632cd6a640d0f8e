"""Somebody's pager as a decision may know it: what to call it, whether it is proved to be theirs, what they just tried.

A pager is any other way to ring one person: SMS, mail, a phone service, a webhook. It takes pages and codes, and
nothing else ever leaves by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tried(StrEnum):
    """What became of a code that was written back."""

    NOTHING = ""
    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"  # too late, too often, or none was ever sent


@dataclass(frozen=True, slots=True)
class Pager:
    """`shown` is its kind and the last two characters of its address. `resting`: a code went out a moment ago."""

    shown: str
    confirmed: bool
    resting: bool = False
    tried: Tried = Tried.NOTHING


@dataclass(frozen=True, slots=True)
class PagerChange:
    """What was decided about it: a code to remember, or what a try came to."""

    code: str = ""
    tried: Tried = Tried.NOTHING


def shown(url: str) -> str:
    """An address as it may be shown to its owner and to an operator: `mailto …rg`."""
    kind, _, rest = url.partition("://")
    return f"{kind} …{rest.partition('?')[0].rstrip('/')[-2:]}"
