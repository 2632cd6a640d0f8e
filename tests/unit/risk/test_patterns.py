"""Early warning: each rule of the clinic's table fires at its threshold, not just below, once, and explains itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.reading import read_as, read_document
from flows.level import Level
from flows.risk import History, PatternRules, is_nudge, look
from tests.unit.risk.shipped import RISK

TODAY = date(2026, 3, 12)
RULES = read_as(PatternRules, read_document(RISK / "patterns.yaml"))
MOOD, SLEEP, CONTACT, MEDICINES = (f"check_in.{item}" for item in ("mood", "sleep", "contact", "medicines"))
#: Level by rule, as the clinical protocol has them (3.2).
LEVELS = {
    **dict.fromkeys(("EW-PHQ", "EW-GAD", "EW-WHO", "EW-SEV", "EW-LOW", "EW-DROP", "EW-SWING"), Level.WATCH),
    **dict.fromkeys(("EW-SLEEP", "EW-ISO", "EW-MED", "EW-MISS2", "EW-FADE"), Level.WATCH),
    "EW-MISS1": Level.NONE,
    "EW-MISS3": Level.URGENT,
}


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def answers(item: str, *values: object, last: int = 0) -> History:
    """These answers on days running, the last of them `last` days ago; None where there was none."""
    days = range(last + len(values) - 1, last - 1, -1)
    given_ = [(ago(day), str(value)) for day, value in zip(days, values, strict=True) if value is not None]
    return History(TODAY, answers={item: tuple(given_)})


def totals(instrument: str, *values: int) -> History:
    taken = tuple((ago(7 * (len(values) - n)), value) for n, value in enumerate(values))
    return History(TODAY, totals={instrument: taken})


def check_ins(before: int, now: int) -> History:
    """Of 14 check-ins each, so many were answered."""
    were = [n < before for n in range(14)] + [n < now for n in range(14)]
    return History(TODAY, check_ins=tuple((ago(27 - n), answered) for n, answered in enumerate(were)))


def silence(missed: int, **more: Any) -> History:
    left = tuple((ago(n), False) for n in range(missed - 1, -1, -1))
    return History(TODAY, missed=missed, check_ins=left, **more)


def flagged(history: History, flag: str) -> History:
    return replace(history, flags=frozenset({flag}))


def both(first: History, second: History) -> History:
    return replace(first, answers={**first.answers, **second.answers})


USUAL = (6, 6, 7, 6, 6, 7, 6)
FIRES = {
    "EW-PHQ, since the last": ("EW-PHQ", totals("phq9", 9, 14)),
    "EW-PHQ, since the best": ("EW-PHQ", totals("phq9", 8, 10, 14)),
    "EW-GAD": ("EW-GAD", totals("gad7", 6, 10)),
    "EW-WHO, fell": ("EW-WHO", totals("who5", 60, 50)),
    "EW-WHO, low": ("EW-WHO", totals("who5", 28)),
    "EW-SEV, PHQ-9": ("EW-SEV", totals("phq9", 20)),
    "EW-SEV, GAD-7": ("EW-SEV", totals("gad7", 15)),
    "EW-LOW": ("EW-LOW", answers(MOOD, 3, 6, 2, 3)),
    "EW-LOW, days left out do not count": ("EW-LOW", answers(MOOD, 3, None, 2, None, 5, 0)),
    "EW-LOW, before there are four": ("EW-LOW", answers(MOOD, 3, 3, 3)),
    "EW-DROP": ("EW-DROP", answers(MOOD, *USUAL, 4, 4, 4)),
    "EW-SWING": ("EW-SWING", answers(MOOD, 3, 7, 6, 2)),
    "EW-SWING, up and up": ("EW-SWING", answers(MOOD, 1, 5, 9)),
    "EW-SWING, little sleep and much energy": (
        "EW-SWING",
        flagged(both(answers(SLEEP, 4), answers("check_in.energy", 7)), "bipolar"),
    ),
    "EW-SLEEP": ("EW-SLEEP", answers(SLEEP, 4, 3)),
    "EW-ISO, alone": ("EW-ISO", answers(CONTACT, "no", "no", "no")),
    "EW-ISO, no group": ("EW-ISO", History(TODAY, sessions=((ago(6), False), (ago(1), False)))),
    "EW-MED": ("EW-MED", answers(MEDICINES, "no", "no")),
    "EW-MED, critical": ("EW-MED", flagged(answers(MEDICINES, "no"), "critical_medicines")),
    "EW-MISS1": ("EW-MISS1", silence(1)),
    "EW-MISS2": ("EW-MISS2", silence(2)),
    "EW-MISS3": ("EW-MISS3", silence(3)),
    "EW-MISS3, in a follow-up": ("EW-MISS3", silence(1, in_follow_up=True)),
    "EW-MISS3, after hospital": ("EW-MISS3", silence(1, discharged=ago(7))),
    "EW-MISS3, with a session": ("EW-MISS3", silence(1, sessions=((TODAY, False),))),
    "EW-FADE": ("EW-FADE", check_ins(10, 6)),
}
#: As close to the threshold as can be, on the other side.
RESTS = {
    "EW-PHQ": ("EW-PHQ", totals("phq9", 9, 9, 13)),
    "EW-PHQ, since the best": ("EW-PHQ", totals("phq9", 8, 10, 13)),
    "EW-PHQ, nothing before": ("EW-PHQ", totals("phq9", 27)),
    "EW-PHQ, fell": ("EW-PHQ", totals("phq9", 20, 10)),
    "EW-GAD": ("EW-GAD", totals("gad7", 6, 9)),
    "EW-GAD, since the best only": ("EW-GAD", totals("gad7", 2, 6, 8)),
    "EW-WHO": ("EW-WHO", totals("who5", 60, 51)),
    "EW-WHO, not low": ("EW-WHO", totals("who5", 29)),
    "EW-WHO, rose": ("EW-WHO", totals("who5", 40, 60)),
    "EW-SEV": ("EW-SEV", totals("phq9", 19)),
    "EW-SEV, GAD-7": ("EW-SEV", totals("gad7", 14)),
    "EW-LOW, two": ("EW-LOW", answers(MOOD, 3, 4, 2, 4)),
    "EW-LOW, the third is a day too old": ("EW-LOW", answers(MOOD, 3, 4, 3, 4, 3)),
    "EW-LOW, four is not low": ("EW-LOW", answers(MOOD, 4, 4, 4, 4)),
    "EW-LOW, long ago": ("EW-LOW", answers(MOOD, 3, 3, 3, last=10)),
    "EW-DROP": ("EW-DROP", answers(MOOD, *USUAL, 5, 4, 4)),
    "EW-DROP, nine answers": ("EW-DROP", answers(MOOD, *USUAL[1:], 4, 4, 4)),
    "EW-DROP, rose": ("EW-DROP", answers(MOOD, *USUAL, 9, 9, 9)),
    "EW-SWING, once": ("EW-SWING", answers(MOOD, 3, 7, 6, 5)),
    "EW-SWING, by three": ("EW-SWING", answers(MOOD, 3, 6, 3, 6)),
    "EW-SWING, in two weeks": ("EW-SWING", answers(MOOD, 3, 7, None, None, None, None, None, None, 3)),
    "EW-SWING, another track": ("EW-SWING", both(answers(SLEEP, 4), answers("check_in.energy", 9))),
    "EW-SWING, slept": ("EW-SWING", flagged(both(answers(SLEEP, 5), answers("check_in.energy", 9)), "bipolar")),
    "EW-SWING, tired": ("EW-SWING", flagged(both(answers(SLEEP, 3), answers("check_in.energy", 6)), "bipolar")),
    "EW-SLEEP, five hours": ("EW-SLEEP", answers(SLEEP, 4, 5)),
    "EW-SLEEP, one night": ("EW-SLEEP", answers(SLEEP, 9, 4)),
    "EW-SLEEP, a week apart": ("EW-SLEEP", answers(SLEEP, 4, None, None, None, None, None, 4)),
    "EW-ISO, two days": ("EW-ISO", answers(CONTACT, "yes", "no", "no")),
    "EW-ISO, broken": ("EW-ISO", answers(CONTACT, "no", "yes", "no", "no")),
    "EW-ISO, came once": ("EW-ISO", History(TODAY, sessions=((ago(6), True), (ago(1), False)))),
    "EW-ISO, eight days ago": ("EW-ISO", History(TODAY, sessions=((ago(7), False),))),
    "EW-ISO, no session known": ("EW-ISO", History(TODAY)),
    "EW-MED, some": ("EW-MED", answers(MEDICINES, "no", "some")),
    "EW-MED, one day": ("EW-MED", answers(MEDICINES, "no")),
    "EW-MED, another flag": ("EW-MED", flagged(answers(MEDICINES, "no"), "warfarin")),
    "EW-MISS1": ("EW-MISS1", silence(0)),
    "EW-MISS2": ("EW-MISS2", silence(1)),
    "EW-MISS3": ("EW-MISS3", silence(2)),
    "EW-MISS3, nothing missed in a follow-up": ("EW-MISS3", silence(0, in_follow_up=True)),
    "EW-MISS3, eight days after hospital": ("EW-MISS3", silence(2, discharged=ago(8))),
    "EW-MISS3, a session on another day": ("EW-MISS3", silence(1, sessions=((ago(1), False),))),
    "EW-MISS3, came to the session": ("EW-MISS3", silence(1, sessions=((TODAY, True),))),
    "EW-FADE, half": ("EW-FADE", check_ins(10, 7)),
    "EW-FADE, seldom before as well": ("EW-FADE", check_ins(9, 3)),
    "EW-FADE, too few": ("EW-FADE", replace(check_ins(14, 6), check_ins=check_ins(14, 6).check_ins[8:])),
}


def fired(history: History) -> set[str]:
    return {signal.rule for signal in look(RULES.rules, history, {})[0]}


# -- the table -----------------------------------------------------------------------------------------------------


def test_every_rule_of_the_protocol_is_there_at_its_level():
    """Clinical protocol 3.2, to the letter."""
    assert {rule.id: rule.level for rule in RULES.rules} == LEVELS
    assert {rule for rule, _ in FIRES.values()} == {rule for rule, _ in RESTS.values()} == set(LEVELS)


@pytest.mark.parametrize("case", FIRES)
def test_it_fires_at_its_threshold(case):
    """The figures that made it fire go with it, for whoever reads the signal."""
    rule, history = FIRES[case]
    signal = next(one for one in look(RULES.rules, history, {})[0] if one.rule == rule)
    assert (signal.level, signal.version) == (LEVELS[rule], 1)
    assert any(sign.isdigit() for sign in signal.words.reveal())
    assert (signal.start, signal.end) == (0, 0)


@pytest.mark.parametrize("case", RESTS)
def test_it_rests_just_below(case):
    """An alarm for nothing is paid for with the next one."""
    rule, history = RESTS[case]
    assert rule not in fired(history)


@pytest.mark.parametrize("case", FIRES)
def test_it_fires_once_until_it_is_over(case):
    """A fact does not become more true by being told every day; told again it may be another one."""
    rule, history = FIRES[case]
    _, standing = look(RULES.rules, history, {})
    again, still = look(RULES.rules, history, standing)
    assert again == ()
    assert still == standing
    over, none = look(RULES.rules, History(TODAY), standing)
    assert over == ()
    assert none == {}
    assert rule in {signal.rule for signal in look(RULES.rules, history, none)[0]}


@pytest.mark.parametrize("name", LEVELS)
def test_it_explains_itself_in_one_sentence_each(name):
    """To the therapist, and to the participant in words that blame nobody."""
    rule = RULES.by_id[name]
    signals = [one for _, history in FIRES.values() for one in look(RULES.rules, history, {})[0] if one.rule == rule.id]
    assert {signal.explain for signal in signals} == {rule.staff}
    told = rule.sentence("en")
    assert told == rule.sentence("tlh")
    assert told.endswith(".")
    assert len(told) <= 120
    assert "you failed" not in told.casefold()


def test_the_figures_are_those_of_the_person():
    """Not “three of four” but which, so that nobody has to look them up before a call."""
    [signal] = look([RULES.by_id["EW-LOW"]], answers(MOOD, 3, 6, 2, 3), {})[0]
    assert signal.words.reveal() == "9 Mar: 3, 10 Mar: 6, 11 Mar: 2, 12 Mar: 3"
    assert "9 Mar" not in repr(signal)
    [drop] = look([RULES.by_id["EW-DROP"]], answers(MOOD, *USUAL, 4, 4, 4), {})[0]
    assert drop.words.reveal().startswith("lately 4, usually 6 ")


def test_one_missed_day_is_a_nudge_and_no_alert():
    """EW-MISS1: kept, and nobody is asked to look."""
    [signal] = look(RULES.rules, silence(1), {})[0]
    assert is_nudge(signal)


def test_the_most_worrying_comes_first():
    """What is said about several is said about that one."""
    assert [one.rule for one in look(RULES.rules, silence(1, in_follow_up=True), {})[0]] == ["EW-MISS3", "EW-MISS1"]


def test_a_rule_that_was_not_looked_at_stands_as_it_stood():
    """An answer about sleep says nothing about mood."""
    _, standing = look([RULES.by_id["EW-SLEEP"]], answers(SLEEP, 8), {"EW-LOW": 1})
    assert standing == {"EW-LOW": 1}


def test_a_change_is_looked_at_by_the_rules_that_it_concerns():
    """And by no other: nobody's month is read because of one answer."""
    after = {topic: {rule.id for rule in RULES.after({topic})} for topic in (MOOD, SLEEP, "check_in.anxiety", "phq9")}
    assert after == {
        MOOD: {"EW-LOW", "EW-DROP", "EW-SWING"},
        SLEEP: {"EW-SLEEP", "EW-SWING"},
        "check_in.anxiety": set(),
        "phq9": {"EW-PHQ", "EW-SEV"},
    }


