"""How much may be sent: by the figures of the FAQ, on a clock that only goes forward."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from telegram import Bot
from telegram.error import BadRequest, RetryAfter

from tests.fakes.conftest import Raw
from tests.fakes.telegram import Phone, Telegram


@pytest.fixture(autouse=True)
def limited(telegram: Telegram) -> None:
    telegram.limits.on = True
    telegram.clock.hold()


async def started(telegram: Telegram, name: str) -> Phone:
    phone = telegram.user(name)
    await phone.start()
    return phone


async def refused_after(raw: Raw, method: str, most: int, **given: object) -> int:
    """How many went through before the first refusal."""
    for done in range(most):
        status, body = await raw(
            method, **{name: made(done) if callable(made) else made for name, made in given.items()}
        )
        if status == 429:
            assert body["parameters"]["retry_after"] >= 1
            assert body["description"] == f"Too Many Requests: retry after {body['parameters']['retry_after']}"
            return done
        assert status == 200, body
    return most


async def test_a_person_gets_a_few_at_once_and_then_one_a_second(telegram: Telegram, bot: Bot, raw: Raw) -> None:
    """The wait is named, and is enough."""
    maya = await started(telegram, "Maya")
    assert await refused_after(raw, "sendMessage", 9, chat_id=maya.id, text="Hello") == 3
    with pytest.raises(RetryAfter):
        await bot.send_message(maya.id, "Hello")
    telegram.clock.forward(seconds=1)
    assert await refused_after(raw, "sendMessage", 9, chat_id=maya.id, text="Hello") == 1
    assert telegram.limits.refused == 3
    assert len(maya.heard) == 4


async def test_setting_the_wall_clock_gives_nothing_back(telegram: Telegram, raw: Raw) -> None:
    """Limits count time that passed, not what a clock says."""
    maya = await started(telegram, "Maya")
    await refused_after(raw, "sendMessage", 9, chat_id=maya.id, text="Hello")
    telegram.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    assert await refused_after(raw, "sendMessage", 9, chat_id=maya.id, text="Hello") == 0


async def test_all_together_get_thirty_a_second(telegram: Telegram, raw: Raw) -> None:
    """However many people they are."""
    people = [(await started(telegram, f"Person {number}")).id for number in range(35)]
    assert await refused_after(raw, "sendMessage", 35, chat_id=people.__getitem__, text="Hello") == 30


async def test_a_group_gets_twenty_a_minute_over_all_its_topics(telegram: Telegram, bot: Bot, raw: Raw) -> None:
    """A forum is one chat; and the birth of a topic counts."""
    telegram.limits.overall = 1000
    staff = telegram.group("Staff", forum=True)
    topics = [(await bot.create_forum_topic(staff.id, f"Case {number}")).message_thread_id for number in range(2)]
    went = await refused_after(
        raw, "sendMessage", 40, chat_id=staff.id, text="Hello", message_thread_id=lambda done: topics[done % 2]
    )
    assert went == 18
    telegram.clock.forward(seconds=61)
    assert await refused_after(raw, "sendMessage", 40, chat_id=staff.id, text="Hello") == 20


async def test_an_edit_counts_as_much_as_a_message(telegram: Telegram, bot: Bot, raw: Raw) -> None:
    """A display that is edited each second leaves nothing for words."""
    maya = await started(telegram, "Maya")
    sent = await bot.send_message(maya.id, "0")
    edits = {"chat_id": maya.id, "message_id": sent.message_id, "text": lambda done: str(done + 1)}
    assert await refused_after(raw, "editMessageText", 9, **edits) == 2


async def test_deleting_and_answering_do_not_count(telegram: Telegram, bot: Bot) -> None:
    """A refused tap would look like a dead button."""
    maya = await started(telegram, "Maya")
    sent = [await bot.send_message(maya.id, "Hello") for _ in range(3)]
    for message in sent:
        await message.delete()
    await bot.send_chat_action(maya.id, "typing")
    with pytest.raises(BadRequest):
        await bot.answer_callback_query("0")
