"""Fixtures about the shipped lexicon, and tests that run once for each of its rules or for each test sentence."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.reading import read_as, read_document
from flows.risk import Lexicon, LexiconFile, RulesFile, ScoreRules
from tests.unit.risk.shipped import FILES, LEXICON, RISK, sentences


@pytest.fixture
def files() -> Mapping[str, LexiconFile]:
    return FILES


@pytest.fixture
def lexicon() -> Lexicon:
    return LEXICON


@pytest.fixture
def scores() -> ScoreRules:
    return read_as(ScoreRules, read_document(RISK / "scores.yaml"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `emergency`, `urgent` or `none` runs once for each sentence of that level."""
    for level in ("emergency", "urgent", "none"):
        if level in metafunc.fixturenames:
            metafunc.parametrize(level, sentences(level))
    if "rule" in metafunc.fixturenames:
        rules = [rule for file in FILES.values() if isinstance(file, RulesFile) for rule in file.rules]
        metafunc.parametrize("rule", rules, ids=[rule.id for rule in rules])