# -- whatever the numbers are --------------------------------------------------------------------------------------

moods = st.dictionaries(st.integers(0, 40), st.integers(0, 10)).map(
    lambda by_day: tuple((ago(day), str(by_day[day])) for day in sorted(by_day, reverse=True))
)
pasts = st.builds(
    History,
    today=st.just(TODAY),
    answers=st.fixed_dictionaries({MOOD: moods, SLEEP: moods}),
    check_ins=st.dictionaries(st.integers(0, 40), st.booleans()).map(
        lambda by_day: tuple((ago(day), by_day[day]) for day in sorted(by_day, reverse=True))
    ),
    totals=st.fixed_dictionaries(
        {"phq9": st.lists(st.integers(0, 27)).map(lambda all_: totals("x", *all_).totals["x"])}
    ),
    missed=st.integers(0, 5),
    in_follow_up=st.booleans(),
    discharged=st.none() | st.integers(0, 20).map(ago),
)


def cut(history: History, rule: Any) -> History:
    """No more of it than the rule says that it needs."""
    needs = rule.needs
    return replace(
        history,
        answers={item: history.given(item, days) for item, days in needs.items.items()},
        check_ins=tuple(one for one in history.check_ins if needs.check_ins and one[0] >= ago(needs.check_ins - 1)),
        totals={name: history.totals.get(name, ()) for name in needs.totals},
        sessions=tuple(one for one in history.sessions if needs.sessions and one[0] >= ago(needs.sessions - 1)),
        discharged=history.discharged if history.discharged and history.discharged >= ago(needs.sessions) else None,
    )


