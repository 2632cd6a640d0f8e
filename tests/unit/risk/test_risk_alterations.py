"""Every emergency that the lexicon shows as an example stays one, however it is typed."""

from __future__ import annotations

from random import Random

import pytest

from flows.level import Level
from flows.risk import RulesFile, assess
from tests.unit.risk.alterations import ALMOST, SAME
from tests.unit.risk.shipped import FILES, LEXICON, sentences

EXAMPLES = sorted(
    {
        example
        for file in FILES.values()
        for rule in (file.rules if isinstance(file, RulesFile) else ())
        if rule.level is Level.EMERGENCY
        for example in rule.examples.hits
    }
)
EVERY_WAY = SAME | ALMOST
ENOUGH = 0.9
#: More is said. A bare cry for help is one because nothing else is said.
NOT_ALONE = {"politeness before", "politeness after", "small talk before", "a name before"}
#: `b*at` may be a boat or a beat: who hides letters may be read for the worse.
COULD_BE_ANYTHING = {"asterisk in one word", "asterisk in every word"}
ORDINARY = [text for text in sentences("none") if text.strip()[0] not in "!/"]  # commands are not typed in disguise


def lost(way: str) -> list[str]:
    """The examples, altered this way, that are no emergency any more."""
    altered = (EVERY_WAY[way](text, Random(text)) for text in HEARD if way not in NOT_ALONE or not bare_cry(text))
    return [text for text in altered if level(text) is not Level.EMERGENCY]


def bare_cry(text: str) -> bool:
    """Whether these words are an emergency because they stand alone."""
    return all(".help." in f"{one.rule}." for one in assess(text, LEXICON).signals if one.level is Level.EMERGENCY)


def level(text: str) -> Level:
    return assess(text, LEXICON).level


def test_every_emergency_example_is_an_emergency_as_it_is_written():
    """Otherwise the tests below would ask for nothing."""
    assert sorted(set(EXAMPLES) - set(HEARD)) == []


HEARD = [text for text in EXAMPLES if level(text) is Level.EMERGENCY]


@pytest.mark.parametrize("way", SAME)
def test_an_emergency_stays_one_however_it_is_typed(way):
    """Fonts, phones, tired fingers, hiding: none of it decides whether somebody is woken up."""
    assert lost(way) == []


@pytest.mark.parametrize("way", ALMOST)
def test_nine_in_ten_stay_an_emergency_where_every_letter_is_changed(way):
    """Digits for letters, no blanks at all: some of it cannot be read by anybody."""
    missed = lost(way)
    assert len(missed) <= (1 - ENOUGH) * len(HEARD), missed


@pytest.mark.parametrize("way", sorted(EVERY_WAY.keys() - COULD_BE_ANYTHING))
def test_ordinary_talk_stays_ordinary_however_it_is_typed(way):
    """What undoes disguises must not find any in everyday words."""
    altered = [EVERY_WAY[way](text, Random(text)) for text in ORDINARY]
    assert [text for text in altered if level(text) >= Level.URGENT] == []
