"""What a test can break, and what a client makes of it."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter, TelegramError, TimedOut

from tests.fakes.conftest import Raw
from tests.fakes.telegram import Phone, Telegram
from tests.fakes.telegram.faults import (
    Fault,
    conflict,
    delay,
    error,
    garbage200,
    hang,
    html502,
    reset_after,
    reset_before,
    retry_after,
)


@pytest.fixture
async def maya(telegram: Telegram) -> Phone:
    phone = telegram.user("Maya")
    await phone.start()
    return phone


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (retry_after(7), RetryAfter),
        (error(400, "Bad Request: chat not found"), BadRequest),
        (conflict(), Conflict),
        (html502(), NetworkError),
        (garbage200(), TelegramError),
        (reset_before(), NetworkError),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
async def test_a_refusal_leaves_nothing_on_the_phone(
    telegram: Telegram, bot: Bot, maya: Phone, fault: Fault, raised: type[Exception]
) -> None:
    """Whatever form it has; and the next call is well again."""
    planned = telegram.faults.add("sendMessage", fault)
    with pytest.raises(raised):
        await bot.send_message(maya.id, "one")
    await bot.send_message(maya.id, "two")
    assert maya.heard == ["two"]
    assert planned.hits == 1


async def test_after_a_lost_answer_the_message_is_there(telegram: Telegram, bot: Bot, maya: Phone) -> None:
    """The bot cannot tell this from the one where nothing happened: that is the whole difficulty."""
    telegram.faults.add("sendMessage", reset_after())
    with pytest.raises(NetworkError):
        await bot.send_message(maya.id, "one")
    assert maya.heard == ["one"]
    assert (telegram.calls[-1].status, telegram.calls[-1].fault) == (0, "reset_after")


@pytest.mark.parametrize(("fault", "heard"), [(delay(5), ["one"]), (hang(), [])], ids=["slow", "hung"])
async def test_a_late_answer_is_given_up(
    telegram: Telegram, bot: Bot, maya: Phone, fault: Fault, heard: list[str]
) -> None:
    """Slow success and no success look the same to whoever waits half a second."""
    telegram.faults.add("sendMessage", fault)
    with pytest.raises(TimedOut):
        await bot.send_message(maya.id, "one", read_timeout=0.3)
    assert maya.heard == heard


async def test_a_fault_strikes_where_and_when_it_is_told_to(telegram: Telegram, bot: Bot, maya: Phone) -> None:
    """By method and chat, after some that go well, so many times."""
    sam = telegram.user("Sam")
    await sam.start()
    telegram.faults.add("sendMessage", html502(), chat=maya.id, skip=1, times=2)
    outcomes = []
    for _ in range(4):
        await bot.send_message(sam.id, "Hello")
        try:
            await bot.send_message(maya.id, "Hello")
            outcomes.append("well")
        except NetworkError:
            outcomes.append("broken")
    assert outcomes == ["well", "broken", "broken", "well"]
    assert len(sam.heard) == 4


async def test_batches_can_come_spoiled(telegram: Telegram, raw: Raw) -> None:
    """Twice, backwards, or with one that was confirmed: nothing a program may rely on."""
    first = telegram.push({"message": {"text": "a"}}).as_update()
    second = telegram.push({"message": {"text": "b"}}).as_update()
    telegram.faults.duplicate_next_batch()
    assert await raw.updates() == [first, first, second, second]
    telegram.faults.shuffle_next_batch()
    assert await raw.updates() == [second, first]
    telegram.faults.again_in_next_batch(first)
    assert await raw.updates(offset=second["update_id"]) == [second, first]
    assert await raw.updates() == [second]


async def test_a_late_lower_number_is_there_for_who_starts_from_nothing(telegram: Telegram, raw: Raw) -> None:
    """And confirmed, unseen, by whoever asks from above it."""
    upper = telegram.push({"message": {"text": "upper"}})
    telegram.push({"message": {"text": "lower"}, "update_id": upper.id - 5})
    assert [one["message"]["text"] for one in await raw.updates()] == ["lower", "upper"]
    assert len(await raw.updates(offset=upper.id)) == 1


async def test_an_update_nobody_can_read_stays_in_front(telegram: Telegram, bot: Bot, maya: Phone) -> None:
    """A client that parses before it confirms gets it again and again, and nothing behind it."""
    telegram.push({"message": {"text": "no number, no date, no chat"}})
    await maya.says("Is anybody there?")
    for _ in range(2):
        with pytest.raises((TypeError, KeyError, TelegramError)):
            await bot.get_updates()


async def test_a_lost_answer_confirms_nothing(telegram: Telegram, bot: Bot, maya: Phone) -> None:
    """The updates were under way when the line broke: they come again."""
    telegram.faults.add("getUpdates", reset_after())
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1


async def test_who_hangs_up_no_longer_waits(telegram: Telegram, bot: Bot) -> None:
    """A program that was killed leaves no ghost that takes its updates."""
    polling = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.polled()
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    await telegram.polled(by_somebody=False)
