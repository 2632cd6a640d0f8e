"""Patterns over time, in the decisions that change them: told once, to the therapist and to the participant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from flows import over_time
from flows.event import Due, Said, Tapped
from flows.level import Level
from flows.phi import Phi
from flows.risk import Assessment, History
from flows.situation import CheckIn
from flows.turn import Draft, Turn
from tests.support.scene import EVENING, Scene, library

DAY = date(2026, 3, 10)


def day(number: int) -> str:
    return (DAY + timedelta(days=number)).isoformat()


def ask(scene: Scene, number: int) -> None:
    """The check-in of that day is put, and reaches the phone."""
    until = EVENING + timedelta(days=number)
    if scene.now < until:
        scene.wait(seconds=(until - scene.now).total_seconds())
    scene.falls_due("check_in", day(number))
    check_in = scene.situation.check_in
    assert check_in is not None
    scene.situation = replace(scene.situation, check_in=replace(check_in, delivered_at=scene.now))


def mood(scene: Scene, number: int, value: int) -> None:
    """One day: asked, one answer, the rest left."""
    ask(scene, number)
    scene.says(str(value))


def miss(scene: Scene, number: int) -> None:
    ask(scene, number)
    scene.wait(hours=4)


def fired(scene: Scene) -> list[str]:
    return [signal.rule for signal in scene.last.signals]


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.timers.clear()
    return made


def told(scene: Scene, words: str) -> int:
    return sum(words in one.text for one in scene.screens.get("maya", []))


# -- answers -------------------------------------------------------------------------------------------------------


def test_a_low_mood_on_three_of_four_days_is_a_watch_and_is_said_to_both(scene: Scene) -> None:
    """The therapist reads the rule and the figures, the participant one sentence; and the questions go on."""
    for number, value in enumerate((3, 6, 2)):
        mood(scene, number, value)
        assert scene.level is Level.NONE
    ask(scene, 3)
    scene.says("3")
    assert fired(scene) == ["EW-LOW"]
    assert scene.last.signals[0].words.reveal().endswith("13 Mar: 3")
    assert scene.level is Level.WATCH
    assert scene.paged("jo") == 0
    said = [one.text for one in scene.last.says if one.to == "maya"]
    assert "Your mood was low on three of the last four days. Your team will see this." in said[0]
    assert "anxious" in said[-1]


def test_it_is_told_once_and_again_only_after_it_was_over(scene: Scene) -> None:
    """A person who knows that they are low need not hear it every evening."""
    heard = []
    for number, value in enumerate((3, 2, 3, 3, 2, 7, 8, 3, 3, 2)):
        before = told(scene, "Your mood was low")
        mood(scene, number, value)
        heard.append(told(scene, "Your mood was low") - before)
    assert heard == [0, 0, 1, 0, 0, 0, 0, 0, 0, 1]


def test_an_answer_put_right_counts_as_it_was_put(scene: Scene) -> None:
    """A slip of the finger is no low mood."""
    for number, value in enumerate((3, 2)):
        mood(scene, number, value)
    ask(scene, 2)
    question = scene.screens["maya"][-1]
    scene.taps_on(question, "8")
    assert fired(scene) == []
    scene.taps_on(question, "3")
    assert fired(scene) == ["EW-LOW"]


def test_two_short_nights_are_a_watch(scene: Scene) -> None:
    """The same road for every question that a rule speaks of."""
    for number in range(2):
        ask(scene, number)
        for answer in ("6", "5", "no", "4"):
            scene.says(answer)
        assert fired(scene) == (["EW-SLEEP"] if number else [])
    assert scene.level is Level.WATCH


def test_a_late_evening_belongs_to_its_check_in(scene: Scene) -> None:
    """Asked before midnight and answered after it: one day, not two."""
    maya = scene.situation.participant
    assert maya is not None
    scene.situation = replace(scene.situation, participant=replace(maya, flags=Phi(("critical_medicines",))))
    ask(scene, 0)
    for answer in ("6", "5", "no", "8"):
        scene.says(answer)
    scene.now += timedelta(hours=4)
    assert scene.situation.check_in is not None
    scene.says("no")
    assert fired(scene) == ["EW-MED"]


def test_where_nothing_was_looked_up_nothing_is_concluded(scene: Scene) -> None:
    """An empty past is not an easy past."""
    ask(scene, 0)
    talk = replace(scene.situation.talk, standing={"EW-LOW": 1})
    draft = Draft(replace(scene.situation, talk=talk), library())
    assert over_time.answered(draft, "check_in.mood", "9", first=True) == ()
    over_time.written_down(draft, Due("maya", over_time.WRITTEN_DOWN, "", scene.now))
    assert draft.finish() == Turn()
    assert draft.talk.standing == {"EW-LOW": 1}


# -- silence -------------------------------------------------------------------------------------------------------


def test_one_two_three(scene: Scene) -> None:
    """EW-MISS1 is a nudge, EW-MISS2 a watch with one tap to end it, EW-MISS3 asks for a person."""
    miss(scene, 0)
    assert (scene.level, told(scene, "No answer today, and that is all right.")) == (Level.NONE, 1)
    assert (fired(scene), scene.last.notes[-1].action) == (["EW-MISS1"], "check_in_missed")
    miss(scene, 1)
    assert (scene.level, told(scene, "Just say you're OK: one tap is enough.")) == (Level.WATCH, 1)
    assert scene.paged("jo") == 0
    miss(scene, 2)
    assert (scene.level, told(scene, "I am asking your team to see how you are.")) == (Level.URGENT, 1)
    assert scene.paged("jo") >= 1


def test_after_the_third_nobody_is_nudged_any_more(scene: Scene) -> None:
    """A person is on the way; the program has said what it had to say."""
    for number in range(5):
        miss(scene, number)
    texts = ("No answer today", "No answer for two days", "I have not heard from you for a while")
    assert [told(scene, text) for text in texts] == [1, 1, 1]


@pytest.mark.parametrize("words", [None, "I'm OK", "1", "fine"])
def test_one_tap_or_word_says_that_they_are_ok(scene: Scene, words: str | None) -> None:
    """Then the count begins anew; the watch stays for the therapist."""
    for number in range(2):
        miss(scene, number)
    scene.says(words) if words else scene.taps("ok")
    assert "Thank you for telling me." in scene.screens["maya"][-1].text
    assert scene.level is Level.WATCH
    miss(scene, 2)
    assert told(scene, "No answer today") == 2
    assert scene.level is Level.WATCH


def test_anything_else_is_no_ok(scene: Scene) -> None:
    """Words are heard as ever."""
    for number in range(2):
        miss(scene, number)
    scene.says("everything feels hopeless")
    assert told(scene, "Are you thinking about killing yourself?") == 1


def test_a_number_means_ok_only_until_the_next_question(scene: Scene) -> None:
    """Tomorrow's 1 is a mood."""
    for number in range(2):
        miss(scene, number)
    ask(scene, 2)
    scene.says("1")
    assert scene.last.answers[0].value.reveal() == "1"


