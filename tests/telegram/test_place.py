"""Where somebody is, when they may have to be found: asked for with its reason, once, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
HELP, SHARE = "I need help now", "Share where I am"


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path) as clinic:
        yield clinic


async def test_in_an_emergency_the_place_is_one_tap_away_and_given_freely(clinic: TelegramClinic) -> None:
    """Help that does not know where to go comes late. The reason is said before the key is seen, and so is the way
    out; the question that everything waits for stays the last on the screen."""
    assert clinic.maya.keyboard == [[HELP]]
    await clinic.maya.says(HELP)
    safe = await clinic.maya.sees("Are you safe")
    asked = await clinic.maya.sees("You can share where you are, so that help can find you")
    assert "You do not have to" in asked.text
    assert asked.id < safe.id
    assert clinic.maya.keyboard == [[HELP], [SHARE]]
    keys = clinic.maya.chat.keyboard["keyboard"] if clinic.maya.chat.keyboard else []
    assert keys[1][0]["request_location"] is True


async def test_once_it_is_known_the_key_is_gone(clinic: TelegramClinic) -> None:
    """A key that stays would be pressed by mistake on an ordinary day, and tell where they are to nobody's good."""
    await clinic.maya.says(HELP)
    await clinic.maya.sees("You can share where you are")
    page = await clinic.ana.sees("EMERGENCY")
    await clinic.ana.taps("Acknowledge", page)
    await clinic.maya.sends_location(42.65, -73.75)
    await clinic.maya.sees("I have kept where you are")
    assert clinic.maya.keyboard == [[HELP]]
