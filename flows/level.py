"""How fast a human must look: none < watch < urgent < emergency (the four levels of the clinical protocol)."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """Software raises a level; only a named clinician lowers or closes it."""

    NONE = 0
    WATCH = 1
    URGENT = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """The level as it is written in files, commands and pages."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Level:
        """The level named `word`. Raises KeyError for a word that is none of the four."""
        return cls[word.strip().upper()]
