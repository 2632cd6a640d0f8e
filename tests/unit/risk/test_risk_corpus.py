"""How well the shipped words and the second reader do on messages that nobody wrote rules by: never worse than this.

The figures are what was measured, a little lower. Raise them with every version that is better; never lower one without
saying why.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config_files import gather
from bot.evaluating import score
from bot.labelled import read_labelled
from bot.lexicons import read_lexicon
from bot.places import roots_of
from flows.level import Level
from flows.risk.scoring import Scored

HELD_OUT = Path(__file__).parents[2] / "corpus" / "held_out"
AT_LEAST = {
    "en": {
        "crises alert": 0.47,
        "emergencies alert": 0.55,
        "emergencies page": 0.40,
        "explicit alert": 0.68,
        "watch": 0.39,
    },
    "es": {
        "crises alert": 0.45,
        "emergencies alert": 0.53,
        "emergencies page": 0.44,
        "explicit alert": 0.71,
        "watch": 0.48,
    },
}
AT_MOST = {
    "en": {"harmless alert": 0.06, "harmless page": 0.03},
    "es": {"harmless alert": 0.04, "harmless page": 0.02},
}


@pytest.fixture(scope="module")
def scored() -> dict[str, list[Scored]]:
    _, lexicon, _ = read_lexicon(gather(roots_of(None)))
    assert lexicon is not None
    return {language: score(read_labelled([HELD_OUT / f"{language}.jsonl"]), lexicon) for language in AT_LEAST}


def shares(messages: list[Scored]) -> dict[str, float]:
    crises = [one for one in messages if one.is_crisis]
    emergencies = [one for one in messages if one.label is Level.EMERGENCY]
    explicit = [one for one in crises if one.is_explicit]
    harmless = [one for one in messages if one.label is Level.NONE]
    watch = [one for one in messages if one.label is Level.WATCH]
    return {
        "crises alert": sum(one.alerts for one in crises) / len(crises),
        "emergencies alert": sum(one.alerts for one in emergencies) / len(emergencies),
        "emergencies page": sum(one.pages for one in emergencies) / len(emergencies),
        "explicit alert": sum(one.alerts for one in explicit) / len(explicit),
        "harmless alert": sum(one.alerts for one in harmless) / len(harmless),
        "harmless page": sum(one.pages for one in harmless) / len(harmless),
        "watch": sum(one.found.level > Level.NONE for one in watch) / len(watch),
    }


@pytest.mark.parametrize("language", AT_LEAST)
def test_what_was_heard_is_heard(scored: dict[str, list[Scored]], language: str) -> None:
    """A change that makes the program deafer, or jumpier, is seen before anybody has to live with it."""
    found = shares(scored[language])
    assert {what: share for what, share in found.items() if share < AT_LEAST[language].get(what, 0.0)} == {}
    assert {what: share for what, share in found.items() if share > AT_MOST[language].get(what, 1.0)} == {}


def test_the_corpus_is_as_large_as_it_says(scored: dict[str, list[Scored]]) -> None:
    """A share of a few messages proves nothing; about half are harmless."""
    together = [one for messages in scored.values() for one in messages]
    assert len(together) >= 1_200
    assert 0.4 <= sum(one.label is Level.NONE for one in together) / len(together) <= 0.6
