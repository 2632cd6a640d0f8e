"""The switches of `[screening]` and a programme's own words, as somebody writes them into files."""

from __future__ import annotations

import pytest

from bot.checking import check
from flows.level import Level
from flows.risk import RulesFile, assess
from tests.unit.risk.shipped import FILES, LEXICON

RULES = [rule for file in FILES.values() if isinstance(file, RulesFile) for rule in file.rules]
LOUD = next(rule.id for rule in RULES if rule.level is Level.EMERGENCY and rule.category == "suicide")
SOFT = next(rule.id for rule in RULES if rule.level is Level.WATCH and rule.category == "suicide")
DYING = {signal.rule for signal in assess("I want to die", LEXICON).signals}
OWN = """
    rules:
      - id: own.old_tower
        version: 1
        level: urgent
        category: suicide
        explain: Speaks of going to the old tower.
        patterns:
          - (go|going|walk|walking|heading) ...2 {old_tower}
        examples:
          hits: [I am going to the old tower]
          not: [the tower club meets on Monday]
    concepts:
      old_tower: [the old tower, mill tower]
      kill_self: [do the mill thing]
    context:
      idioms: [tower club]
      abbreviations: {mb: mill tower}
"""


def level(programme, text):
    return programme.library.assess(text).level


# -- switches ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "\n".join(f'rules."{rule}" = {{ level = "watch" }}' for rule in DYING),
        "\n".join(f'rules.{rule} = {{ level = "watch" }}' for rule in DYING),
        'categories.suicide = { at_most = "watch", because = "A nurse reads everything." }',
    ],
)
def test_a_switch_counts_in_the_library(programme, written):
    """What the settings say is what the program hears."""
    assert level(programme, "I want to die") is Level.URGENT
    programme.writes("handrail.toml", f'[screening]\nsecond_reader = "off"\n{written}\n')
    assert level(programme, "I want to die") is Level.WATCH


def test_switches_do_not_touch_each_other(programme):
    """The second programme that is read is not the first: what is kept for speed is kept by its switches."""
    programme.writes("handrail.toml", '[screening]\non = false\nbecause = "Only scores."\n')
    assert level(programme, "I want to die") is Level.NONE
    programme.writes("handrail.toml", "[screening]\non = true\n")
    assert level(programme, "I want to die") is Level.URGENT


