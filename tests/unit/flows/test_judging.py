"""Was it useful to be told? One press of whoever closed the case, or a command; it changes nothing else."""

from __future__ import annotations

import pytest

from tests.support.scene import Scene


@pytest.fixture
def scene() -> Scene:
    """An urgent case, taken by Jo and closed."""
    made = Scene()
    made.says("I want to kill myself")
    for button in ("acknowledge", "resolve", "no_danger", "close", "mistaken"):
        made.taps(button, "jo")
    return made


def test_it_is_asked_when_a_case_is_closed(scene: Scene) -> None:
    """Then it is known what it was; and only the one who closed it is asked."""
    asked = [who for who, screen in scene.screens.items() if any(one.question == "care.useful" for one in screen)]
    assert asked == ["jo"]
    assert [one.label for one in scene.screens["jo"][-1].choices] == ["Yes, useful", "Not useful"]


@pytest.mark.parametrize(("button", "useful"), [("was_useful", True), ("was_not_useful", False)])
def test_one_press_is_counted(scene: Scene, button: str, useful: bool) -> None:
    """Of the case that was closed, not of another one."""
    case_id = scene.screens["jo"][-1].ref
    # Her caseload, so that the door is open without the case; who held it is looked up where the cases are kept.
    turn = scene.taps_on(scene.screens["jo"][-1], button, "kim")
    assert turn.judged == (case_id, useful)
    assert (turn.case, turn.talk, turn.signals) == (None, None, ())
    assert scene.sees("that is counted", "kim")
    assert [note.action for note in turn.notes] == ["judged"]


def test_a_second_press_puts_it_right(scene: Scene) -> None:
    """Fingers slip, and opinions change."""
    question = scene.screens["jo"][-1]
    assert scene.taps_on(question, "was_not_useful", "kim", again=True).judged == (question.ref, False)


@pytest.mark.parametrize(
    ("words", "useful"),
    [("/useful maya yes", True), ("/useful maya No.", False), ("/useful maya not useful", False)],
)
def test_the_command_means_the_open_case(words: str, useful: bool) -> None:
    """Whoever does not wait for the end says it with a name."""
    scene = Scene()
    scene.says("I want to kill myself")
    assert scene.situation.case is not None
    assert scene.says(words, "ana").judged == (scene.situation.case.id, useful)


@pytest.mark.parametrize("words", ["/useful maya", "/useful maya perhaps"])
def test_what_is_neither_yes_nor_no_is_asked_back(scene: Scene, words: str) -> None:
    """A guess would be counted as an opinion."""
    assert scene.says(words, "ana").judged is None
    assert scene.sees("yes or no", "ana")


def test_whoever_has_nothing_to_do_with_them_judges_nothing() -> None:
    """An operator keeps the machine, not the clinic."""
    scene = Scene()
    scene.says("I want to kill myself")
    assert scene.says("/useful maya no", "olu").judged is None
    assert scene.sees("not open to you", "olu")
