"""What an assessment says: one level, and every signal that led to it, with the exact words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flows.level import Level
from flows.phi import Phi


@dataclass(frozen=True, slots=True)
class Signal:
    """One rule that fired. `start` and `end` are character offsets into the text as it was written."""

    rule: str
    version: int
    level: Level
    category: str
    start: int
    end: int
    words: Phi[str]
    explain: str
    asks: bool = False  # the words may mean danger and may not: one direct question settles it, where it may be put


@dataclass(frozen=True, slots=True)
class Assessment:
    """The highest signal decides. No signals means `none`, which is not the same as safe."""

    level: Level = Level.NONE
    category: str = "none"
    signals: tuple[Signal, ...] = ()

    @classmethod
    def of(cls, signals: Iterable[Signal]) -> Assessment:
        """The assessment these signals make, the most worrying first, then in the order written."""
        ordered = tuple(sorted(signals, key=lambda signal: (-signal.level, signal.start, signal.rule)))
        return cls(ordered[0].level, ordered[0].category, ordered) if ordered else cls()