# what is written, the line complained about, what stands there, and words of the complaint
MISTAKES = {
    "an unknown category": ("[screening.categories]\nviolnce = {}", 2, "violnce = {}", 'Did you mean "violence"?'),
    "an unknown rule": (
        f'[screening.rules]\n"{LOUD}x" = {{ off = true }}',
        2,
        f'"{LOUD}x" = {{ off = true }}',
        f'There is no rule "{LOUD}x". Did you mean "{LOUD}"?',
    ),
    "an unknown rule without quotes": (
        f"[screening.rules]\n{LOUD}x = {{ off = true }}",
        2,
        f"{LOUD}x = {{ off = true }}",
        f'Did you mean "{LOUD}"?',
    ),
    "an unknown level of a category": (
        '[screening.categories]\nmedical = { at_most = "urgnet" }',
        2,
        'medical = { at_most = "urgnet" }',
        'Did you mean "urgent"?',
    ),
    "an unknown level of a rule": (
        f'[screening.rules]\n"{SOFT}" = {{ level = "emergancy" }}',
        2,
        f'"{SOFT}" = {{ level = "emergancy" }}',
        'Did you mean "emergency"?',
    ),
    "an unknown switch": ("[screening.categories]\nmedical = { of = true }", 2, None, 'Did you mean "off"?'),
    "a language without rules": (
        '[screening]\nlanguages = ["en", "fr"]',
        2,
        'languages = ["en", "fr"]',
        'There are no rules about words in "fr".',
    ),
    "two things at once": ("[screening.categories]\nmedical = { off = true, raised = 1 }", 2, None, "is enough"),
    "screening off and nobody says why": ("[screening]\non = false", 2, "on = false", "nobody says why"),
    "an emergency category off without a reason": (
        "[screening.categories]\nmedical = { off = true }",
        2,
        "medical = { off = true }",
        "that would page somebody at once (en.medical.",
    ),
    "an emergency category capped without a reason": (
        '[screening.categories]\nviolence = { at_most = "urgent" }',
        2,
        None,
        'because = "..."',
    ),
    "an emergency category lowered without a reason": (
        '[screening.categories]\nviolence = { lowered = 1, because = "  " }',
        2,
        None,
        'because = "..."',
    ),
    "an emergency rule off without a reason": (
        f'[screening.rules]\n"{LOUD}" = {{ off = true }}',
        2,
        None,
        f"takes away 1 rule that would page somebody at once ({LOUD})",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_switch_that_cannot_be_meant_is_told_where_it_stands(programme, name):
    """A misspelt switch would silently leave everything as it is, and a silent one take away somebody's night shift."""
    text, line, near, words = MISTAKES[name]
    complaint = programme.writes("handrail.toml", text).only_complaint
    assert complaint.file.endswith("handrail.toml")
    assert complaint.line == line
    assert near is None or complaint.near == near
    assert words in str(complaint)


@pytest.mark.parametrize(
    "written",
    [
        '[screening.categories]\nmedical = { off = true, because = "The nurse line hears it." }',
        "[screening.categories]\nmedical = { raised = 1 }",
        f'[screening.rules]\n"{SOFT}" = {{ off = true }}',
        '[screening.categories]\nsuicide = { at_most = "urgent", because = "Read around the clock." }',
        '[screening]\nlanguages = ["es"]',
    ],
)
def test_a_switch_with_its_reason_or_without_need_of_one_is_fine(programme, written):
    """The examples of rules are still looked at as they are written: a switch makes none of them wrong."""
    programme.writes("handrail.toml", written)
    assert check(programme.roots) == []


# -- own words -----------------------------------------------------------------------------------------------------


def test_own_rules_lists_and_cues_are_laid_into_the_shipped_ones(programme):
    """One file, and the programme hears its own words in the shipped rules as well."""
    assert level(programme, "heading to mill tower") is Level.NONE
    programme.writes("risk/en/own.yaml", OWN)
    assert check(programme.roots) == []
    assert level(programme, "heading to mill tower") is Level.URGENT
    assert level(programme, "walking to mb") is Level.URGENT
    assert level(programme, "I am going to do the mill thing tonight") is Level.EMERGENCY
    assert level(programme, "I am going to kill myself tonight") is Level.EMERGENCY


def test_an_own_idiom_quietens_what_it_belongs_to(programme):
    """What people say here and do not mean."""
    text = "i have tickets for the i want to die festival"
    programme.writes("handrail.toml", '[screening]\nsecond_reader = "off"\n')
    assert level(programme, text) > Level.NONE
    programme.writes("risk/en/own.yaml", "context:\n  idioms: [want to die festival]\n")
    assert level(programme, text) is Level.NONE


OWN_MISTAKES = {
    "the id of a shipped rule": (("own.old_tower", SOFT), 2, "is already in risk/en/"),
    "an unknown list in a rule": (("{old_tower}", "{old_towre}"), 8, "Did you mean “old_tower”?"),
    "an unknown list in a shipped list": (("do the mill thing", '"{mil}"'), 14, "there is no concept “mil”"),
    "an unknown level": (("level: urgent", "level: urgnt"), 4, "Did you mean “urgent”?"),
    "an unknown category": (("category: suicide", "category: suicid"), 5, 'Did you mean "suicide"?'),
    "an unknown cue": (("idioms:", "idiom:"), 16, 'Did you mean "idioms"?'),
    "an unknown key": (("concepts:", "concept:"), 12, 'Did you mean "concepts"?'),
    "a list that is none": (("[tower club]", "tower club"), 16, '"idioms" must be a list'),
    "another language": (("rules:", "language: es\n    rules:"), 1, 'lies in the folder of "en", and says "es"'),
}


@pytest.mark.parametrize("name", OWN_MISTAKES)
def test_a_mistake_in_own_words_is_told_at_its_own_line(programme, name):
    """Also where the words were laid into a shipped list: nobody looks for their mistake in our files."""
    (written, instead), line, words = OWN_MISTAKES[name]
    assert written in OWN
    programme.writes("risk/en/own.yaml", OWN.replace(written, instead, 1))
    complaint = programme.complaints[0]
    assert complaint.file.endswith("risk/en/own.yaml")
    assert (complaint.line, words in str(complaint)) == (line, True), str(complaint)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("risk/own.yaml", "Such as risk/en/own.yaml."),
        (
            "risk/eng/own.yaml",
            'There are no rules about words in "eng" that these could be laid into. Did you mean "en"?',
        ),
    ],
)
def test_own_words_in_the_wrong_folder_are_told_where_they_belong(programme, place, words):
    """One sentence, not sixteen about what a file of another kind would need."""
    complaint = programme.writes(place, OWN).only_complaint
    assert complaint.file.endswith(place)
    assert words in str(complaint)


def test_an_own_example_that_does_not_hold_is_told(programme):
    """The first test of a rule is its author's own sentence."""
    programme.writes("risk/en/own.yaml", OWN.replace("I am going to the old tower", "I saw the old tower"))
    [complaint] = check(programme.roots)
    assert complaint.file.endswith("risk/en/own.yaml")
    assert "should be found by “own.old_tower” and is not" in complaint.what


def test_own_words_in_two_languages_may_share_a_list_name(programme):
    """Each language has its own lists."""
    programme.writes("risk/en/own.yaml", OWN)
    programme.writes("risk/es/own.yaml", "concepts:\n  old_tower: [el puente viejo]\n")
    assert programme.complaints == []
    assert level(programme, "walking to mb") is Level.URGENT
