"""The second reader as it is shipped: its weights are read when the first message is."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Final

import structlog

from bot.places import SHIPPED
from flows.risk.second import Opinion, SecondReader, parse

log = structlog.get_logger()

WEIGHTS: Final = SHIPPED / "risk" / "reader.tsv"


class ShippedReader:
    """Reads like the reader in the file. Nobody who only asks for help on the command line waits for it.

    Where the file cannot be read, the rules are heard alone: what they say must not be lost because somebody else has
    nothing to add. The log and `handrail doctor` tell.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    @cached_property
    def _reader(self) -> SecondReader | None:
        try:
            return parse(self._weights.read_text(encoding="utf-8"))
        except (OSError, ValueError) as failure:
            log.exception("the second reader cannot be read; the rules are heard alone", kind=type(failure).__name__)
            return None

    @property
    def is_there(self) -> bool:
        """Whether it can be read."""
        return self._reader is not None

    @property
    def version(self) -> int:
        """Of the weights; 0 where there are none."""
        return 0 if self._reader is None else self._reader.version

    def read(self, words: Sequence[str], concepts: Set[str]) -> Opinion | None:
        """The gravest opinion about a message of these words, in which these lists of the lexicon were met."""
        if self._reader is None:
            return None
        try:
            return self._reader.read(words, concepts)
        except ValueError as failure:  # a line of the file is spoiled
            log.warning("the second reader could not read a message", kind=type(failure).__name__)
            return None


SHIPPED_READER: Final = ShippedReader()
