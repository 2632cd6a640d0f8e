"""A hit asks, it does not label: one direct question, once in a conversation, and what each answer leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.event import Said
from flows.level import Level
from flows.phi import Phi
from flows.risk import Assessment, Signal
from tests.support.scene import Scene, library

DIRECT = "Are you thinking about killing yourself?"
WATCH = "everything feels hopeless"
OUTRIGHT = "I want to kill myself"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def asked(scene: Scene) -> int:
    return sum(DIRECT in one.text for one in scene.screens.get("maya", []))


def newest(scene: Scene) -> str:
    return scene.screens["maya"][-1].text


def signal(level: Level = Level.URGENT, *, asks: bool = True, rule: str = "su.unclear") -> Signal:
    return Signal(rule, 1, level, "suicide", 0, 4, Phi("soon"), "Words that may mean it.", asks)


def says(scene: Scene, *signals: Signal) -> None:
    """Words in which these signals are heard."""
    event = Said(scene._next_id(), "maya", scene.now, Phi("soon it is over"), Assessment.of(signals))
    scene.decide(event)


# -- what leads to it ----------------------------------------------------------------------------------------------


def test_a_watch_asks_one_direct_question(scene: Scene) -> None:
    """Clinical protocol 6.1: always ask directly, in plain words, when unsure."""
    scene.says(WATCH)
    assert DIRECT in newest(scene)
    assert scene.level is Level.WATCH
    assert scene.paged("jo") == 0


def test_words_that_an_urgent_rule_calls_unclear_ask_before_anybody_is_paged(scene: Scene) -> None:
    """A page for a song title teaches the night not to answer pages."""
    says(scene, signal())
    assert DIRECT in newest(scene)
    assert scene.level is Level.WATCH
    assert [one.level for one in scene.last.signals] == [Level.WATCH]


@pytest.mark.parametrize("words", [OUTRIGHT, "I am going to end it tonight", "I took all my pills", "I can't breathe"])
def test_said_outright_nothing_waits_for_a_question(scene: Scene, words: str) -> None:
    """Intent, an attempt, a medical emergency: people first."""
    scene.says(words)
    assert asked(scene) == 0
    assert scene.level >= Level.URGENT
    assert scene.paged("jo") == 1


@pytest.mark.parametrize("beside", [signal(asks=False), signal(Level.EMERGENCY, asks=False)])
def test_one_clear_sentence_beside_an_unclear_one_is_enough(scene: Scene, beside: Signal) -> None:
    """The question is for doubt; there is none."""
    says(scene, signal(), beside)
    assert asked(scene) == 0
    assert scene.level is beside.level
    assert scene.paged("jo") == 1


# -- what each answer leads to -------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_yes_counts_as_if_they_had_said_so(scene: Scene, answer: str) -> None:
    """Numbers, a page, and whether they are safe."""
    scene.says(WATCH)
    scene.taps(answer)
    assert scene.level is Level.URGENT
    assert scene.paged("jo") == 1
    assert scene.sees("988")
    assert "Are you safe right now?" in newest(scene)


def test_no_is_thanked_for_and_kept_as_a_watch(scene: Scene) -> None:
    """A no lowers nothing, and nobody is asked further."""
    says(scene, signal())
    scene.taps("no")
    assert "Thank you for answering" in newest(scene)
    assert scene.level is Level.WATCH
    assert scene.paged("jo") == 0
    assert scene.situation.talk.conversation == ""


def test_silence_leaves_the_watch_and_sends_nothing_more(scene: Scene) -> None:
    """Nobody is pressed for an answer."""
    scene.says(WATCH)
    before = len(scene.screens["maya"])
    scene.timers = {key: timer for key, timer in scene.timers.items() if key[0] != "check_in"}
    scene.wait(hours=30)
    assert len(scene.screens["maya"]) == before
    assert scene.level is Level.WATCH
    assert scene.paged("jo") == 0


def test_rather_not_say_is_not_a_no_and_nobody_presses(scene: Scene) -> None:
    """Clinical protocol 2.6: the plan and the lines, and it stays a watch."""
    scene.says(WATCH)
    scene.taps("unsaid")
    assert scene.sees("That is all right.")
    assert "play the guitar" in newest(scene)
    assert scene.level is Level.WATCH
    assert scene.paged("jo") == 0


def test_rather_not_say_after_unclear_urgent_words_does_not_settle_them(scene: Scene) -> None:
    """Clinical protocol 4.3: a question refused after a positive answer is urgent."""
    says(scene, signal())
    scene.taps("unsaid")
    assert scene.level is Level.URGENT
    assert scene.paged("jo") == 1


def test_what_was_answered_is_settled(scene: Scene) -> None:
    """Whoever said no and then taps the other button of that question is a watch, as anybody who does not say."""
    says(scene, signal())
    question = scene.screens["maya"][-1]
    scene.taps_on(question, "no")
    scene.taps_on(question, "unsaid")
    assert scene.level is Level.WATCH


def test_a_refusal_counts_only_for_the_words_it_was_about(scene: Scene) -> None:
    """What was answered with a no last week does not page anybody for this week's silence."""
    says(scene, signal())
    scene.taps("no")
    scene.now += timedelta(hours=13)
    scene.says(WATCH)
    scene.taps("unsaid")
    assert scene.level is Level.WATCH


