"""Typed answers: said back as they were understood, and put right without a button."""

from __future__ import annotations

import pytest

from flows.level import Level
from tests.support.scene import Scene

TUESDAY = "2026-03-10"


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.falls_due("check_in", TUESDAY)
    return made


def newest(scene: Scene, who: str = "maya") -> str:
    return scene.screens[who][-1].text


def kept(scene: Scene) -> list[tuple[str, str]]:
    return [(one.item, one.value.reveal()) for one in scene.last.answers]


def test_what_was_typed_is_said_back_above_the_next_question(scene: Scene) -> None:
    """A slip of the finger is seen before it counts for a week."""
    scene.says("7")
    assert newest(scene).startswith("Noted: 7.")
    assert "anxious" in newest(scene)


def test_a_pressed_button_is_not_said_back(scene: Scene) -> None:
    """The button itself shows what was chosen."""
    scene.taps("7")
    assert "Noted" not in newest(scene)


def test_back_asks_the_last_typed_question_again(scene: Scene) -> None:
    """Then the new answer counts, and the questions go on from there."""
    scene.says("1")
    scene.says("back")
    assert "mood" in newest(scene)
    scene.says("7")
    assert kept(scene) == [("check_in.mood", "7")]
    assert "anxious" in newest(scene)


def test_back_twice_goes_back_two_questions(scene: Scene) -> None:
    """As anybody would expect of that word."""
    scene.says("7")
    scene.says("3")
    scene.says("back")
    assert "anxious" in newest(scene)
    scene.says("back")
    assert "mood" in newest(scene)


def test_back_with_nothing_behind_it_is_not_a_command(scene: Scene) -> None:
    """The first question stays the pending one."""
    scene.says("back")
    assert "mood" in newest(scene)
    assert kept(scene) == []


def test_a_changed_message_puts_its_own_answer_right_and_not_the_next_one(scene: Scene) -> None:
    """Whoever edits their 1 into a 7 means the question they answered, not the one that came since."""
    scene.says("1")
    mark = scene.mark_of_last
    scene.says("7", edits=mark)
    assert kept(scene) == [("check_in.mood", "7")]
    assert scene.situation.talk.step == "anxiety"


def test_a_slip_that_was_not_understood_can_be_mended_in_place(scene: Scene) -> None:
    """It answered nothing yet, so the mended one answers what is still asked."""
    scene.says("sevn")
    mark = scene.mark_of_last
    scene.says("seven", edits=mark)
    assert kept(scene) == [("check_in.mood", "7")]


def test_another_changed_message_answers_nothing_and_is_kept_for_a_person(scene: Scene) -> None:
    """What was written before the question was asked cannot be its answer."""
    scene.says("4", edits="0123456789ab")
    assert kept(scene) == []
    assert "what you changed" in scene.last.says[0].text
    assert [one.to for one in scene.last.says if one.content.startswith("care.unread")] == ["ana"]


def test_danger_in_a_changed_message_is_danger(scene: Scene) -> None:
    """Screening comes before everything, also for what is written over something harmless."""
    scene.says("7")
    scene.says("I am going to kill myself tonight", edits=scene.mark_of_last)
    assert scene.situation.case is not None
    assert scene.situation.case.level is Level.EMERGENCY
    assert any("911" in one.text for one in scene.last.says if one.to == "maya")


def test_worry_in_a_changed_message_is_asked_about(scene: Scene) -> None:
    """As it would have been had they written it at once: with the one direct question."""
    scene.says("7")
    scene.says("I feel hopeless", edits=scene.mark_of_last)
    assert scene.level is Level.WATCH
    assert scene.situation.talk.step == "direct"


def test_a_changed_crisis_answer_counts_as_its_button(scene: Scene) -> None:
    """Safe that becomes not safe calls for people at once; the first answer had called nobody."""
    scene.says("I want to disappear, I want to hurt myself")
    scene.says("1")
    assert "Noted: I'm safe" in "\n".join(one.text for one in scene.last.says)
    scene.says("3", edits=scene.mark_of_last)
    assert scene.situation.case is not None
    assert scene.situation.case.level is Level.EMERGENCY
    assert any("911" in one.text for one in scene.last.says)


def test_back_in_a_crisis_asks_what_everything_waits_for(scene: Scene) -> None:
    """Are you safe right now?"""
    scene.calls_for_help()
    scene.says("1")
    scene.says("back")
    assert "safe right now" in newest(scene)


def test_a_human_sees_that_a_message_was_changed(scene: Scene) -> None:
    """And nothing that was changed is taken for a new thing said."""
    scene.calls_for_help()
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.says("i am ok")
    scene.says("i am not ok", edits=scene.mark_of_last)
    assert newest(scene, "jo") == "Maya changed a message: i am not ok"
    scene.says("I am here", "jo")
    scene.says("I am coming", "jo", edits=scene.mark_of_last)
    assert newest(scene) == "Jo changed a message: I am coming"


def test_a_changed_message_of_staff_repeats_no_wish(scene: Scene) -> None:
    """A second Acknowledge, made of a typing error, must not be carried out on another case."""
    scene.calls_for_help()
    scene.says("1", "jo", edits="0123456789ab")
    assert scene.situation.case is not None
    assert scene.situation.case.holder_id == ""
    assert "as a new one" in newest(scene, "jo")


def quoting(scene: Scene, words: str, who: str, question: str) -> None:
    """They reply to the newest message that asked this."""
    asked = next(one for one in reversed(scene.screens[who]) if one.question == question)
    scene.says(words, who, quotes=asked)


def test_somebody_who_speaks_gives_a_reason_by_quoting_the_question() -> None:
    """Without buttons there is no other way; what they write beside it still goes to the participant alone."""
    scene = Scene()
    scene.calls_for_help()
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.taps("resolve", "jo")
    scene.says("Reached, with a trusted person", "jo")
    assert scene.situation.case is not None
    assert scene.situation.case.state == "engaged"
    quoting(scene, "she is with her sister now", "jo", "care.reason")
    assert scene.situation.case.state == "resolved"
    assert not any("with her sister" in one.text for one in scene.screens["maya"])


def test_danger_in_a_quoted_question_brings_numbers_while_a_human_speaks() -> None:
    """As its button would: a 3 alone would tell the therapist nothing."""
    scene = Scene()
    scene.calls_for_help()
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    quoting(scene, "3", "maya", "crisis.safe")
    assert any("911" in one.text for one in scene.last.says if one.to == "maya")
    assert [one.text for one in scene.last.says if one.to == "jo"] == ["Maya: I'm not safe"]


def test_polls_come_only_to_who_asked_for_them() -> None:
    """They make no sound, so they are never the only way; and they can be had no more at any time."""
    scene = Scene()
    scene.falls_due("check_in", TUESDAY)
    assert not any(one.poll for one in scene.last.says)
    scene.says("polls")
    scene.says("7")
    assert [one.poll for one in scene.last.says if one.choices] == [True]
    scene.says("no polls")
    scene.says("3")
    assert not any(one.poll for one in scene.last.says)


def test_an_old_message_changed_after_a_slip_answers_nothing(scene: Scene) -> None:
    """Only the slip itself is mended by a change of it."""
    scene.says("sevn")
    scene.says("4", edits="0123456789ab")
    assert kept(scene) == []
    assert scene.situation.talk.step == "mood"