@pytest.mark.parametrize("case", FIRES)
def test_what_is_looked_up_is_enough_to_fire(case):
    """With random numbers a rule that looks at a month seldom fires."""
    name, history = FIRES[case]
    rule = RULES.by_id[name]
    assert rule.figures(cut(history, rule)) == rule.figures(history)


@given(pasts)
def test_what_a_rule_needs_is_all_that_it_looks_at(past):
    """What is looked up is what `needs` says: a rule that looked further would see less in a clinic than here."""
    for rule in RULES.rules:
        assert rule.figures(cut(past, rule)) == rule.figures(past), rule.id


@given(st.lists(pasts, max_size=6))
def test_between_two_firings_of_a_rule_it_was_over(course):
    """Whatever happens in whatever order, nobody is told the same twice."""
    standing: dict[str, int] = {}
    alight: set[str] = set()
    for past in course:
        signals, standing = look(RULES.rules, past, standing)
        assert not alight & {signal.rule for signal in signals}
        alight = {rule.id for rule in RULES.rules if rule.figures(past)}
        assert set(standing) == alight


# -- mistakes in the file ------------------------------------------------------------------------------------------


def a_rule(**changes: object) -> dict[str, object]:
    base: dict[str, object] = {"id": "X", "version": "1", "level": "watch", "category": "suicide", "staff": "S."}
    one = {"look": "answers", "item": "a.b", "at_most": "3", "days": "3", "within": "5"}
    return base | {"participant": {"en": "P."}, "source": "S", "any": [one]} | changes


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (a_rule(participant={"es": "P."}), "no sentence for the participant"),
        (a_rule(any=[]), "at least 1"),
        (a_rule(any=[{"look": "stars"}]), "stars"),
        (a_rule(any=[{"look": "answers", "item": "a.b", "days": "3", "within": "5"}]), "needs exactly one of"),
        (a_rule(any=[{"look": "total", "instrument": "phq9"}]), "needs exactly one of"),
        (a_rule(any=[{"look": "missed", "in_a_row": "0"}]), "greater than or equal to 1"),
        (a_rule(level="loud"), "is no level"),
    ],
)
def test_a_wrong_rule_is_told(wrong, complaint):
    """A threshold that means nothing must not be read as never."""
    with pytest.raises(ValidationError, match=complaint):
        PatternRules.model_validate({"rules": [wrong]})


def test_two_rules_of_one_name_are_told():
    """Their firings could not be told apart."""
    with pytest.raises(ValidationError, match="is here twice"):
        PatternRules.model_validate({"rules": [a_rule(), a_rule()]})
