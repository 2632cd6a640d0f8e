"""Questions that belong together, on one sheet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.telegram.faults import error, reset_after
from tests.fakes.telegram.phone import Shown
from tests.support.clinic import NINE
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path, starts=NINE) as clinic:
        yield clinic


async def first(clinic: TelegramClinic) -> Shown:
    asked = await clinic.maya.sees("mood", within=10)
    await clinic.program.delivery.settle()
    return asked


async def test_the_next_question_stands_where_the_last_one_stood(clinic: TelegramClinic) -> None:
    """Ten questions in ten messages push everything else out of sight, and leave every answer to be read by others."""
    mood = await first(clinic)
    await clinic.maya.taps("3", mood)
    tense = await clinic.maya.sees("How tense")
    assert tense.id == mood.id
    await clinic.maya.taps("4", tense)
    next_one = await clinic.maya.sees("Any thoughts")
    assert next_one.id == mood.id
    assert not any("You chose" in words for words in clinic.maya.heard)


async def test_back_shows_the_question_before_and_returns_to_the_one_that_waits(clinic: TelegramClinic) -> None:
    """A thumb is quick, and an answer that cannot be put right is a wrong answer. Nothing of what waits is lost."""
    mood = await first(clinic)
    await clinic.maya.taps("3", mood)
    tense = await clinic.maya.sees("How tense")
    await clinic.maya.taps("Back", tense)
    again = await clinic.maya.sees("mood")
    assert again.id == tense.id
    assert ("Back",) not in again.buttons
    await clinic.maya.taps("5", again)
    await clinic.maya.sees("I have changed that answer")
    waits = await clinic.maya.sees("How tense")
    assert waits.id == tense.id
    await clinic.maya.taps("2", waits)
    await clinic.maya.sees("Any thoughts")


async def test_words_in_between_start_a_new_sheet(clinic: TelegramClinic) -> None:
    """A question far above what was just written would be answered by nobody."""
    mood = await first(clinic)
    await clinic.maya.says("3")
    tense = await clinic.maya.sees("How tense")
    assert tense.id > mood.id
    await clinic.maya.taps("4", tense)
    next_one = await clinic.maya.sees("Any thoughts")
    assert next_one.id == tense.id


async def test_after_a_restart_the_next_question_is_a_new_message(clinic: TelegramClinic) -> None:
    """Nobody knows any more what came in between."""
    mood = await first(clinic)
    clinic.channel.forget_screens()
    await clinic.maya.taps("3", mood)
    tense = await clinic.maya.sees("How tense")
    assert tense.id > mood.id


async def test_an_edit_that_nobody_can_vouch_for_is_made_once_more(clinic: TelegramClinic) -> None:
    """It may have come true; made twice it looks the same, and nothing is said twice."""
    mood = await first(clinic)
    clinic.telegram.faults.add("editMessageText", reset_after())
    await clinic.maya.taps("3", mood)
    tense = await clinic.maya.sees("How tense")
    while sum(call.method == "editMessageText" for call in clinic.telegram.calls) < 2:
        await clinic.telegram.api.change.wait()
    await clinic.maya.taps("4", tense)
    next_one = await clinic.maya.sees("Any thoughts")
    assert next_one.id == mood.id
    assert not any("already" in words for words in clinic.maya.heard)


async def test_a_sheet_that_is_gone_is_followed_by_a_message(clinic: TelegramClinic) -> None:
    """They have deleted it, perhaps so that nobody reads it. The next question comes all the same."""
    mood = await first(clinic)
    clinic.telegram.faults.add("editMessageText", error(400, "Bad Request: message to edit not found"))
    await clinic.maya.taps("3", mood)
    tense = await clinic.maya.sees("How tense")
    assert tense.id > mood.id
