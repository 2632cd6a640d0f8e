"""A mistake in a lexicon file is told in the words of the person who edits it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flows.risk import ConceptsFile, ContextFile, LexiconError, RulesFile, assess, compile_lexicon
from tests.unit.risk.shipped import FILES

CONTEXT = FILES["en/context.yaml"].model_copy(
    update={key: () for key in ("past", "stories", "asking", "exaggeration", "idioms", "not_denials")}
)
CONCEPTS = {"language": "en", "concepts": {"kill": ["kill", "end"], "self": ["myself", "my self"]}}


def a_rule(**changes: Any) -> dict[str, Any]:
    return {
        "id": "en.test",
        "version": "1",
        "level": "urgent",
        "category": "suicide",
        "explain": "Says so.",
        "patterns": ["{kill} {self}"],
        "examples": {"hits": ["kill myself"], "not": ["kill time"]},
    } | changes


def compiled(*rules: dict[str, Any], concepts: dict[str, Any] = CONCEPTS) -> Any:
    rules_file = RulesFile.model_validate({"language": "en", "rules": list(rules)})
    concepts_file = ConceptsFile.model_validate(concepts)
    return compile_lexicon({"en/context.yaml": CONTEXT, "en/concepts.yaml": concepts_file, "en/rules.yaml": rules_file})


def test_a_small_lexicon_works_and_numbers_may_be_text():
    """The reader hands over text, so that No stays the word No."""
    (signal,) = assess("i will kill myself", compiled(a_rule(version="3"))).signals
    assert (signal.rule, signal.version) == ("en.test", 3)


def test_an_urgent_rule_can_say_that_its_words_are_unclear():
    """What the participant answers to one direct question then counts. Lowered to a watch, they ask as a watch does."""
    lexicon = compiled(a_rule(asks="true", denied="watch"))
    assert [signal.asks for signal in assess("i will kill myself", lexicon).signals] == [True]
    assert [signal.asks for signal in assess("i will not kill myself", lexicon).signals] == [False]
    assert not any(signal.asks for signal in assess("i will kill myself", compiled(a_rule())).signals)


@pytest.mark.parametrize("level", ["watch", "emergency"])
def test_only_an_urgent_rule_can_be_unclear(level):
    """An emergency never waits for a question; a watch asks by itself."""
    with pytest.raises(ValidationError, match="only an urgent rule can say"):
        compiled(a_rule(level=level, asks="true"))


def test_an_unknown_concept_is_named_with_its_place_and_the_nearest_one():
    """A typing slip in braces would otherwise silence a rule."""
    with pytest.raises(LexiconError) as wrong:
        compiled(a_rule(patterns=["{kill} {self}", "{kil} {self}"]))
    assert (wrong.value.file, wrong.value.where) == ("en/rules.yaml", ("rules", 0, "patterns", 1))
    assert "“{kil}”" in wrong.value.sentence
    assert "Did you mean “kill”?" in wrong.value.sentence


def test_an_unknown_concept_inside_a_concept():
    """The same one floor deeper."""
    with pytest.raises(LexiconError, match="no concept “nobody”"):
        compiled(a_rule(), concepts={"language": "en", "concepts": {"kill": ["{nobody}"], "self": ["me"]}})


def test_concepts_that_take_in_each_other():
    """A circle is told, not followed."""
    with pytest.raises(LexiconError, match="take in each other"):
        compiled(a_rule(), concepts={"language": "en", "concepts": {"kill": ["{self}"], "self": ["{kill}"]}})


def test_a_concept_may_take_in_another():
    """Lists are written once."""
    concepts = {"language": "en", "concepts": {"kill": ["kill"], "self": ["{me}"], "me": ["myself"]}}
    assert assess("kill myself", compiled(a_rule(), concepts=concepts)).signals


def test_two_rules_with_one_id():
    """In one file or in two, a signal must name one rule."""
    with pytest.raises(ValidationError, match=r"“en\.test” is here twice"):
        compiled(a_rule(), a_rule())
    files = {name: RulesFile.model_validate({"language": "en", "rules": [a_rule()]}) for name in ("a.yaml", "b.yaml")}
    with pytest.raises(LexiconError, match=r"already in a\.yaml"):
        compile_lexicon(files)


def test_a_language_without_its_context():
    """Without it every denial would be an alarm."""
    with pytest.raises(LexiconError, match="needs one context file and has 0"):
        compile_lexicon({"fr/x.yaml": RulesFile.model_validate({"language": "fr", "rules": [a_rule()]})})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"level": "severe"}, "“severe” is no level"),
        ({"level": "none"}, "would never be heard"),
        ({"category": "sadness"}, "'suicide', 'self_harm'"),
        ({"version": "0"}, "greater than or equal to 1"),
        ({"version": "one"}, "valid integer"),
        ({"patterns": []}, "at least 1 item"),
        ({"patterns": ["{kill"]}, "has a { or a } too many"),
        ({"patterns": ["kill ("]}, r"has a ( or a ) too many"),
        ({"patterns": ["{} me"]}, "empty braces"),
        ({"patterns": ["() me"]}, "empty brackets"),
        ({"patterns": ["... me"]}, "starts with “...”"),
        ({"patterns": ["me ..."]}, "ends with “...”"),
        ({"patterns": ["a ...99 b"]}, "allows 99 words"),
        ({"patterns": ["[middle] a"]}, "only [start] and [end]"),
        ({"patterns": ["a [start] b"]}, "can only come first"),
        ({"patterns": ["a [end] b"]}, "can only come last"),
        ({"patterns": ["very? much?"]}, "asks for nothing"),
        ({"patterns": ["a b c d e f g h i j"]}, "too long"),
        ({"unless": ["{"]}, "too many"),
        ({"examples": {"hits": []}}, "at least 1 item"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_wrong_rule_is_told_plainly(change, complaint):
    """One sentence, with the word that is wrong."""
    with pytest.raises(ValidationError) as wrong:
        RulesFile.model_validate({"language": "en", "rules": [a_rule(**change)]})
    assert complaint in str(wrong.value)


@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        ("want to die", "i want to die", "i want die"),
        ("want to die", "i want to fucking die", "i want to see you die"),
        ("want ... die", "i want to see me die", "i want to see the end before i die"),
        ("want ...1 die", "want to die", "want to see die"),
        ("my? pills", "pills", "tablets"),
        ("{any of kill, self}", "myself", "me"),
        ("(rope|the gun) ready", "the gun ready", "gun ready"),
        ("[start] come now [end]", "come now!!", "come now or later"),
        ("took <many> pills", "took 12 pills", "took 2 pills"),
        ("took <n> pills", "took 2 pills", "took the pills"),
        ("want die", "want die", "want. die"),
        ("want die", "want, die", "want\ndie"),
        ("want ... die", "want you die", "want you but die"),
    ],
)
def test_what_a_pattern_finds(pattern, found, missed):
    """The pattern language, as its description says."""
    lexicon = compiled(a_rule(patterns=[pattern]))
    assert assess(found, lexicon).signals
    assert not assess(missed, lexicon).signals


def test_context_keys_are_complete():
    """A context file that forgets how its language denies is refused."""
    with pytest.raises(ValidationError, match="denials"):
        ContextFile.model_validate({"language": "en"})
