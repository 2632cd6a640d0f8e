"""Answers that are signals fire at the moment they are given."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from flows.level import Level
from flows.risk import ScoreRules, read_score


@pytest.mark.parametrize(
    ("item", "answer", "expected"),
    [
        ("check_in.safety", "no", Level.NONE),
        ("check_in.safety", "some", Level.WATCH),
        ("check_in.safety", "strong", Level.URGENT),
        ("check_in.safety", "unsaid", Level.NONE),
        ("check_in.urge_selfharm", "0", Level.NONE),
        ("check_in.urge_selfharm", "1", Level.WATCH),
        ("check_in.urge_selfharm", "6", Level.WATCH),
        ("check_in.urge_selfharm", "7", Level.URGENT),
        ("check_in.urge_selfharm", "10", Level.URGENT),
        ("check_in.urge_selfharm", "skip", Level.NONE),
        ("check_in.urge_use", "6", Level.NONE),
        ("check_in.urge_use", "7", Level.WATCH),
        ("check_in.mood", "0", Level.NONE),
        ("crisis.safe", "safe", Level.NONE),
        ("crisis.safe", "unsure", Level.URGENT),
        ("crisis.safe", "not_safe", Level.EMERGENCY),
        ("crisis.helped", "worse", Level.NONE),
        ("crisis.body", "yes", Level.EMERGENCY),
        ("crisis.body", "unsure", Level.EMERGENCY),
        ("crisis.direct", "yes", Level.URGENT),
        ("somewhere.else", "not_safe", Level.NONE),
    ],
)
def test_the_triggers_of_the_protocol(scores, item, answer, expected):
    """Each threshold of the daily triggers, on both of its sides."""
    levels = [signal.level for signal in read_score(item, answer, scores)]
    assert max(levels, default=Level.NONE) is expected


def test_worse_after_two_steps_of_the_plan_is_urgent(scores):
    """Once may be a bad moment; twice, a person should know."""
    assert read_score("crisis.helped", "worse", scores, count=1) == ()
    (signal,) = read_score("crisis.helped", "worse", scores, count=2)
    assert signal.level is Level.URGENT


def test_rather_not_say_is_not_a_no(scores):
    """Kept back twice in a row, it is looked at."""
    (signal,) = read_score("check_in.safety", "unsaid", scores, count=2)
    assert signal.level is Level.WATCH


def test_a_signal_from_an_answer_names_its_rule_and_keeps_the_answer_to_itself(scores):
    """The answer travels wrapped, as all words of participants do."""
    (signal,) = read_score("check_in.safety", "strong", scores)
    assert (signal.rule, signal.start, signal.end, signal.words.reveal()) == ("score.safety.strong", 0, 6, "strong")
    assert "<phi>" in repr(signal)


def a_score(**changes: object) -> dict[str, object]:
    base = {"id": "x", "version": "1", "item": "a.b", "level": "watch", "category": "suicide", "explain": "E."}
    return base | {"source": "S"} | changes


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (a_score(), "needs exactly one of"),
        (a_score(**{"is": "yes", "at_least": "3"}), "needs exactly one of"),
        (a_score(between=["6", "1"]), "from the lower to the higher"),
        (a_score(at_least="many"), "valid integer"),
        (a_score(**{"is": "yes", "item": "nowhere"}), "pattern"),
    ],
)
def test_a_wrong_score_rule_is_told(wrong, complaint):
    """A threshold that means nothing must not be read as never."""
    with pytest.raises(ValidationError, match=complaint):
        ScoreRules.model_validate({"rules": [wrong]})


def test_numbers_are_compared_as_numbers():
    """Text from the file, text from the participant, and still 10 is more than 7."""
    rules = ScoreRules.model_validate({"rules": [a_score(at_least="7")]})
    fires = {
        answer: bool(read_score("a.b", answer, rules)) for answer in ("10", "7", " 7 ", "6", "7.5", "6,9", "nan", "")
    }
    assert [answer for answer, fired in fires.items() if fired] == ["10", "7", " 7 ", "7.5"]
