"""The second reader: a sum of weights that may raise what the rules found, says why, and never lowers anything."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.second_reader import SHIPPED_READER, WEIGHTS, ShippedReader
from flows.level import Level
from flows.risk import assess
from flows.risk.assessing import SECOND
from flows.risk.lexicon import Category
from flows.risk.second import Opinion, SecondReader, parse
from flows.risk.switches import Categories, CategorySwitch, Screening
from tests.unit.risk.shipped import LEXICON

ALL = dict.fromkeys(get_args(Category), Level.EMERGENCY)


def reader(**pulls: int) -> SecondReader:
    """A reader that knows a few words, each with one weight for all three questions."""
    rows = [f"{word}\tsuicide\t{pull}\t{pull}\t{pull}\t1000\t1000\t1000" for word, pull in pulls.items()]
    return parse("\n".join(["version 7", "start 0 0 0", "bound 1 2 3", *rows]))


def lexicon(second: SecondReader, at_most: dict[str, Level] | None = None):
    return replace(LEXICON, second=second, second_at_most=ALL if at_most is None else at_most)


def test_it_speaks_where_the_rules_are_silent():
    """A message without a single phrase of the lexicon, and a signal that says which words and which version."""
    found = assess("the  Lantern is lit", lexicon(reader(lantern=2500)))
    (signal,) = found.signals
    assert (found.level, signal.rule, signal.version, signal.words.reveal()) == (Level.URGENT, SECOND, 7, "Lantern")
    assert "same day" in signal.explain
    assert "0.5 over" in signal.explain


def test_it_never_lowers_what_a_rule_said():
    """However harmless it may find a message, what the rules found stays as it is."""
    quiet = lexicon(reader(kill=-9000, myself=-9000, tonight=-9000))
    assert assess("i am going to kill myself tonight", quiet) == assess("i am going to kill myself tonight", LEXICON)


def test_what_the_rules_found_as_loud_is_not_said_twice():
    """A therapist reads the rule, which says more than a sum."""
    found = assess("i am going to kill myself tonight", lexicon(reader(tonight=9000)))
    assert SECOND not in {signal.rule for signal in found.signals}


@pytest.mark.parametrize(("at_most", "level"), [(Level.WATCH, Level.WATCH), (Level.NONE, Level.NONE)])
def test_it_is_no_louder_than_it_may_be(at_most: Level, level: Level):
    """A programme may have it only keep, or not listen at all."""
    assert assess("the lantern is lit", lexicon(reader(lantern=9000), {"suicide": at_most})).level is level


def test_its_switches_are_those_of_the_categories_too():
    """Whoever switched a category off did not mean only half of it."""
    quiet = Categories(suicide=CategorySwitch(off=True, because="elsewhere"))
    at_most = Screening(second_reader="emergency", categories=quiet).second_reader_at_most()
    assert at_most["suicide"] is Level.NONE
    assert at_most["medical"] is Level.EMERGENCY
    assert Screening(second_reader="off").second_reader_at_most() == {}
    assert Screening(on=False, because="by hand").second_reader_at_most() == {}


def test_what_frightens_is_not_drowned_by_what_does_not():
    """A long letter in which one sentence says it."""
    letter = "and then we had coffee and talked about the weather " * 30
    said = assess(f"{letter} the lantern is lit {letter}", lexicon(reader(lantern=9000, coffee=-100, weather=-100)))
    assert said.level is Level.EMERGENCY


def test_it_reads_both_ends_of_what_is_longer_than_any_message():
    """Its work has a limit; the rules read all of it."""
    found = assess("coffee " * 50_000 + "lantern", lexicon(reader(lantern=3000)))
    assert found.level is Level.EMERGENCY


@given(st.text(max_size=200))
def test_any_text_is_read(text: str):
    """No message is lost because of what is in it, and it finds its words in the text as written."""
    found = assess(text, replace(LEXICON, second=SHIPPED_READER, second_at_most=ALL))
    assert all(text[signal.start : signal.end] == signal.words.reveal() for signal in found.signals)


def test_it_says_the_same_every_time():
    """Deterministic: an alert can be looked at again."""
    words = ["i", "wrote", "letters", "for", "each", "of", "the", "kids", "and", "put", "them", "in", "the", "drawer"]
    assert isinstance(SHIPPED_READER.read(words, set()), Opinion | None)
    assert parse(WEIGHTS.read_text("utf-8")).sums(words, set()) == parse(WEIGHTS.read_text("utf-8")).sums(words, set())


def test_a_broken_file_says_so():
    """Half a file would be a reader that hears half."""
    with pytest.raises(ValueError, match="version"):
        parse("start 0 0 0\nbound 1 2 3\nversion 1")


def test_without_its_file_the_rules_are_heard_alone(tmp_path):
    """What a rule says must never be lost because somebody else has nothing to add."""
    deaf = ShippedReader(tmp_path / "reader.tsv")
    (tmp_path / "broken.tsv").write_text("version one")
    (tmp_path / "spoiled.tsv").write_text("version 1\nstart 0 0 0\nbound 1 2 3\npancakes\tsuicide\tmany\nkill\tsuicide")
    broken, spoiled = (ShippedReader(tmp_path / name) for name in ("broken.tsv", "spoiled.tsv"))
    assert not deaf.is_there
    assert not broken.is_there
    for one in (deaf, broken, spoiled):
        alone = replace(LEXICON, second=one, second_at_most=ALL)
        assert assess("i want to kill myself", alone) == assess("i want to kill myself", LEXICON)
        assert assess("we had pancakes", alone) == assess("we had pancakes", LEXICON)