def test_fine_is_an_ok_only_after_the_offer(scene: Scene) -> None:
    """Else it is a word like any other, kept for the team."""
    scene.says("fine")
    assert told(scene, "I have kept this for your team") == 1
    for number in range(2):
        miss(scene, number)
    mood(scene, 2, 6)
    for _ in range(6):
        scene.taps("unsaid" if "unsaid" in {one.id for one in scene.screens["maya"][-1].choices} else "skip")
    scene.says("fine")
    assert told(scene, "Thank you for telling me.") == 0
    assert told(scene, "I have kept this for your team") == 2


def test_one_miss_in_a_follow_up_asks_for_a_person(scene: Scene) -> None:
    """Whoever was in danger is not left for three days."""
    scene.says("I want to kill myself")
    for button in ("acknowledge", "take_over"):
        scene.taps(button, "jo")
    scene.taps("resolve", "jo")
    scene.taps("no_danger", "jo")
    assert scene.state == "resolved"
    miss(scene, 0)
    assert scene.state == "open"
    assert scene.paged("jo") > 1


def test_one_miss_in_the_week_after_hospital_asks_for_a_person(scene: Scene) -> None:
    """The first week is the most dangerous one."""
    scene.past = replace(scene.past, discharged=DAY - timedelta(days=6))
    miss(scene, 0)
    assert scene.level is Level.URGENT


