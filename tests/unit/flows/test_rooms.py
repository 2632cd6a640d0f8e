"""Rooms that several people share: who is told what in them, and what the program does with what is said there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.level import Level
from flows.library import Library
from flows.message import Room
from flows.settings import MatrixSettings, PrivacySettings, TelegramSettings
from tests.support import scene as scenes
from tests.support.scene import Scene, library, usual_roster

CRISIS = "I am going to end it tonight"


@pytest.fixture
def on_matrix(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Everybody is on Matrix, and the programme wants both kinds of room."""
    shipped = library()
    matrix = MatrixSettings(team_room=True, case_rooms=True)
    wanted: Library = replace(shipped, settings=shipped.settings.model_copy(update={"matrix": matrix}))
    monkeypatch.setattr(scenes, "library", lambda: wanted)
    usual = usual_roster()
    scene = Scene(roster=replace(usual, staff=tuple(replace(one, rooms=True, channel="matrix") for one in usual.staff)))
    person = scene.situation.participant
    assert person is not None
    scene.situation = replace(scene.situation, participant=replace(person, rooms=True))
    return scene


def rooms(scene: Scene) -> dict[str, list[Room]]:
    """The rooms in which something was just said, by the line that was said."""
    found: dict[str, list[Room]] = {}
    for one in scene.last.says:
        if one.room is not None:
            found.setdefault(one.content.partition("@")[0], []).append(one.room)
    return found


def test_the_team_follows_a_case_by_its_number(on_matrix: Scene) -> None:
    """One line each time it changes hands or state, without a name, to everybody who works with cases."""
    on_matrix.says(CRISIS)
    said = [one for one in on_matrix.last.says if one.room is not None]
    assert [one.text for one in said] == ["EMERGENCY. Case 1 is open, with nobody yet."]
    everybody = {said[0].to, *(said[0].room.others if said[0].room else ())}
    assert everybody == {"ana", "jo", "lee", "kim", "dee"}  # and not the operator
    on_matrix.taps("acknowledge", "jo")
    assert "care.team" in rooms(on_matrix)
    on_matrix.says("one more word")
    assert "care.team" not in rooms(on_matrix)


def test_without_the_setting_no_room_is_made() -> None:
    """The shipped settings keep everything in each person's own room."""
    scene = Scene()
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    scene.says("hello")
    assert rooms(scene) == {}


def test_whoever_took_a_case_finds_it_in_a_room_of_its_own(on_matrix: Scene) -> None:
    """The page comes where it always comes; what holds words comes where only this case is."""
    on_matrix.says(CRISIS)
    page = next(one for one in on_matrix.last.says if one.page is not None)
    assert page.room is None
    on_matrix.taps("acknowledge", "jo")
    assert rooms(on_matrix)["care.case"] == [Room("case 1")]
    on_matrix.taps("take_over", "jo")
    on_matrix.says("are you there?")
    assert rooms(on_matrix)["care.relay"] == [Room("case 1")]


def test_the_room_of_a_case_ends_with_it(on_matrix: Scene) -> None:
    """Nobody keeps a window on somebody's words open for longer than they need it."""
    on_matrix.says(CRISIS)
    on_matrix.taps("acknowledge", "jo")
    on_matrix.taps("resolve", "jo")
    on_matrix.says("she is with her sister now, and safe", "jo")
    on_matrix.taps("close", "jo")
    on_matrix.says("followed up, all is well", "jo")
    assert rooms(on_matrix)["care.closed"] == [Room("case 1", ends=True)]


def test_a_private_room_is_opened_and_ended_by_command(on_matrix: Scene) -> None:
    """By somebody who has to do with them, for the two of them."""
    on_matrix.says("/breakout maya", "ana")
    assert rooms(on_matrix) == {"everyday.room": [Room("private/maya/ana", ("ana",))]}
    on_matrix.says("/breakout maya end", "ana")
    assert rooms(on_matrix) == {"everyday.room_ends": [Room("private/maya/ana", ("ana",), ends=True)]}


def test_nobody_opens_a_private_room_with_somebody_who_is_not_theirs(on_matrix: Scene) -> None:
    """Jo is on call, and Maya is not in any case."""
    on_matrix.says("/breakout maya", "jo")
    assert rooms(on_matrix) == {}


def test_without_rooms_it_is_said_that_there_is_none() -> None:
    """On Telegram a private room would be a false promise."""
    scene = Scene()
    scene.says("/breakout maya", "ana")
    assert [one.content.partition("@")[0] for one in scene.last.says] == ["care.no_rooms"]


def test_what_is_said_in_a_private_room_is_heard_and_not_answered(on_matrix: Scene) -> None:
    """They talk to a person there; the check-in that waits is not answered by it."""
    on_matrix.falls_due("check_in", "2026-03-10")
    on_matrix.says("7", room="private/maya/ana")
    assert on_matrix.last.says == ()
    assert on_matrix.situation.talk.step == "mood"


def test_danger_in_a_private_room_shows_numbers_and_asks_people(on_matrix: Scene) -> None:
    """Whoever is with them may need others; nobody has to write a report first."""
    on_matrix.says(CRISIS, room="private/maya/ana")
    to_maya = [one for one in on_matrix.last.says if one.to == "maya"]
    assert [one.content.partition("@")[0] for one in to_maya] == ["crisis.emergency"]
    assert to_maya[0].room is None
    assert on_matrix.situation.case is not None
    assert on_matrix.situation.case.level is Level.EMERGENCY
    assert on_matrix.paged("jo") == 1


def test_two_who_each_open_a_room_with_somebody_put_nobody_out(on_matrix: Scene) -> None:
    """The one conversation goes on while the other begins."""
    on_matrix.says(CRISIS)
    on_matrix.says("/breakout maya", "ana")
    first = rooms(on_matrix)["everyday.room"][0]
    on_matrix.says("/breakout maya", "jo")
    assert rooms(on_matrix)["everyday.room"][0].key != first.key


def test_stop_ends_the_questions_in_a_private_room_as_well(on_matrix: Scene) -> None:
    """It always works."""
    on_matrix.says("stop", room="private/maya/ana")
    assert on_matrix.situation.talk.stopped


@pytest.mark.parametrize(
    ("topics", "words", "wanted"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_on_telegram_a_case_has_a_room_where_words_may_be_read_there(
    topics: bool, words: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody in a group reads it: a room there needs both settings, and never follows from those of Matrix."""
    shipped = library()
    settings = shipped.settings.model_copy(
        update={
            "matrix": MatrixSettings(case_rooms=True),
            "telegram": TelegramSettings(case_topics=topics),
            "privacy": PrivacySettings(words_on_public_channels=words),
        }
    )
    monkeypatch.setattr(scenes, "library", lambda: replace(shipped, settings=settings))
    usual = usual_roster()
    scene = Scene(
        roster=replace(usual, staff=tuple(replace(one, private=False, channel="telegram") for one in usual.staff))
    )
    person = scene.situation.participant
    assert person is not None
    scene.situation = replace(scene.situation, participant=replace(person, private=False))
    scene.says(CRISIS)
    scene.taps("acknowledge", "jo")
    scene.taps("take_over", "jo")
    assert rooms(scene) == ({"care.speaking": [Room("case 1")]} if wanted else {})
    scene.says("are you there?")
    assert rooms(scene) == ({"care.relay": [Room("case 1")]} if wanted else {})
    scene.taps("hand_back", "jo")
    assert rooms(scene) == ({"care.handed_back": [Room("case 1", rests=True)]} if wanted else {})
