"""The participant's side of a crisis: numbers at once, one question, the own plan one step at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.level import Level
from flows.message import Urgency
from flows.plan import Plan
from tests.support.scene import Scene

CRISIS = "I am going to end it tonight"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def newest(scene: Scene) -> str:
    return scene.screens["maya"][-1].text


@pytest.mark.parametrize("words", [CRISIS, "I want to kill myself", "help", "HELP!!", "i need help now"])
def test_numbers_come_before_everything_else(scene: Scene, words: str) -> None:
    """The first thing on the screen is a number to call, whatever else is said."""
    scene.says(words)
    first = scene.screens["maya"][0]
    assert "988" in first.text
    assert first.urgency is Urgency.CRISIS
    assert "Are you safe right now?" in newest(scene)


def test_one_tap_is_enough_to_call_for_help(scene: Scene) -> None:
    """No second tap, no question first: the page is on its way."""
    scene.calls_for_help()
    assert scene.level is Level.EMERGENCY
    assert scene.paged("jo") == 1
    assert "911" in scene.screens["maya"][0].text


def test_not_safe_is_an_emergency_and_no_exercise_comes_first(scene: Scene) -> None:
    """Somebody who is not safe is not walked through a coping step."""
    scene.says("I want to kill myself")
    scene.taps("not_safe")
    assert scene.level is Level.EMERGENCY
    assert scene.sees("Leo")
    assert not scene.sees("play the guitar")


def test_not_sure_is_urgent_and_the_plan_is_offered(scene: Scene) -> None:
    """Doubt goes up, and help goes on."""
    scene.says("everything feels hopeless")
    scene.taps("unsure")
    assert scene.level is Level.URGENT
    scene.taps("unsure")
    assert "play the guitar" in newest(scene)


def test_the_plan_is_walked_one_step_at_a_time(scene: Scene) -> None:
    """Their own words, in the order they wrote them: alone first, then people, then people who know."""
    scene.says(CRISIS)
    scene.taps("safe")
    seen = [newest(scene)]
    for _ in range(4):
        scene.taps("another")
        seen.append(newest(scene))
    for words, text in zip(["play the guitar", "long shower", "Ben", "Leo", "Riverside"], seen, strict=True):
        assert words in text


def test_skip_to_people_leaves_the_rest_of_what_is_done_alone(scene: Scene) -> None:
    """Somebody who cannot be alone now need not refuse every item."""
    scene.says(CRISIS)
    scene.taps("safe")
    scene.taps("people")
    assert "Ben" in newest(scene)


def test_what_did_not_help_leads_on_and_what_helped_may_be_done_again(scene: Scene) -> None:
    """The answer is there from the start, and asked again when the time is over."""
    scene.says(CRISIS)
    scene.taps("safe")
    scene.taps("start")
    assert "Did this help?" in newest(scene)
    scene.wait(minutes=5)
    assert "Did this help?" in newest(scene)
    scene.taps("no")
    assert "long shower" in newest(scene)
    scene.taps("start")
    scene.taps("a_bit")
    scene.taps("stop")
    assert scene.sees("my sister")


def test_feeling_worse_goes_straight_to_people_who_know(scene: Scene) -> None:
    """And twice worse is a reason to ask a person."""
    scene.says("everything feels hopeless")
    scene.taps("unsure")
    scene.taps("safe")
    scene.taps("start")
    scene.taps("worse")
    assert "Leo" in newest(scene)


def test_a_denial_never_lowers_a_level(scene: Scene) -> None:
    """A retraction is a new fact for the clinician."""
    scene.says(CRISIS)
    turn = scene.says("haha just kidding, I am fine")
    assert any(fact.words and "kidding" in fact.words.reveal() for fact in turn.facts)
    scene.taps("safe")
    assert scene.level is Level.EMERGENCY
    assert scene.state == "open"


@pytest.mark.parametrize(
    ("words", "level"),
    [("yes", Level.URGENT), ("No, I'm not", Level.EMERGENCY), ("2", Level.URGENT), ("im not safe", Level.EMERGENCY)],
)
def test_words_and_numbers_answer_as_buttons_do(scene: Scene, words: str, level: Level) -> None:
    """Whoever cannot find the button can still say it."""
    scene.says("I want to kill myself")
    scene.says(words)
    assert scene.level is level


def test_an_unclear_answer_is_asked_again_once_and_then_left(scene: Scene) -> None:
    """Nobody is asked the same thing for ever."""
    scene.says(CRISIS)
    scene.says("the sky is grey")
    assert "Are you safe right now?" in newest(scene)
    scene.says("and the sea")
    scene.says("and the sand")
    assert "Are you safe right now?" not in newest(scene)


def test_typing_start_presses_start(scene: Scene) -> None:
    """The word that turns reminders on again is also a label; what was asked counts."""
    scene.says(CRISIS)
    scene.taps("safe")
    scene.says("start")
    assert "Did this help?" in newest(scene)


def test_an_old_button_that_says_danger_still_counts(scene: Scene) -> None:
    """A month later, "I'm not safe" means now."""
    scene.says("I want to kill myself")
    question = next(one for one in scene.screens["maya"] if one.choices)
    scene.taps("safe")
    scene.says("stop")
    scene.taps_on(question, "not_safe")
    assert scene.level is Level.EMERGENCY


def test_the_same_button_twice_is_one_answer(scene: Scene) -> None:
    """Fingers slip; nothing is said twice."""
    scene.says(CRISIS)
    question = next(one for one in scene.screens["maya"] if one.choices)
    scene.taps_on(question, "safe")
    before = len(scene.screens["maya"])
    scene.taps_on(question, "safe", again=True)
    assert len(scene.screens["maya"]) == before


def test_the_walk_ends_with_a_named_time_and_a_way_to_a_person(scene: Scene) -> None:
    """And the check-back comes when it was promised."""
    scene.says(CRISIS)
    scene.taps("safe")
    for _ in range(5):
        scene.taps("another")
    scene.says("I will go to my sister")
    assert "21:30" in newest(scene)
    scene.wait(minutes=30)
    assert "Are you safe right now?" in newest(scene)


def test_stop_stops_reminders_and_never_help(scene: Scene) -> None:
    """STOP is about messages, not about care."""
    scene.says("stop")
    scene.falls_due("check_in", "2026-03-10")
    assert not scene.sees("mood")
    scene.says(CRISIS)
    assert scene.sees("988")
    assert scene.paged("jo") == 1


def test_without_a_plan_there_is_still_something_to_do_and_somebody_to_call() -> None:
    """A first evening has no plan yet."""
    scene = Scene()
    scene.situation = replace(scene.situation, plan=Plan())
    scene.says(CRISIS)
    scene.taps("safe")
    scene.taps("start")
    scene.taps("no")
    assert scene.sees("Did this help?")
    assert scene.situation.talk.step == "next_hour"
