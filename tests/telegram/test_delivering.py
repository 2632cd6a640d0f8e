"""What becomes of what we say when Telegram fails: what somebody waits for arrives, in order, and says if it may be a
repeat; and a page arrives in every case."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.telegram import api
from tests.fakes.telegram.faults import (
    delay,
    error,
    garbage200,
    hang,
    html502,
    reset_after,
    reset_before,
    retry_after,
)
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
REPEAT = "You may have had this already"
#: What may go wrong with one call, and whether what is said then may show twice.
FAULTS = {
    "429": (retry_after(1), False),
    "500": (error(500, "Internal Server Error"), True),
    "502": (html502(), True),
    "garbage": (garbage200(), True),
    "torn before": (reset_before(), True),
    "torn after": (reset_after(), True),
    "slow": (delay(2), False),
}


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path) as people:
        yield people


@pytest.mark.parametrize("name", FAULTS)
async def test_replies_arrive_in_order_whatever_breaks(clinic: TelegramClinic, name: str) -> None:
    """Three answers, the first of which meets the fault: three arrive, in order; a second copy says that it is one."""
    fault, may_repeat = FAULTS[name]
    clinic.telegram.faults.add("sendMessage", fault, chat=clinic.maya.id)
    for words in ("?", "are you human", "language"):
        await clinic.maya.says(words)
    await clinic.maya.sees("I can write in", within=20)
    heard = clinic.maya.heard[1:]
    once = [text for text in heard if REPEAT not in text]
    told = [text.removesuffix("\n\n(You may have had this already.)") for text in heard]
    wanted = ["Words that always work", "I am a program, not a person", "I can write in"]
    firsts = list(dict.fromkeys(told))
    assert [text[: len(start)] for text, start in zip(firsts, wanted, strict=True)] == wanted
    assert len(once) == len(set(once))
    assert any(REPEAT in text for text in heard) == may_repeat


@pytest.mark.parametrize("name", FAULTS)
async def test_a_page_arrives_whatever_breaks(clinic: TelegramClinic, name: str) -> None:
    """At least once."""
    fault, _ = FAULTS[name]
    clinic.telegram.faults.add("sendMessage", fault, chat=clinic.ana.id, times=2)
    await clinic.maya.says("I need help now")
    await clinic.ana.sees("EMERGENCY", within=20)


async def test_a_call_that_hangs_is_given_up_and_a_page_goes_again(
    clinic: TelegramClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is there, and nothing comes."""
    monkeypatch.setattr(api, "ANSWER_WITHIN", 1.0)
    await clinic.channel._api.renew()
    clinic.telegram.faults.add("sendMessage", hang(), chat=clinic.ana.id)
    await clinic.maya.says("I need help now")
    await clinic.ana.sees("EMERGENCY", within=20)


async def test_one_person_whose_chat_is_limited_holds_up_nobody(clinic: TelegramClinic) -> None:
    """A limit on one chat is none on another."""
    clinic.telegram.faults.add("sendMessage", retry_after(20), chat=clinic.maya.id)
    await clinic.maya.says("I need help now")
    await clinic.ana.sees("EMERGENCY")
    assert all("911" not in text for text in clinic.maya.heard[1:])


async def test_what_was_written_while_we_were_away_is_answered_in_order(tmp_path: Path) -> None:
    """Telegram keeps it for 24 hours."""
    async with telegram_clinic(tmp_path) as clinic:
        async with clinic.program.line.alone():
            for words in ("?", "are you human", "language"):
                await clinic.maya.says(words)
            await asyncio.sleep(0.3)
        await clinic.maya.sees("I can write in")
        starts = [text[:12] for text in clinic.maya.heard[1:]]
        assert starts == ["Words that a", "I am a progr", "I can write "]
