"""Denials, other people, the past and jokes quieten their own words, and only those."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.level import Level
from flows.risk import assess
from tests.unit.risk.shipped import LEXICON, sentences


def level(text: str) -> Level:
    return assess(text, LEXICON).level


@pytest.mark.parametrize(
    "text",
    [
        "no SI but I have the pills next to me",
        "not suicidal, the gun is loaded though",
        "im not going to do anything. the rope is tied",
        "no thoughts today\ni just took all my pills",
        "no soy suicida pero tengo la soga lista",
        "i dont want to die, i just swallowed the whole bottle",
    ],
)
def test_a_denial_never_hides_a_second_clause(text):
    """Half-denied is not denied."""
    assert level(text) is Level.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "not gonna lie i want to die",
        "no one knows im suicidal",
        "no, i want to kill myself",
        "no i want to die",
        "i dont know why i want to die",
        "cant stop wanting to die",
        "i cant go a day without wanting to kill myself",
        "didnt tell anyone i want to die",
        "i dont care if i die",
        "nadie sabe que me quiero morir",
        "no puedo dejar de pensar en matarme",
    ],
)
def test_what_looks_like_a_denial_and_is_none(text):
    """Chat says "not gonna lie"; a note would say "denies"."""
    assert level(text) >= Level.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "i dont want to kill myself",
        "i do not want to die",
        "i dont think i want to die",
        "no thoughts of suicide",
        "denies suicidal thoughts",
        "i would never kill myself",
        "never been suicidal",
        "not hearing voices",
        "no me quiero morir",
        "nunca me haría daño",
        "sin ideas suicidas",
    ],
)
def test_a_denial_that_is_one(text):
    """A routine answer in a check-in wakes nobody."""
    assert level(text) < Level.URGENT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i wanted to die back in high school", Level.WATCH),
        ("i tried to kill myself two years ago", Level.WATCH),
        ("i tried to kill myself two years ago and i want to die again", Level.URGENT),
        ("my brother is suicidal", Level.WATCH),
        ("my brother took all his pills", Level.EMERGENCY),
        ("in the movie she wants to kill herself", Level.NONE),
        ("what happens if i say im suicidal", Level.WATCH),
        ("ill kill myself if the portal logs me out again", Level.WATCH),
        ("dying of laughter and also i want to die", Level.URGENT),
        ("this traffic is killing me, i took all my pills", Level.EMERGENCY),
    ],
)
def test_other_people_the_past_stories_and_jokes(text, expected):
    """Each quietens as far as the labelling guide says, and no further."""
    assert level(text) is expected


@given(st.sampled_from(sentences("emergency") + sentences("urgent")), st.sampled_from(sentences("none")), st.booleans())
def test_another_sentence_never_lowers_the_level(worrying, harmless, first):
    """Whatever else is said, in whatever order. Only a bare cry for help must stand alone to be one."""
    if any(signal.rule.split(".")[1] == "help" for signal in assess(worrying, LEXICON).signals):
        return
    both = f"{harmless}. {worrying}" if first else f"{worrying}. {harmless}"
    assert level(both) >= level(worrying)


@pytest.mark.parametrize("text", ["!help", "/help", "  !help", "/HELP", "!help me with zoom", "help with my homework"])
def test_a_command_or_help_with_something_is_no_cry(text):
    """The bot's own words must not page a therapist."""
    assert level(text) is Level.NONE


@pytest.mark.parametrize(
    "text",
    ["help", "HELP", "Help!!", "help me", "helppp", "sos", "S.O.S.", "🆘🆘🆘", "help 😭", "AYUDA", "¡ayuda!"],
)
def test_a_bare_cry_for_help_is_an_emergency(text):
    """No object, no question: somebody looks now."""
    assert level(text) is Level.EMERGENCY


def test_a_command_does_not_hide_what_follows():
    """Somebody may type it out of habit."""
    assert level("!help i took all my pills") is Level.EMERGENCY


def test_both_languages_are_heard_in_one_message():
    """People mix languages, and the higher signal wins."""
    assert level("hola, ya no quiero vivir, i took all my pills") is Level.EMERGENCY
    assert assess("ya no quiero vivir", LEXICON.of("es")).level is Level.URGENT
    assert assess("ya no quiero vivir", LEXICON.of("en")).level is Level.NONE
    assert assess("ya no quiero vivir", LEXICON.of("fr")).level is Level.URGENT


def test_the_assessment_says_what_the_highest_signal_says():
    """One level, one category, every signal, the worst first."""
    found = assess("i feel worthless. i just took all my pills", LEXICON)
    assert (found.level, found.category) == (Level.EMERGENCY, "medical")
    assert [signal.level for signal in found.signals] == sorted((s.level for s in found.signals), reverse=True)
    assert {signal.rule for signal in found.signals} >= {"en.medical.overdose", "en.distress.hopeless"}
    assert "pills" not in repr(found)
