"""What staff may do: every wish goes through the one door, and a closed door changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from flows.care_team import ACTS
from flows.event import Tapped
from flows.grant import Role
from flows.ladder import Roster
from flows.level import Level
from flows.message import Outbound, Urgency
from flows.policy import RULES, Action
from flows.request import BUTTONS, COMMANDS, Desk
from flows.turn import Turn
from tests.support.scene import Scene, staff, usual_roster

CRISIS = "I am going to end it tonight"
OUTSIDERS = [staff("noa"), staff("sam", Role.FACILITATOR), staff("pat", Role.OPERATOR), staff("leo", Role.CONTACT)]


def with_outsiders() -> Scene:
    usual = usual_roster()
    return Scene(roster=Roster((*usual.staff, *OUTSIDERS), usual.shifts))


def words_of(scene: Scene, who: str) -> str:
    return "\n".join(one.text for one in scene.screens.get(who, []))


@pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda person: person.role.value)
@pytest.mark.parametrize(("question", "choice"), sorted(BUTTONS))
def test_a_button_in_the_wrong_hands_does_nothing(outsider: object, question: str, choice: str) -> None:
    """A forwarded screenshot, a stolen phone, a curious colleague: the case stays as it is, and nothing is told."""
    scene = with_outsiders()
    scene.says(CRISIS)
    case = scene.situation.case
    assert case is not None
    who = outsider.id  # type: ignore[attr-defined]
    stolen = Outbound(who, "", Urgency.CRISIS, "", question=question, ref=f"{case.id}/task")
    scene.taps_on(stolen, choice, who)
    assert scene.situation.case == case
    assert scene.last.follow_ups == ()
    assert scene.last.done_follow_up is None
    assert "Maya" not in words_of(scene, who)
    assert "end it" not in words_of(scene, who)


@pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda person: person.role.value)
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_command_in_the_wrong_hands_tells_nothing(outsider: object, command: str) -> None:
    """The name that was typed is all that an outsider ever sees of a participant."""
    scene = with_outsiders()
    scene.says(CRISIS)
    case = scene.situation.case
    who = outsider.id  # type: ignore[attr-defined]
    scene.says(f"{command} maya called me", who)
    assert scene.situation.case == case
    for secret in ("Rivers", "guitar", "Elm", "end it", "asthma"):
        assert secret not in words_of(scene, who)


def test_every_wish_names_an_action_that_somebody_may_do() -> None:
    """An action that no role has would be a door without a key."""
    wanted = {action for action, _ in COMMANDS.values()} | set(BUTTONS.values()) | {Action.RELAY}
    for action in wanted:
        assert any(action in rules for rules in RULES.values()), action


def test_every_wish_that_can_be_read_can_be_carried_out() -> None:
    """No command and no button ends in nothing."""
    names = {command[1:] for command in COMMANDS} | {choice for _, choice in BUTTONS} | {"relay", "reason", "unknown"}
    assert names <= set(ACTS)


def test_words_answer_a_page_as_a_button_does() -> None:
    """A phone without buttons must be able to take a case."""
    for words in ("ack", "Acknowledge", "1"):
        scene = Scene()
        scene.says(CRISIS)
        scene.says(words, "jo")
        assert scene.state == "acknowledged", words


def test_a_reason_is_needed_and_until_then_nothing_has_changed() -> None:
    """Resolve asks first; a command in between takes the question back."""
    scene = Scene()
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("resolve", "jo")
    assert scene.state == "acknowledged"
    scene.says("/oncall", "jo")
    scene.says("she is fine", "jo")
    assert scene.state == "acknowledged"


def test_a_supervisor_may_resolve_when_the_holder_is_gone_and_a_colleague_may_not() -> None:
    """Only whoever took it, or who leads the team."""
    scene = Scene()
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    page = next(one for one in scene.screens["jo"] if one.question == "care.case")
    for who, allowed in (("lee", False), ("kim", True)):
        scene.taps_on(page, "resolve", who)
        scene.says("looked after", who)
        assert (scene.state == "resolved") is allowed, who


def test_who_speaks_cannot_resolve_by_writing() -> None:
    """A tap beside the mark, and the next line to somebody in a crisis must still reach them."""
    scene = Scene()
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.taps("resolve", "jo")
    assert scene.sees("What you write still goes to the participant", "jo")
    scene.says("are you still there?", "jo")
    assert scene.sees("are you still there?")
    assert scene.state == "engaged"
    scene.taps("reached_safe", "jo")
    assert scene.state == "resolved"


def in_conversation() -> Scene:
    scene = Scene()
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    return scene


def test_the_words_of_a_reason_may_be_meant_for_the_participant() -> None:
    """The label of a reason, typed in a conversation, goes to whom it was written to."""
    scene = in_conversation()
    scene.taps("resolve", "jo")
    scene.says("in emergency care", "jo")
    assert scene.sees("in emergency care")
    assert scene.state == "engaged"


@pytest.mark.parametrize("wish", ["resolve", "close"])
def test_a_reason_for_one_case_is_never_sent_to_another(wish: str) -> None:
    """Who speaks with somebody else is told that only the buttons count."""
    scene = in_conversation()
    scene.desks["jo"] = Desk(speaking_case_id="another-case")
    if wish == "close":
        scene.taps("resolve", "jo")
        scene.taps("reached_safe", "jo")
        scene.desks["jo"] = Desk(speaking_case_id="another-case")
    scene.taps(wish, "jo")
    assert "in your own words" not in scene.screens["jo"][-1].text
    assert "What you write still goes to the participant" in scene.screens["jo"][-1].text


def test_who_speaks_with_two_is_never_taken_at_their_word() -> None:
    """The desk may have forgotten this conversation; the case has not."""
    scene = in_conversation()
    scene.desks["jo"] = Desk()
    scene.taps("resolve", "jo")
    scene.says("are you still there?", "jo")
    assert scene.state == "engaged"
    assert scene.sees("Please send it again", "jo")
    scene.says("are you still there?", "jo")
    assert scene.sees("are you still there?")


def test_one_of_two_conversations_ends_and_the_other_goes_on() -> None:
    """Whoever hands one back is told where their words go now."""
    scene = in_conversation()
    scene.situation = replace(scene.situation, speaks_in=(("another-case", 7),))
    scene.taps("hand_back", "jo")
    assert scene.sees("You still speak in case 7", "jo")
    assert scene.desks["jo"].speaking_case_id == "another-case"


def test_danger_said_again_counts_again_while_a_human_speaks() -> None:
    """Forty minutes later the same button is news."""
    scene = in_conversation()
    scene.taps("not_safe")
    scene.wait(minutes=40)
    before = scene.situation.case
    turn = scene.taps("not_safe", again=True)
    assert any(one.to == "jo" and "I'm not safe" in one.text for one in turn.says)
    assert turn.signals
    assert turn.case is not None
    assert before is not None
    assert turn.case.heard_at > before.heard_at


def test_two_signals_of_one_moment_are_two() -> None:
    """What was asked about before the second one does not cover it."""
    scene = Scene()
    scene.says(CRISIS)
    first = scene.situation.case
    scene.says(CRISIS)
    assert first is not None
    assert scene.situation.case is not None
    assert scene.situation.case.heard_at > first.heard_at


@pytest.mark.parametrize("news", [CRISIS, "I have the pills in my hand and I am taking them now"])
@pytest.mark.parametrize("way", ["button", "words"])
def test_a_reason_counts_only_for_what_was_seen(news: str, way: str) -> None:
    """What came in between asks again: nobody resolves what they have not read."""
    scene = Scene()
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("resolve", "jo")
    scene.wait(seconds=20)
    scene.says(news)
    asked = next(one for one in reversed(scene.screens["jo"]) if one.question == "care.reason")
    scene.taps_on(asked, "no_danger", "jo") if way == "button" else scene.says("no danger found", "jo")
    assert scene.state == "acknowledged"
    assert scene.sees("Something new was said", "jo")
    scene.taps("no_danger", "jo")
    assert scene.state == "resolved"


def test_two_humans_never_speak_at_once() -> None:
    """The second is told who speaks."""
    scene = Scene()
    scene.says(CRISIS)
    scene.wait(minutes=5)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    page = next(one for one in scene.screens["jo"] if one.question == "care.case")
    scene.taps_on(page, "take_over", "lee")
    assert scene.situation.case is not None
    assert scene.situation.case.speaker_id == "jo"
    scene.says("hello from lee", "lee")
    assert not scene.sees("hello from lee")


def test_while_a_human_speaks_words_go_to_them_and_are_heard_all_the_same() -> None:
    """The program is silent, but not deaf: an emergency in a conversation still raises the case and pages."""
    scene = Scene()
    scene.says("I want to kill myself")
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.says("I have the pills in my hand and I am taking them now")
    assert scene.sees("pills in my hand", "jo")
    assert scene.level is Level.EMERGENCY
    assert scene.paged("jo") == 2
    assert not any(one.content.startswith("crisis.safe") for one in scene.last.says)


def test_help_still_shows_the_numbers_while_a_human_speaks() -> None:
    """The one thing that nobody silences."""
    scene = Scene()
    scene.says("I want to kill myself")
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    before = len(scene.screens["maya"])
    scene.calls_for_help()
    assert "911" in scene.screens["maya"][before].text


@pytest.mark.parametrize(
    ("danger", "rule", "shown"),
    [
        (Scene.calls_for_help, "CALL-FOR-HELP", "I need help now"),
        (lambda scene: scene.says("help"), "CALL-FOR-HELP", "help"),
        (lambda scene: scene.taps("not_safe"), "score.safe.not_safe", "I'm not safe"),
        (lambda scene: _taps_an_old(scene, "check_in.safety", "strong"), "score.safety.strong", "Yes, strong"),
    ],
    ids=["key", "word", "button", "old button"],
)
def test_danger_while_a_human_speaks_names_its_rule(danger: Callable[[Scene], Turn], rule: str, shown: str) -> None:
    """On the case as a signal with its words, on the phone of whoever speaks, and the numbers on the screen."""
    scene = Scene()
    scene.says("I want to kill myself")
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    turn = danger(scene)
    assert [(one.rule, one.words.reveal()) for one in turn.signals if one.rule == rule] == [(rule, shown)]
    assert [one.content.partition("@")[0] for one in turn.says if one.to == "maya"] == ["crisis.emergency"]
    assert any(one.to == "jo" and shown in one.text for one in turn.says)


def _taps_an_old(scene: Scene, question: str, choice: str) -> Turn:
    return scene.decide(Tapped("an-old-one", "maya", scene.now, question, choice, "another-day"))


def test_words_of_a_private_phone_do_not_go_to_a_public_one() -> None:
    """Words never travel on a channel that is less private than the one they were written on."""
    usual = usual_roster()
    people = tuple(replace(person, private=False) if person.id == "jo" else person for person in usual.staff)
    scene = Scene(roster=Roster(people, usual.shifts))
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.says("/plan maya", "jo")
    scene.says("/case maya", "jo")
    assert scene.situation.case is not None
    assert scene.situation.case.speaker_id == ""
    for secret in ("Maya", "Rivers", "end it", "guitar", "Elm"):
        assert secret not in words_of(scene, "jo")
