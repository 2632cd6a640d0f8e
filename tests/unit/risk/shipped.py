"""The shipped lexicon, read the way Handrail reads it, and the sentences written for these tests."""

from __future__ import annotations

from pathlib import Path

from bot.reading import read_as, read_document
from flows.risk import CommonFile, ConceptsFile, ContextFile, LexiconFile, RulesFile, compile_lexicon

RISK = Path(__file__).parents[3] / "config" / "risk"
SENTENCES = read_document(Path(__file__).parent / "sentences.yaml").value
KINDS = {"concepts": ConceptsFile, "context": ContextFile, "common": CommonFile}


def read_files() -> dict[str, LexiconFile]:
    """Every file of every language, by its name."""
    paths = sorted(RISK.glob("*/*.yaml"))
    return {
        f"{p.parent.name}/{p.name}": read_as(KINDS.get(p.stem.partition("_")[0], RulesFile), read_document(p))
        for p in paths
    }


FILES = read_files()
LEXICON = compile_lexicon(FILES)


def sentences(level: str) -> list[str]:
    """The test sentences of one level, in both languages."""
    return [text for language in SENTENCES.values() for text in language[level]]
