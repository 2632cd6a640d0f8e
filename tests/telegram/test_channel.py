"""The whole program with its people on Telegram: real sockets, real calls, and a server as strict as Telegram's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.clinic import NINE
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path) as people:
        yield people


async def test_a_check_in_is_answered_by_buttons_and_by_words(tmp_path: Path) -> None:
    """A button, a number and the words all answer; the last question shows the answer, and can be changed."""
    async with telegram_clinic(tmp_path, starts=NINE) as people:
        question = await people.maya.sees("mood", within=10)
        assert len(question.buttons[0]) >= 5
        await people.maya.taps(question.buttons[0][2], question)
        await people.maya.sees("How tense")
        await people.maya.says("3")
        await people.maya.says("I'm not safe")
        safe = await people.maya.sees("Are you safe")
        await people.maya.taps("I'm safe", safe)
        shown = await people.maya.sees("You chose: I'm safe", within=20)
        assert shown.id == safe.id


async def test_a_call_for_help_wakes_a_person_who_takes_the_case(clinic: TelegramClinic) -> None:
    """The key that is always there; numbers at once; a page on the therapist's phone, without a name."""
    assert clinic.maya.keyboard == [["I need help now"]]
    await clinic.maya.says("I need help now")
    await clinic.maya.sees("911")
    page = await clinic.ana.sees("EMERGENCY")
    assert "Maya" not in page.text
    await clinic.ana.taps("Acknowledge", page)
    await clinic.maya.sees("Ana")
