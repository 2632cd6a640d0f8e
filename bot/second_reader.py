"""The second reader as it is shipped: its weights are read when the first message is."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cached_property
from typing import Final

from bot.places import SHIPPED
from flows.risk.second import Opinion, SecondReader, parse

WEIGHTS: Final = SHIPPED / "risk" / "reader.tsv"


class ShippedReader:
    """Reads like the reader in the file. Nobody who only asks for help on the command line waits for it."""

    @cached_property
    def _reader(self) -> SecondReader:
        return parse(WEIGHTS.read_text(encoding="utf-8"))

    @property
    def version(self) -> int:
        """Of the weights."""
        return self._reader.version

    def read(self, words: Sequence[str], concepts: Set[str]) -> Opinion | None:
        """The gravest opinion about a message of these words, in which these lists of the lexicon were met."""
        return self._reader.read(words, concepts)


SHIPPED_READER: Final = ShippedReader()