def test_a_yes_on_the_next_day_is_still_a_yes(scene: Scene) -> None:
    """Buttons do not run out, and typed words answer the question that waits."""
    scene.says(WATCH)
    scene.now += timedelta(hours=13)
    scene.says("yes")
    assert scene.level is Level.URGENT


def test_a_late_no_is_thanked_for_too(scene: Scene) -> None:
    """Where nothing else goes on; in the middle of a check-in its questions stay where they are."""
    scene.says(WATCH)
    question = scene.screens["maya"][-1]
    scene.falls_due("check_in", "2026-03-11")
    scene.wait(hours=4)
    scene.falls_due("check_in", "2026-03-12")
    scene.taps_on(question, "no")
    assert "closed" in newest(scene)
    assert scene.situation.talk.conversation == "check_in"
    scene.wait(hours=4)
    scene.taps_on(question, "no")
    assert "Thank you for answering" in newest(scene)


# -- once ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([WATCH, "I am a burden to everybody", "nice day", "no", "hm"]), max_size=6))
def test_it_is_put_once_whatever_is_said(words: list[str]) -> None:
    """To be asked again and again whether one wants to die is no help."""
    scene = Scene()
    scene.says(WATCH)
    for said in words:
        scene.says(said)
    scene.sends("picture")
    assert asked(scene) == 1


def test_words_instead_of_an_answer_are_kept_and_the_way_to_a_person_shown(scene: Scene) -> None:
    """The question is not put again: they have seen it."""
    scene.says(WATCH)
    scene.says("my sister comes on Sunday")
    assert "You need not choose" in newest(scene)
    assert scene.sees("988")
    scene.says("and brings the dog")
    assert "I have kept this for your team" in newest(scene)
    assert asked(scene) == 1
    scene.says("yes")
    assert scene.level is Level.URGENT


def test_unclear_words_after_the_question_count_as_their_rule_says(scene: Scene) -> None:
    """There is no second question to settle them."""
    scene.says(WATCH)
    scene.taps("no")
    says(scene, signal())
    assert asked(scene) == 1
    assert scene.level is Level.URGENT
    assert scene.paged("jo") == 1


@pytest.mark.parametrize(("hours", "times"), [(11.9, 1), (12, 2)])
def test_after_half_a_day_of_silence_it_is_another_conversation(scene: Scene, hours: float, times: int) -> None:
    """The length stands in handrail.toml."""
    scene.says(WATCH)
    scene.taps("no")
    scene.now += timedelta(hours=hours)
    scene.says(WATCH)
    assert asked(scene) == times


def test_a_question_left_yesterday_is_put_anew_in_another_conversation(scene: Scene) -> None:
    """Nobody answered it, and it is as hard a day as yesterday."""
    scene.says(WATCH)
    scene.now += timedelta(hours=13)
    scene.says(WATCH)
    assert asked(scene) == 2
    scene.says(WATCH)
    assert asked(scene) == 2


def test_whoever_goes_on_writing_is_in_the_same_conversation(scene: Scene) -> None:
    """A long evening is one conversation."""
    scene.says(WATCH)
    scene.taps("no")
    for _ in range(4):
        scene.now += timedelta(hours=11)
        scene.says("nice day")
    scene.now += timedelta(hours=11)
    scene.says(WATCH)
    assert asked(scene) == 1


def test_when_the_case_is_closed_it_is_another_conversation(scene: Scene) -> None:
    """A clinician has looked; what comes next is new."""
    scene.says(WATCH)
    scene.taps("no")
    scene.wait(hours=1)
    assert scene.situation.case is not None
    scene.now += timedelta(hours=10)
    scene.taps_on(next(one for one in scene.screens["ana"] if one.question == "care.watch"), "acknowledge", "ana")
    for button in ("resolve", "no_danger", "close", "mistaken"):
        scene.taps(button, "ana")
    assert scene.situation.case is None
    scene.says(WATCH)
    assert asked(scene) == 2


# -- never into the middle of people -------------------------------------------------------------------------------


def test_it_is_not_put_while_a_person_speaks(scene: Scene) -> None:
    """The person asks better."""
    scene.says(OUTRIGHT)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.says(WATCH)
    says(scene, signal())
    assert asked(scene) == 0
    assert scene.last.signals[0].level is Level.URGENT


def test_it_is_not_put_while_people_are_being_asked(scene: Scene) -> None:
    """What is said meanwhile is added for them, and the participant hears so."""
    scene.says(OUTRIGHT)
    scene.situation = replace(scene.situation, talk=replace(scene.situation.talk, conversation="", step=""))
    scene.says(WATCH)
    assert asked(scene) == 0
    assert "for the people I asked" in newest(scene)


def test_a_watch_on_the_worklist_does_not_stand_in_its_way(scene: Scene) -> None:
    """Nobody comes because of a watch, so nobody else would ask."""
    scene.falls_due("check_in", "2026-03-10")
    scene.says("4")
    scene.says("5")
    scene.taps("some")
    scene.says("2")
    scene.situation = replace(scene.situation, talk=replace(scene.situation.talk, conversation="", step=""))
    assert scene.level is Level.WATCH
    scene.says(WATCH)
    assert asked(scene) == 1


def test_the_length_of_a_conversation_is_a_setting() -> None:
    """And the shipped one is the safe one."""
    assert library().settings.crisis.conversation_ends_after == timedelta(hours=12)
