"""The lexicon says of itself what it finds. It is held to that."""

from __future__ import annotations

from flows.level import Level
from flows.risk import assess, failed_examples


def test_every_example_in_the_lexicon_holds(files, lexicon):
    """Each rule finds what it says it finds, at its full level, and stays quiet where it says so."""
    assert failed_examples(files, lexicon) == ()


def test_every_rule_has_an_example_that_must_not_fire(rule):
    """A rule without a counterexample was never questioned."""
    assert rule.examples.hits
    assert rule.examples.not_


def test_a_therapist_can_read_why(rule):
    """The sentence beside a signal is a whole one, not a code."""
    assert rule.explain.endswith(".")
    assert len(rule.explain.split()) >= 3


def test_rule_ids_begin_with_their_language(rule, files):
    """A clinic that overrides one rule must be able to find it."""
    language = rule.id.split(".")[0]
    assert any(file.language == language for file in files.values())


def test_an_emergency_pages(emergency, lexicon):
    """Danger now is `emergency`, in either language."""
    assert assess(emergency, lexicon).level is Level.EMERGENCY


def test_a_present_risk_alerts(urgent, lexicon):
    """A current risk is at least `urgent`."""
    assert assess(urgent, lexicon).level >= Level.URGENT


def test_ordinary_talk_does_not_alert(none, lexicon):
    """Phones die, traffic kills, and nobody is woken up for it."""
    assert assess(none, lexicon).level < Level.URGENT
