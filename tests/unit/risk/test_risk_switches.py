"""A programme's switches: what is off is not heard, what is capped is not louder, and all else stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.level import Level
from flows.risk import RulesFile, Screening, assess, compile_lexicon, switched, switched_rules
from flows.risk.switches import Categories, CategorySwitch, RuleSwitch
from tests.unit.risk.shipped import FILES

RULES = {rule.id: rule for file in FILES.values() if isinstance(file, RulesFile) for rule in file.rules}
AN_EMERGENCY = next(r.id for r in RULES.values() if (r.level, r.category) == (Level.EMERGENCY, "suicide"))
CATEGORIES = sorted(Categories.model_fields)


def screening(**written):
    return Screening.model_validate(written)


def rules(**written):
    """The rules that are left, by their id."""
    files = switched(FILES, screening(**written)).values()
    return {rule.id: rule for file in files if isinstance(file, RulesFile) for rule in file.rules}


def heard(text, **written):
    return assess(text, compile_lexicon(switched(FILES, screening(**written)))).level


def test_without_switches_every_rule_stays_as_it_is():
    """What is shipped is what counts, until somebody says otherwise."""
    assert switched(FILES, Screening()) == FILES
    assert list(switched_rules(FILES, Screening())) == []


def test_screening_that_is_off_hears_nothing():
    """And breaks nothing: a message is read, and found to say nothing."""
    assert heard("I am going to kill myself tonight", on=False) is Level.NONE


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_that_is_off_is_silent_and_no_other_is(category):
    """Somebody who switches off one kind of signal keeps all others."""
    left = rules(categories={category: {"off": True}})
    assert left == {name: rule for name, rule in RULES.items() if rule.category != category}


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("most", ["watch", "urgent"])
def test_no_rule_of_a_capped_category_is_louder_than_its_cap(category, most):
    """Nothing is added, and what was quieter stays as quiet."""
    left = rules(categories={category: {"at_most": most}})
    assert left.keys() == RULES.keys()
    for name, rule in left.items():
        cap = Level.of(most) if rule.category == category else Level.EMERGENCY
        assert rule.level is min(RULES[name].level, cap)


def test_a_category_may_be_raised_or_lowered_as_a_whole():
    """One step for each of its rules; the highest stays the highest, and a watch is not made silent by accident."""
    raised, lowered = (rules(categories={"suicide": {way: 1}}) for way in ("raised", "lowered"))
    for name, rule in RULES.items():
        if rule.category == "suicide":
            assert raised[name].level == min(rule.level + 1, Level.EMERGENCY)
            assert lowered[name].level == max(rule.level - 1, Level.WATCH)
        else:
            assert raised[name] == lowered[name] == rule


def test_only_the_languages_that_are_named_listen():
    """A programme in English need not hear Spanish."""
    assert heard("me quiero morir", languages=["en"]) is Level.NONE
    assert heard("i want to die", languages=["en"]) is Level.URGENT
    assert heard("me quiero morir", languages=["en", "es"]) is Level.URGENT


def test_one_rule_may_be_off_or_at_another_level():
    """Where only one rule disturbs, the others stay."""
    assert AN_EMERGENCY not in rules(rules={AN_EMERGENCY: {"off": True}})
    assert rules(rules={AN_EMERGENCY: {"level": "watch"}})[AN_EMERGENCY].level is Level.WATCH


def test_what_is_said_of_a_rule_counts_more_than_what_is_said_of_its_category():
    """A category off, but for the one rule that is wanted."""
    left = rules(categories={"suicide": {"off": True}}, rules={AN_EMERGENCY: {"level": "urgent"}})
    assert [(rule.id, rule.level) for rule in left.values() if rule.category == "suicide"] == [
        (AN_EMERGENCY, Level.URGENT)
    ]


def test_a_lowered_emergency_keeps_what_it_says_when_it_is_denied():
    """Whoever lowers a rule wants it quieter, not deaf: half denied, or about somebody else, it is still heard."""
    name = next(r.id for r in RULES.values() if (r.level, r.denied, r.others) == (Level.EMERGENCY, None, None))
    lowered = rules(rules={name: {"level": "urgent"}})[name]
    assert (lowered.level, lowered.denied, lowered.others) == (Level.URGENT, Level.WATCH, Level.EMERGENCY)


def test_a_raised_rule_is_heard_for_others_as_an_emergency_is():
    """Someone else in danger now is as urgent as the writer."""
    name = next(r.id for r in RULES.values() if (r.level, r.category, r.others) == (Level.URGENT, "suicide", None))
    assert rules(rules={name: {"level": "emergency"}})[name].others is Level.EMERGENCY


def test_a_raised_rule_no_longer_waits_for_the_answer_to_a_question():
    """An emergency pages at once, also one that somebody made of words which may mean danger and may not."""
    asking = RULES[AN_EMERGENCY].model_copy(update={"level": Level.URGENT, "asks": True})
    file = next(file for file in FILES.values() if isinstance(file, RulesFile))
    files = {"a": file.model_copy(update={"rules": (asking,)})}
    for level, asks in (("emergency", False), ("urgent", True), ("watch", False)):
        [left] = switched(files, screening(rules={AN_EMERGENCY: {"level": level}}))["a"].rules
        assert (left.level.word, left.asks) == (level, asks)


def test_an_id_may_be_written_without_quotes():
    """To TOML, en.suicide.past is a group in a group in a group; whoever writes it means the rule."""
    written = {"en": {"suicide": {"past": {"off": True}, "edge": {"level": "urgent"}}}}
    assert screening(rules=written).rules == {
        "en.suicide.past": RuleSwitch(off=True),
        "en.suicide.edge": RuleSwitch(level="urgent"),
    }


@pytest.mark.parametrize("switch", [{}, {"off": True, "level": "watch"}, {"because": "no reason"}])
def test_a_rule_switch_does_exactly_one_thing(switch):
    """Two would leave open which of them counts."""
    with pytest.raises(ValidationError, match="either off = true or a level"):
        RuleSwitch.model_validate(switch)


@pytest.mark.parametrize(
    "switch", [{"off": True, "raised": 1}, {"raised": 1, "lowered": 1}, {"at_most": "watch", "off": 1}]
)
def test_a_category_switch_does_at_most_one_thing(switch):
    """The same."""
    with pytest.raises(ValidationError, match="is enough"):
        CategorySwitch.model_validate(switch)


switches = st.one_of(
    st.just({}),
    st.just({"off": True}),
    st.builds(lambda level: {"at_most": level}, st.sampled_from(["watch", "urgent"])),
    st.builds(lambda steps: {"raised": steps}, st.integers(0, 2)),
    st.builds(lambda steps: {"lowered": steps}, st.integers(0, 2)),
)
rule_switches = st.one_of(
    st.just({"off": True}), st.builds(lambda level: {"level": level.word}, st.sampled_from([*Level][1:]))
)


@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from(CATEGORIES), switches),
    st.dictionaries(st.sampled_from(sorted(RULES)), rule_switches),
)
def test_whatever_is_switched_each_change_is_told_and_nothing_else_changes(categories, by_rule):
    """The doctor shows every difference: a rule that is not on its list is as loud as it is written."""
    wanted = screening(categories=categories, rules=by_rule)
    told = {one.rule.id: one.level for one in switched_rules(FILES, wanted)}
    left = {rule.id: rule for f in switched(FILES, wanted).values() if isinstance(f, RulesFile) for rule in f.rules}
    for name, rule in RULES.items():
        level = left[name].level if name in left else Level.NONE
        assert level is told.get(name, rule.level)
        assert (name in told) == (level is not rule.level)
