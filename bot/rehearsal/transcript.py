"""What happened in a rehearsal, line by line, and what did not hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.simulated import Shown
from bot.rehearsal.file import Rehearsal


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, or one expectation and whether it held. The kinds are in the README of this folder."""

    at: datetime
    who: str
    kind: str
    text: str = ""
    buttons: tuple[str, ...] = ()
    level: str | None = None
    held: bool | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that did not hold, and what that person's screen showed last."""

    file: str
    line: int
    near: str
    what: str
    who: str = ""
    screen: tuple[Shown, ...] = ()


@dataclass
class Played:
    """A rehearsal that was played. `zone` is the one in which its times are read."""

    rehearsal: Rehearsal
    zone: str
    entries: list[Entry] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    expected: int = 0

    @property
    def held(self) -> bool:
        """Everything that was expected was so."""
        return not self.failures