def test_when_a_case_was_closed_the_silence_is_counted_anew(scene: Scene) -> None:
    """Somebody has looked. If it goes on, they hear of it again, and not never."""
    for number in range(3):
        miss(scene, number)
    scene.taps("acknowledge", "jo")
    for button in ("resolve", "no_danger", "close", "mistaken"):
        scene.taps(button, "jo")
    assert scene.level is Level.NONE
    for number, level in ((3, Level.NONE), (4, Level.WATCH), (5, Level.URGENT)):
        miss(scene, number)
        assert scene.level is level


def test_fading_is_a_watch_and_asks_about_burden(scene: Scene) -> None:
    """Fewer questions may be what helps."""
    past = [(DAY - timedelta(days=n), n > 13 or n % 2 == 1) for n in range(28, 0, -1)]
    scene.past = replace(scene.past, check_ins=tuple(past))
    miss(scene, 0)
    assert scene.level is Level.NONE
    scene.says("sorry, busy")
    miss(scene, 1)
    assert "EW-MISS2" not in fired(scene)
    assert told(scene, "tell me if they are too many") == 1
    assert scene.level is Level.WATCH


# -- what was written down by others ---------------------------------------------------------------------------------


def test_a_total_that_was_written_down_is_looked_at(scene: Scene) -> None:
    """Whoever writes it down, the same rules look."""
    scene.past = replace(scene.past, totals={"phq9": ((DAY, 9), (DAY, 15))})
    scene.falls_due(over_time.WRITTEN_DOWN)
    assert fired(scene) == ["EW-PHQ"]
    assert scene.level is Level.WATCH
    assert told(scene, "Your answers show more low mood than before.") == 1
    scene.falls_due(over_time.WRITTEN_DOWN)
    assert fired(scene) == []


# -- what is looked up ---------------------------------------------------------------------------------------------


def test_nothing_is_looked_up_for_what_changes_nothing() -> None:
    """Most messages cost what they cost before."""
    scene = Scene()
    ask(scene, 0)
    for event in (
        Said("1", "maya", scene.now, Phi("hello"), Assessment()),
        Tapped("2", "maya", scene.now, "crisis.safe", "safe"),
        Due("maya", "check_in_reminder", "", scene.now),
    ):
        talk = replace(scene.situation.talk, conversation="", step="")
        assert over_time.needed(replace(scene.situation, talk=talk), event, library()) is None
    expiry = Due("maya", "check_in_expiry", "", scene.now)
    assert over_time.needed(Scene().situation, expiry, library()) is None
    assert over_time.needed(scene.situation, expiry, library()) is not None
    check_in = scene.situation.check_in
    assert check_in is not None
    undelivered = replace(scene.situation, check_in=replace(check_in, delivered_at=None))
    assert over_time.needed(undelivered, expiry, library()) is None


def test_an_answer_looks_up_what_its_rules_need() -> None:
    """Three weeks of one question, and nothing of any other."""
    check_in = CheckIn("c", DAY, "answering", Scene().now, first_answer_at=Scene().now)
    situation = replace(Scene().situation, check_in=check_in)
    needs = over_time.needed(situation, Tapped("1", "maya", Scene().now, "check_in.mood", "3", "c"), library())
    assert needs is not None
    assert dict(needs.items) == {"check_in.mood": 21, "check_in.sleep": 2, "check_in.energy": 2}
    assert (needs.check_ins, needs.sessions, needs.totals) == (0, 0, frozenset())
    begins = replace(situation, check_in=replace(check_in, first_answer_at=None))
    first = over_time.needed(begins, Tapped("1", "maya", Scene().now, "check_in.mood", "3", "c"), library())
    assert first is not None
    assert first.check_ins == 28
    assert (
        over_time.needed(situation, Tapped("1", "maya", Scene().now, "check_in.anxiety", "3", "c"), library()) is None
    )


def test_a_history_tells_nobody_what_was_answered() -> None:
    """Answers are for the rules; the log of a fault must not hold them."""
    history = History(DAY, answers={"check_in.mood": ((DAY, "77"),)}, totals={"phq9": ((DAY, 88),)})
    assert "77" not in repr(history)
    assert "88" not in repr(history)
