"""The daily check-in: once per local date, skippable, heard at each answer, fair about what was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.event import Due
from flows.level import Level
from tests.support.scene import Scene

TUESDAY, WEDNESDAY = "2026-03-10", "2026-03-11"


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.falls_due("check_in", TUESDAY)
    return made


def delivered(scene: Scene) -> None:
    check_in = scene.situation.check_in
    assert check_in is not None
    scene.situation = replace(scene.situation, check_in=replace(check_in, delivered_at=scene.now))


def state(scene: Scene) -> str:
    return scene.situation.check_in.state if scene.situation.check_in else "none"


def newest(scene: Scene) -> str:
    return scene.screens["maya"][-1].text


def miss_a_day(scene: Scene, day: str) -> None:
    scene.falls_due("check_in", day)
    delivered(scene)
    scene.wait(hours=4)


def test_it_says_once_a_day_what_it_is(scene: Scene) -> None:
    """A program, not a person, not watched around the clock."""
    assert "program" in scene.screens["maya"][0].text
    assert "mood" in newest(scene)


@pytest.mark.parametrize("answer", ["7", "seven", "7/10", "about 7"])
def test_a_number_answers_in_any_spelling(scene: Scene, answer: str) -> None:
    """Nobody should have to hit a button."""
    scene.says(answer)
    assert scene.last.answers[0].value.reveal() == "7"
    assert "anxious" in newest(scene)


def test_every_question_can_be_left_out(scene: Scene) -> None:
    """Skipped is kept as skipped, never as zero."""
    taps = 0
    while scene.situation.talk.conversation == "check_in" and taps < 12:
        choices = {choice.id for choice in scene.screens["maya"][-1].choices}
        scene.taps("unsaid" if "unsaid" in choices else "skip")
        assert scene.last.answers[0].value.reveal() in {"skip", "unsaid"}
        taps += 1
    assert state(scene) == "finished"
    assert taps <= 7
    assert scene.level is Level.NONE


def test_an_answer_that_is_a_signal_fires_at_once(scene: Scene) -> None:
    """Not at the end of the form: leaving now must not undo it."""
    scene.says("2")
    scene.says("8")
    scene.taps("strong")
    assert scene.level is Level.URGENT
    assert scene.paged("jo") == 1
    assert scene.sees("988")
    assert "Are you safe right now?" in newest(scene)


def test_some_thoughts_are_a_watch_and_one_more_question(scene: Scene) -> None:
    """Then the urge decides, and the plan is near."""
    scene.says("4")
    scene.says("5")
    scene.taps("some")
    assert scene.level is Level.WATCH
    scene.says("8")
    assert scene.level is Level.URGENT


def test_kept_back_twice_in_a_row_is_a_watch() -> None:
    """Rather not say is not a no."""
    scene = Scene()
    for day in (TUESDAY, WEDNESDAY):
        scene.falls_due("check_in", day)
        scene.says("5")
        scene.says("5")
        scene.taps("unsaid")
        assert scene.level is (Level.NONE if day == TUESDAY else Level.WATCH)
        scene.wait(hours=20)


def test_two_reminders_and_then_peace(scene: Scene) -> None:
    """Then it has expired, and says so without blame."""
    delivered(scene)
    scene.wait(hours=6)
    assert scene.situation.check_in is not None
    assert scene.situation.check_in.reminders == 2
    assert state(scene) == "missed"


def test_no_reminder_once_it_was_begun(scene: Scene) -> None:
    """Whoever has begun is not nagged."""
    delivered(scene)
    scene.says("5")
    scene.wait(hours=2)
    assert scene.situation.check_in is not None
    assert scene.situation.check_in.reminders == 0


def test_missed_once_is_nothing_twice_a_watch_three_times_urgent() -> None:
    """Silence is a signal only when it repeats."""
    scene = Scene()
    for day, level in (("2026-03-10", Level.NONE), ("2026-03-11", Level.WATCH), ("2026-03-12", Level.URGENT)):
        miss_a_day(scene, day)
        assert scene.level is level, day


def test_what_was_not_delivered_is_our_fault_and_no_evidence(scene: Scene) -> None:
    """The operator hears of it; the therapist is not misled."""
    scene.wait(hours=4)
    assert state(scene) == "undelivered"
    assert scene.level is Level.NONE
    assert scene.sees("could not be delivered", "olu")
    assert not scene.screens.get("ana")


def test_a_late_answer_counts_as_late_and_goes_on(scene: Scene) -> None:
    """Better late: the questions go on where they were."""
    delivered(scene)
    question = scene.screens["maya"][-1]
    scene.wait(hours=4)
    scene.taps_on(question, "6")
    assert state(scene) == "late"
    assert "anxious" in newest(scene)


def test_an_answer_put_right_does_not_start_over(scene: Scene) -> None:
    """An earlier button of today changes that answer, and the pending question stays."""
    first = scene.screens["maya"][-1]
    scene.says("6")
    scene.says("5")
    scene.taps_on(first, "3")
    assert scene.last.answers[0].value.reveal() == "3"
    assert scene.situation.talk.step == "safety"


def test_it_waits_while_a_crisis_goes_on() -> None:
    """A question about sleep must not interrupt the one about safety."""
    scene = Scene()
    scene.says("I want to kill myself")
    scene.falls_due("check_in", TUESDAY)
    assert not scene.sees("mood")
    assert ("check_in", TUESDAY) in scene.timers


def test_one_that_is_far_too_late_is_not_asked() -> None:
    """After a long outage nobody is asked at four in the morning how the evening was."""
    scene = Scene()
    scene.now += timedelta(hours=7)
    scene.timers.clear()
    scene.decide(Due("maya", "check_in", TUESDAY, scene.now - timedelta(hours=7), {}))
    assert not scene.sees("mood")
    assert ("check_in", WEDNESDAY) in scene.timers


def test_tomorrow_is_set_whatever_becomes_of_today(scene: Scene) -> None:
    """One prompt a date, and always a next one."""
    assert scene.timers["check_in", WEDNESDAY].at == scene.now + timedelta(days=1)


def test_a_red_flag_of_the_body_gets_its_words_first() -> None:
    """A yes to a new strong symptom shows whom to call before anything else."""
    scene = Scene()
    scene.falls_due("check_in", WEDNESDAY)
    for _ in range(10):
        if scene.situation.talk.step == "body":
            break
        choices = {choice.id for choice in scene.screens["maya"][-1].choices}
        scene.taps("unsaid" if "unsaid" in choices else "skip")
    scene.taps("yes")
    said = [one.content.partition("@")[0] for one in scene.last.says if one.to == "maya"]
    assert said[0] == "check_in.body_help"
    assert scene.level is Level.URGENT
