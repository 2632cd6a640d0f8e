"""When somebody is asked where they are, and when not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.scene import Scene

ASKED = "You can share where you are"


@pytest.fixture
def scene() -> Scene:
    """Maya's app has a key that says where she is."""
    scene = Scene()
    person = scene.situation.participant
    assert person is not None
    scene.situation = replace(scene.situation, participant=replace(person, shares_place=True))
    return scene


def times_asked(scene: Scene) -> int:
    return sum(ASKED in one.text for one in scene.screens["maya"])


def test_worry_alone_asks_nobody_where_they_are(scene: Scene) -> None:
    """Asked for their place, people fear that somebody is sent. Below an emergency nobody is."""
    scene.says("I think about dying")
    assert scene.paged("jo") == 1
    assert times_asked(scene) == 0


def test_nobody_is_asked_twice_in_one_case(scene: Scene) -> None:
    """Whoever did not want to say it has answered. Pressed for it, they might stop writing."""
    scene.calls_for_help()
    assert times_asked(scene) == 1
    page = next(one for one in scene.screens["jo"] if one.page)
    scene.taps_on(page, "acknowledge", "jo")
    scene.taps("resolve", "jo")
    scene.says("she is with her sister", "jo")
    assert scene.state == "resolved"
    scene.calls_for_help()
    assert scene.state == "open"
    assert times_asked(scene) == 1


def test_whoever_has_no_such_key_is_not_asked_to_type_an_address() -> None:
    """Typing an address is not for this moment, and a key that does not come is a promise broken."""
    scene = Scene()
    scene.calls_for_help()
    assert times_asked(scene) == 0


def test_the_place_is_asked_for_before_the_one_question(scene: Scene) -> None:
    """What everything else waits for is the last on the screen, with its buttons."""
    scene.calls_for_help()
    assert scene.screens["maya"][-1].question == "crisis.safe"
    assert scene.screens["maya"][-2].asks_place
