"""When a question may take the place of the one before it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram.sheets import Sheets

FIRST, SECOND = "1" * 32, "2" * 32


@pytest.fixture
def sheets() -> Sheets:
    """A question stands at the end of the chat, in message 10."""
    sheets = Sheets()
    sheets.asked("7", 10, FIRST)
    return sheets


def press(number: int, key: str) -> dict[str, Any]:
    return {"callback_query": {"message": {"message_id": number, "chat": {"id": 7}}, "data": f"p{key}yes"}}


def test_an_answered_question_makes_room_for_the_next(sheets: Sheets) -> None:
    """That is what a sheet is for."""
    sheets.noted(press(10, FIRST))
    sheet = sheets.next("7", SECOND)
    assert sheet is not None
    assert sheet.number == 10


def test_one_that_nobody_answered_stays(sheets: Sheets) -> None:
    """They have answered another one, further up: this one must not vanish before it was read."""
    sheets.noted(press(9, FIRST))
    assert sheets.next("7", SECOND) is None


def test_what_they_write_below_it_ends_it(sheets: Sheets) -> None:
    """The next question stands where they are writing."""
    sheets.noted(press(10, FIRST))
    sheets.noted({"message": {"message_id": 11, "chat": {"id": 7}}})
    assert sheets.next("7", SECOND) is None


def test_what_we_say_below_it_ends_it(sheets: Sheets) -> None:
    """Else the newest words would be above the question that they lead to."""
    sheets.noted(press(10, FIRST))
    sheets.covered_up("7")
    assert sheets.next("7", SECOND) is None


def test_a_second_try_is_made_where_the_first_was(sheets: Sheets) -> None:
    """Nobody knows whether the first one came true."""
    sheets.noted(press(10, FIRST))
    assert sheets.next("7", SECOND) is sheets.next("7", SECOND)


def test_a_press_that_comes_twice_answers_once(sheets: Sheets) -> None:
    """The second one is about a question that is not there any more."""
    sheets.noted(press(10, FIRST))
    sheets.next("7", SECOND)
    sheets.noted(press(10, FIRST))
    assert sheets.next("7", "3" * 32) is None


@pytest.mark.parametrize("part", [5, {}, {"chat": []}, {"message": 5}, {"message": {"chat": 7}, "data": None}])
def test_what_makes_no_sense_stops_nothing(sheets: Sheets, part: object) -> None:
    """An update that stops the one who reads it comes again for ever, and nobody is heard any more."""
    sheets.noted({"message": part, "callback_query": part})
    sheets.noted(press(10, FIRST))
    assert sheets.next("7", SECOND) is not None
