"""What lies on a lock screen for everybody to see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.loading import load_library, shipped_config
from storage import tables as t
from tests.support.clinic import NINE
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
COVERED = "You have a message. Open it here."


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    """It is just before nine, when Maya is asked how she is."""
    async with telegram_clinic(tmp_path, starts=NINE, discreet=True) as clinic:
        yield clinic


async def both_have_come(clinic: TelegramClinic) -> None:
    """What this is, and the first question."""
    while clinic.maya.heard.count(COVERED) < 2:
        await clinic.telegram.api.change.wait()
    await clinic.program.delivery.settle()


def test_a_programme_that_decides_nothing_is_discreet() -> None:
    """Nobody should have to think of it before the first phone lies on a kitchen table."""
    assert load_library([shipped_config()]).settings.telegram.discreet


async def test_a_check_in_comes_covered_and_one_tap_opens_all_of_it(clinic: TelegramClinic) -> None:
    """A mother, a flatmate, a colleague: whoever looks at the phone learns that there is a message."""
    await both_have_come(clinic)
    assert not any("mood" in words or "911" in words for words in clinic.maya.heard[1:])
    await clinic.maya.taps("Open")
    opened = await clinic.maya.sees("mood")
    await clinic.maya.sees("I am a program, not a person. Your team")
    assert COVERED not in clinic.maya.heard
    await clinic.maya.taps("3", opened)
    await clinic.maya.sees("How tense")


async def test_what_was_opened_is_known_to_have_been_seen(clinic: TelegramClinic) -> None:
    """Telegram says of nothing that it was read. A cover that was lifted does."""
    await both_have_come(clinic)
    await clinic.maya.taps("Open")
    await clinic.maya.sees("mood")
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        asked = select(t.outbox.c.shown_at).where(t.outbox.c.question == "check_in.mood")
        assert unit.connection.execute(asked).scalar() is not None


async def test_whoever_knows_the_questions_need_not_open_them(clinic: TelegramClinic) -> None:
    """Typed answers work on every channel, and what somebody has just written is answered for them to read."""
    await both_have_come(clinic)
    await clinic.maya.says("4")
    answer = await clinic.maya.sees("How tense")
    assert "Noted: 4" in answer.text


async def test_after_a_restart_each_cover_opens_by_itself(clinic: TelegramClinic) -> None:
    """What the program forgets must not stay closed for ever."""
    await both_have_come(clinic)
    clinic.channel.forget_screens()
    await clinic.maya.taps("Open")
    await clinic.maya.sees("mood")
    assert clinic.maya.heard.count(COVERED) == 1
    await clinic.maya.taps("Open")
    await clinic.maya.sees("I am a program, not a person. Your team")


async def test_somebody_elses_cover_opens_nothing(clinic: TelegramClinic) -> None:
    """A button can be made up by whoever writes their own app; what is under it is its owner's alone."""
    await both_have_come(clinic)
    cover = next(one for one in clinic.maya.chat.messages.values() if one.text == COVERED and one.buttons)
    data = cover.buttons["inline_keyboard"][0][0]["callback_data"] if cover.buttons else ""
    theirs = next(one for one in clinic.ana.chat.messages.values() if one.author.is_bot)
    tap = clinic.ana._tap(theirs, data)
    while not tap.answered:
        await clinic.telegram.api.change.wait()
    await clinic.ana.says("/cases")
    await clinic.ana.sees("No open cases")
    assert not theirs.before


async def test_help_is_never_covered(clinic: TelegramClinic) -> None:
    """In danger nobody opens a message first."""
    await both_have_come(clinic)
    await clinic.maya.says("I need help now")
    await clinic.maya.sees("Call 911 now")
