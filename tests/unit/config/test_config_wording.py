"""What a person in distress reads is short, plain and true; a text that is not is found before anybody reads it."""

from __future__ import annotations

import pytest

from bot.checking import check
from bot.inspecting.grade import grade, sentences, syllables

LONG = "This is a text that is not hard to read at all but it goes on. " * 3


def crisis(programme, step, text):
    return programme.writes("content/en/crisis.yaml", f"steps:\n  - id: {step}\n    say: {text!r}\n").wording()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("I promise that it will pass.", '"i promise" is not said here.'),
        ("He committed suicide.", 'Say "died by suicide".'),
        ("You’re not thinking of it, are you?", '"youre not thinking of" is not said here.'),
        ("How are you? Are you safe?", "This message asks 2 questions; at most 1."),
        ("One. Two. Three. Four.", "This message has 4 sentences; at most 3."),
        ("go on " * 21, "words; at most 20."),
        ("I hear you 💛.", 'No pictures in a crisis: "💛".'),
        (
            "Immediate professional intervention is available following an initial psychological evaluation.",
            "school grade",
        ),
    ],
)
def test_a_text_that_does_not_read_well_is_told(programme, text, what):
    """At the line of the text, with what to do."""
    complaints = crisis(programme, "heard", text)
    assert any(what in f"{complaint.what} {complaint.hint}" for complaint in complaints), complaints
    assert {complaint.line for complaint in complaints} == {3}


def test_a_bubble_that_is_too_long_is_told(programme):
    """Measured as it is read, with the slots filled in."""
    assert any("at most 160" in complaint.what for complaint in crisis(programme, "heard", LONG))


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ("You committed to this.", '"committed" is not said here.'),
        ("You have " + "often " * 30 + "felt low.", "at most 160"),
    ],
)
def test_a_sentence_about_a_pattern_is_read_as_it_is_said(programme, sentence, what):
    """What shows over weeks is told in words as careful as all others, and as short, with the line around them."""
    rule = f"rules:\n  - id: EW-LOW\n    participant: {{en: {sentence!r}}}\n"
    programme.writes("risk/patterns.yaml", rule).writes(
        "wording.yaml", "banned:\n  en:\n    committed: Say it plainly.\n"
    )
    complaints = [one for one in check(programme.roots) if one.file.endswith("risk/patterns.yaml")]
    assert any(what in complaint.what for complaint in complaints), complaints
    assert {complaint.line for complaint in complaints} == {3}


def test_a_clinician_may_allow_a_phrase_again(programme):
    """The list is theirs."""
    programme.writes("wording.yaml", "banned:\n  en:\n    i promise:\n")
    assert crisis(programme, "heard", "I promise that it will pass.") == []


def test_crisis_texts_without_an_approval_are_told(programme):
    """A translation is approved for itself; the English signature does not count for it."""
    programme.writes("content/es/crisis.yaml", "steps:\n  - id: safe\n    say: ¿Está a salvo ahora?\n")
    assert [complaint.what for complaint in programme.wording("es")] == ["Nobody has approved these crisis texts."]


def test_a_changed_crisis_text_must_be_approved_again(programme):
    """A word changed after the signature was not signed. The complaint says what to write once it is."""
    programme.writes("content/en/crisis.yaml", "steps:\n  - id: heard\n    say: Thank you. I have kept this.\n")
    [complaint] = about_crisis(programme)
    assert complaint.what == "These are not the texts that this approval is about."
    renewed = complaint.hint.rpartition("texts: ")[2].rstrip("`.")
    programme.writes(
        "content/en/crisis.yaml",
        f"approved: {{by: our clinical lead, on: 2026-03-01, texts: {renewed}}}\n"
        "steps:\n  - id: heard\n    say: Thank you. I have kept this.\n",
    )
    assert about_crisis(programme) == []


def about_crisis(programme):
    return [complaint for complaint in check(programme.roots) if "content" in complaint.file]


@pytest.mark.parametrize(
    ("word", "count"),
    {"safe": 1, "people": 2, "therapist": 3, "emergency": 4, "asked": 1, "added": 2, "quiet": 2, "language": 2}.items(),
)
def test_syllables_are_counted_about_right(word, count):
    """A counter that is wrong about common words would forbid plain sentences."""
    assert syllables(word) == count


def test_short_words_read_easier_than_long_ones():
    """Otherwise the measure would measure nothing."""
    assert grade("Call them now. Ask them to stay with you.") < 3
    assert grade("Professional intervention necessitates communication with qualified individuals.") > 10
    assert sentences("One. Two? Three") == ["One", "Two", "Three"]
