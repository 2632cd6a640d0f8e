"""The labelled messages that the second reader learns from, read as the program reads what people write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows.level import Level
from flows.risk import Lexicon
from flows.risk.assessing import concepts_in
from flows.risk.page import read

CORPUS: Final = Path(__file__).parents[1] / "corpus"
OPEN: Final = CORPUS / "open"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message: its words as the page has them, the lists of the lexicon that it touches, its labels, its writer."""

    words: tuple[str, ...]
    concepts: frozenset[str]
    level: Level
    category: str
    is_ordinary: bool
    writer: str


def labelled(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Every message in the files of a folder. The first letter of its id says which of the writers wrote it."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    return [_labelled(json.loads(line), lexicon) for line in lines]


def _labelled(one: dict[str, str], lexicon: Lexicon) -> Labelled:
    page = read(one["text"], lexicon.spelling)
    ordinary = one["phenomenon"] == "ordinary"
    found = tuple(page.words), concepts_in(page, lexicon)
    return Labelled(*found, Level.of(one["label"]), one["category"], ordinary, one["id"][0])
