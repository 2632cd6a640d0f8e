"""`handrail run` with people on Telegram, killed while they write: nothing is lost, and a repeat says so.

HANDRAIL_KILLS, HANDRAIL_MESSAGES and HANDRAIL_SEED change the measure.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.faults.process import console, running, spawn
from tests.telegram.clinic import Ward, open_ward

KILLS = int(os.environ.get("HANDRAIL_KILLS", "12"))
MESSAGES = int(os.environ.get("HANDRAIL_MESSAGES", "500"))
SEED = int(os.environ.get("HANDRAIL_SEED", "20260310"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 15 * KILLS)]
REPEAT = "You may have had this already"


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    async with open_ward(tmp_path) as people:
        yield people


async def until(true: Callable[[], object], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - the truth is in another process
            await asyncio.sleep(0.1)


def kept(ward: Ward, word: str) -> int:
    """How many messages with such a name came in."""
    return sum(row["kind"] == "text" for row in ward.rows("inbox") if word)


def answered(ward: Ward) -> int:
    """How many answers the phones show, each copy of a repeat counted."""
    return sum(len(phone.heard) - 1 for phone in ward.participants.values())


async def test_forty_messages_in_hand_survive_a_kill(ward: Ward) -> None:
    """Taken from Telegram's hands, or not yet: stock handling lost 14 of 20."""
    phones = list(ward.participants.values())
    for number in range(40):
        await phones[number % len(phones)].says(f"the tram was late, number {number}")
    process = await spawn(console(ward.programme))
    await process.until_ready()
    await asyncio.sleep(random.Random(SEED).uniform(0.05, 0.3))
    process.kill()
    await process.gone()
    async with running(ward.programme):
        await until(lambda: kept(ward, "text") == 40 and answered(ward) >= 40, 40)
        await asyncio.sleep(1)
    assert kept(ward, "text") == 40


async def test_killed_again_and_again_while_people_write(ward: Ward, tell: Callable[[str], None]) -> None:
    """All is kept once and answered; no answer shows more often than one kill can make it, and then it says so."""
    dice, phones = random.Random(SEED), list(ward.participants.values())

    async def writes(phone: object, how_many: int) -> None:
        for number in range(how_many):
            await asyncio.sleep(dice.expovariate(how_many / (2.5 * KILLS)))
            await phone.says(f"the tram was late, number {number}")  # type: ignore[attr-defined]

    each = -(-MESSAGES // len(phones))
    writing = [asyncio.create_task(writes(phone, each)) for phone in phones]
    ready = 0
    for _ in range(KILLS):
        process = await spawn(console(ward.programme))
        if dice.random() < 0.8:
            await process.until_ready()
        await asyncio.sleep(dice.uniform(0.05, 2.0))
        process.kill()
        await process.gone()
        ready += bool(process.ready)
    async with running(ward.programme) as process:
        await asyncio.gather(*writing)
        await until(lambda: kept(ward, "text") == each * len(phones), 60)
        await until(lambda: not [row for row in ward.rows("outbox") if row["state"] in OPEN], 60)
        assert await process.stop() == 0
    outbox = [row for row in ward.rows("outbox") if row["person_id"] in ward.participants]
    said = [row for row in outbox if row["state"] == "sent"]
    shown = {name: phone.heard for name, phone in ward.participants.items()}
    repeats = sum(map(len, shown.values())) - len(said)
    marked = sum(REPEAT in text for texts in shown.values() for text in texts)
    tell(
        f"killed on Telegram (HANDRAIL_SEED {SEED}): {KILLS} kills ({KILLS - ready} before it was ready),"
        f" {each * len(phones)} messages, all kept once; {len(said)} answers, {repeats} shown twice, {marked} marked"
    )
    assert {row["state"] for row in outbox} <= {"sent", "replaced"}
    assert all(len(texts) >= sum(row["person_id"] == name for row in said) for name, texts in shown.items())
    assert 0 <= repeats <= min(marked, KILLS)


async def test_what_was_written_while_the_program_was_down_is_answered_in_order(ward: Ward) -> None:
    """The machine was off for the night."""
    for phone in ward.participants.values():
        for words in ("?", "are you human", "language"):
            await phone.says(words)
    async with running(ward.programme):
        for phone in ward.participants.values():
            await phone.sees("I can write in", within=30)
    for phone in ward.participants.values():
        assert [text[:12] for text in phone.heard[1:]] == ["Words that a", "I am a progr", "I can write "]


OPEN = {"waiting", "later", "sending"}
