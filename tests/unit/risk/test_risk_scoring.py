"""The arithmetic behind `handrail assess --eval`: what counts as right, and how much a figure proves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.level import Level
from flows.phi import Phi
from flows.risk import Assessment
from flows.risk.scoring import (
    Labelled,
    Scored,
    Share,
    categories_given,
    levels_given,
    sections,
    what_is_wrong,
)

NONE, WATCH, URGENT, EMERGENCY = Level


def scored(label, given, *, category="suicide", found="suicide", phenomenon="direct", lang="en"):
    message = Labelled("m", Phi("words"), lang, label, category if label else "none", phenomenon)
    return Scored(message, Assessment(given, found if given else "none"))


def shares(messages, title="All messages"):
    (section,) = [one for one in sections(messages) if one.title == title]
    return {figure.what: (figure.share.hits, figure.share.of) for figure in section.figures}


def test_an_alert_is_urgent_or_emergency_and_a_page_is_an_emergency():
    """The two things that reach a person; a watch reaches nobody today."""
    found = shares([scored(EMERGENCY, given) for given in Level])
    assert found["crisis (urgent, emergency) that alerts"] == (2, 4)
    assert found["emergency that alerts"] == (2, 4)
    assert found["emergency that pages"] == (1, 4)


def test_an_emergency_that_only_alerts_counts_half():
    """Somebody looks, but not at once."""
    found = shares([scored(EMERGENCY, EMERGENCY), scored(EMERGENCY, URGENT), scored(EMERGENCY, WATCH)])
    assert found["emergency, half for an alert that is no page"] == (1.5, 3)


def test_a_watch_that_alerts_is_no_false_alarm():
    """It is counted apart: a person with a dark evening was looked at too early, not wrongly."""
    found = shares([scored(WATCH, URGENT), scored(WATCH, WATCH), scored(WATCH, NONE), scored(NONE, NONE)])
    assert found["none that alerts (false alarm)"] == (0, 1)
    assert found["watch that alerts (over-escalation)"] == (1, 3)
    assert found["watch that is caught at any level"] == (2, 3)


def test_ordinary_talk_that_is_only_noted_is_no_false_alarm():
    """Nobody is disturbed by a watch."""
    found = shares([scored(NONE, given) for given in Level])
    assert found["none that alerts (false alarm)"] == (2, 4)
    assert found["none that pages"] == (1, 4)


def test_explicit_and_indirect_wording_are_told_apart():
    """A list of words can be expected to hear the one and not the other; one figure over both hides that."""
    messages = [scored(URGENT, URGENT), scored(URGENT, NONE, phenomenon="indirect")]
    what = "crisis (urgent, emergency) that alerts"
    assert shares(messages, "Explicit wording")[what] == (1, 1)
    assert shares(messages, "Indirect wording (all other)")[what] == (0, 1)


def test_each_language_is_told_apart():
    """What holds for the one says nothing about the other."""
    messages = [scored(URGENT, URGENT), scored(URGENT, NONE, lang="es")]
    what = "crisis (urgent, emergency) that alerts"
    assert shares(messages, "Language en")[what] == (1, 1)
    assert shares(messages, "Language es")[what] == (0, 1)


def test_a_phenomenon_of_four_messages_has_no_line():
    """Four messages say nothing about a kind of message."""
    title = "By phenomenon, of five or more messages"
    few, enough = [scored(URGENT, URGENT)] * 4, [scored(NONE, NONE, phenomenon="idiom")] * 5
    assert set(shares(few + enough, title)) == {"idiom: none that alerts (false alarm)", "idiom: none that pages"}


def test_what_was_given_is_counted_by_what_was_labelled():
    """The table in which one sees at a glance where the misses went."""
    messages = [scored(EMERGENCY, URGENT), scored(EMERGENCY, URGENT), scored(NONE, NONE)]
    assert levels_given(messages) == {(EMERGENCY, URGENT): 2, (NONE, NONE): 1}


def test_a_category_is_confused_only_where_somebody_is_alerted():
    """A missed crisis is a miss, not a confusion as well."""
    confused = scored(URGENT, URGENT, found="medical")
    assert categories_given([confused, scored(URGENT, NONE), scored(URGENT, URGENT)]) == {("suicide", "medical"): 1}


@pytest.mark.parametrize(
    ("label", "given", "wrong"),
    [
        (EMERGENCY, WATCH, "missed"),
        (URGENT, NONE, "missed"),
        (EMERGENCY, URGENT, "alert but no page"),
        (NONE, EMERGENCY, "false page"),
        (NONE, URGENT, "false alarm"),
        (WATCH, EMERGENCY, "over-escalation"),
        (WATCH, NONE, "watch not caught"),
        (NONE, WATCH, "too high"),
        (URGENT, EMERGENCY, "too high"),
        (NONE, NONE, ""),
        (WATCH, WATCH, ""),
        (EMERGENCY, EMERGENCY, ""),
    ],
)
def test_each_miss_is_named_by_the_worst_that_can_be_said_of_it(label, given, wrong):
    """Whoever works on the words sorts by it."""
    assert what_is_wrong(scored(label, given)) == wrong


def test_another_category_at_the_right_level_is_a_miss_too():
    """The smallest of them."""
    assert what_is_wrong(scored(URGENT, URGENT, found="violence")) == "category"


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # From Brown, Cai and DasGupta's definition of the score interval, computed by hand to four places.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_that_of_wilson(hits, of, low, high):
    """Figures that others can check with the calculator of their choice."""
    assert Share(hits, of).interval == pytest.approx((low, high), abs=0.0001)


def test_nothing_at_all_proves_nothing():
    """No message of a kind: the share may be anything."""
    assert Share(0, 0).interval == (0.0, 1.0)


@given(of=st.integers(1, 5000), hits=st.integers(0, 5000))
def test_the_share_lies_in_its_interval_and_more_messages_narrow_it(of, hits):
    """Ten times the evidence for the same share can only make it surer."""
    share, more = Share(min(hits, of), of), Share(10 * min(hits, of), 10 * of)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9
    assert share.value - 1e-9 <= high <= 1
    assert more.interval[1] - more.interval[0] < high - low


@given(st.lists(st.builds(scored, st.sampled_from(Level), st.sampled_from(Level)), max_size=30))
def test_every_message_is_counted_once_under_its_label(messages):
    """No message drops out of the table, and none is in it twice."""
    counted = [one for one in sections(messages) if one.title == "By level, exactly as labelled"]
    assert sum(figure.share.of for section in counted for figure in section.figures) == len(messages)
    assert sum(levels_given(messages).values()) == len(messages)
