"""A voice message, a sticker, a call, what a channel notices: never silence, never a false belief of being heard."""

from __future__ import annotations

import pytest

from flows.event import NOTICED, WORDLESS
from flows.message import Urgency
from flows.wordless import WHAT
from tests.support.scene import Scene

TUESDAY = "2026-03-10"


def said_to(scene: Scene, who: str) -> list[str]:
    return [one.content.partition("@")[0] for one in scene.last.says if one.to == who]


@pytest.mark.parametrize("what", sorted(WORDLESS))
def test_each_is_answered_in_words_of_its_own(what: str) -> None:
    """Whoever sends one believes that somebody heard it."""
    scene = Scene()
    scene.sends(what)
    assert said_to(scene, "maya")[0] == f"everyday.{what}"


def test_every_kind_has_a_name_for_staff() -> None:
    """A kind that is added must be named in both tables."""
    assert WHAT.keys() == WORDLESS


def test_a_voice_message_is_for_a_person_to_ask_about() -> None:
    """Nobody has heard it: the therapist's list says that something is unread."""
    scene = Scene()
    scene.sends("voice")
    assert said_to(scene, "ana") == ["care.unread"]


def test_a_sticker_troubles_nobody() -> None:
    """It is answered, and that is all."""
    scene = Scene()
    scene.sends("sticker")
    assert {one.to for one in scene.last.says} == {"maya"}


def test_in_a_crisis_the_question_stands_again_and_nothing_is_lowered() -> None:
    """A voice message is no answer, and the page goes on."""
    scene = Scene()
    scene.calls_for_help()
    scene.sends("voice")
    assert said_to(scene, "maya") == ["everyday.voice", "crisis.safe"]
    assert {one.urgency for one in scene.last.says if one.to == "maya"} == {Urgency.CRISIS}
    assert scene.situation.case is not None
    assert scene.situation.case.state == "open"


def test_in_a_check_in_the_question_stands_again() -> None:
    """A picture answers nothing."""
    scene = Scene()
    scene.falls_due("check_in", TUESDAY)
    scene.sends("picture")
    assert said_to(scene, "maya") == ["everyday.picture", "check_in.mood"]


def test_whoever_has_the_case_is_told() -> None:
    """They may ask what it was."""
    scene = Scene()
    scene.calls_for_help()
    scene.taps("acknowledge", "jo")
    scene.sends("voice")
    assert said_to(scene, "jo") == ["care.wordless"]
    assert "a voice message" in next(one.text for one in scene.last.says if one.to == "jo")


def test_while_a_human_speaks_only_they_are_told() -> None:
    """The program stays quiet; the human says what to do."""
    scene = Scene()
    scene.calls_for_help()
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.sends("voice")
    assert {one.to for one in scene.last.says} == {"jo"}


def test_that_reactions_are_not_private_is_said_once() -> None:
    """After that they are let be, and the question that waits is put again."""
    scene = Scene()
    scene.falls_due("check_in", TUESDAY)
    scene.sends("reaction")
    assert said_to(scene, "maya") == ["everyday.reaction", "check_in.mood"]
    scene.sends("reaction")
    assert said_to(scene, "maya") == ["check_in.mood"]


def test_staff_learn_that_only_words_are_passed_on() -> None:
    """A therapist who sends a picture must not believe that the participant has seen it."""
    scene = Scene()
    scene.calls_for_help()
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.sends("picture", "jo")
    assert said_to(scene, "jo") == ["care.only_words"]
    assert said_to(scene, "maya") == []


@pytest.mark.parametrize("what", sorted(NOTICED))
def test_what_is_noticed_about_a_participant_reaches_whoever_can_ask_them(what: str) -> None:
    """It says nothing about how they are, so no case is opened."""
    scene = Scene()
    scene.is_noticed(what)
    assert said_to(scene, "ana") == [f"care.{what}"]
    assert scene.situation.case is None


def test_somebody_in_a_crisis_who_leaves_is_told_at_once_to_whoever_has_the_case() -> None:
    """What the program says does not reach them: another way is needed now."""
    scene = Scene()
    scene.calls_for_help()
    scene.taps("acknowledge", "jo")
    scene.is_noticed("left")
    assert [one.urgency for one in scene.last.says if one.to == "jo"] == [Urgency.CRISIS]
    assert "Maya" in next(one.text for one in scene.last.says if one.to == "jo")


def test_a_new_device_is_told_to_its_owner_as_well() -> None:
    """If it is not theirs, they are the first who can know."""
    scene = Scene()
    scene.is_noticed("new_device")
    assert said_to(scene, "maya") == ["everyday.new_device"]


def test_a_therapist_who_left_is_told_to_whoever_runs_the_machine() -> None:
    """Before a page is sent to nobody."""
    scene = Scene()
    scene.is_noticed("left", "jo")
    assert said_to(scene, "olu") == ["care.left"]
    assert [one.urgency for one in scene.last.says] == [Urgency.CRISIS]


def test_where_no_file_can_go_the_card_is_the_plan_itself() -> None:
    """Whoever asks for their plan gets it, in whichever form there is."""
    scene = Scene()
    scene.says("card")
    assert said_to(scene, "maya") == ["everyday.plan"]
    assert all(one.file is None for one in scene.last.says)
