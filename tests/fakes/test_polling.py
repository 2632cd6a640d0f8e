"""How updates are asked for: by number, once, and by one at a time."""

from __future__ import annotations

import asyncio
import time

import pytest
from telegram import Bot
from telegram.error import Conflict

from tests.fakes.conftest import Raw
from tests.fakes.telegram import Telegram


async def test_an_update_comes_until_it_is_confirmed(telegram: Telegram, raw: Raw) -> None:
    """Reading is not confirming: who dies in between gets it again."""
    maya = telegram.user("Maya")
    await maya.start()
    [first] = await raw.updates()
    assert await raw.updates(offset=first["update_id"]) == [first]
    assert await raw.updates(offset=first["update_id"] + 1) == []
    assert await raw.updates() == []


async def test_a_negative_offset_forgets_all_but_the_last(telegram: Telegram, raw: Raw) -> None:
    """The handy way to "skip old messages" loses them for good."""
    maya = telegram.user("Maya")
    for text in ("one", "two", "three"):
        telegram.push({"message": {"text": text}})
    assert [one["message"]["text"] for one in await raw.updates(offset=-1)] == ["three"]
    assert len(await raw.updates()) == 1
    assert maya.shown == []


@pytest.mark.parametrize("offset", [500_000_100, 1])
async def test_an_offset_from_another_age_is_not_believed(telegram: Telegram, raw: Raw, offset: int) -> None:
    """Far ahead or far behind: nothing is confirmed, and reading starts at the oldest."""
    telegram.push({"message": {"text": "one"}})
    assert len(await raw.updates(offset=offset)) == 1


async def test_a_poll_waits_until_something_comes(telegram: Telegram, bot: Bot) -> None:
    """Long polling: no answer is no error, and an update ends the wait."""
    maya = telegram.user("Maya")
    polling = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.polled()
    await maya.start()
    [update] = await polling
    assert update.message.text == "/start"


async def test_a_poll_that_waited_answers_by_its_offset(telegram: Telegram, raw: Raw) -> None:
    """What is below the offset is confirmed already, even if it comes while somebody waits."""
    telegram.push({"message": {"text": "one"}})
    [first] = await raw.updates()
    polling = asyncio.create_task(raw.updates(offset=first["update_id"] + 1, timeout=20))
    await telegram.polled()
    telegram.push({"message": {"text": "late"}, "update_id": first["update_id"] - 1})
    assert await polling == []
    assert await raw.updates() == []


async def test_a_second_poller_sends_the_first_away(telegram: Telegram, bot: Bot) -> None:
    """Two programs with one token: the older is told, and must not go on as if nothing were."""
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.polled()
    second = asyncio.create_task(bot.get_updates(timeout=20))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    await telegram.user("Maya").start()
    assert len(await second) == 1


async def test_kinds_that_are_not_asked_for_do_not_come(telegram: Telegram, raw: Raw) -> None:
    """Reactions and changes of members are silent by default; and what was once asked for is remembered."""
    maya = telegram.user("Maya")
    said = await maya.start()
    await maya.reacts(said, "👍")
    await raw.updates(allowed_updates=["message", "message_reaction"])
    await maya.reacts(said, "❤")
    await maya.edits(said, "/start again")
    kinds = [next(iter(set(one) - {"update_id"})) for one in await raw.updates()]
    assert kinds == ["message", "message_reaction"]


async def test_what_waits_for_a_day_is_thrown_away(telegram: Telegram, raw: Raw) -> None:
    """An outage that nobody notices loses messages, whatever the program does."""
    await telegram.user("Maya").start()
    telegram.clock.forward(hours=23, minutes=59)
    assert len(await raw.updates()) == 1
    telegram.clock.forward(minutes=2)
    assert await raw.updates() == []


async def test_a_tap_is_kept_for_two_and_a_half_minutes(telegram: Telegram, bot: Bot, raw: Raw) -> None:
    """A program that was down for five has lost the taps, not the messages."""
    maya = telegram.user("Maya")
    await maya.start()
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await bot.send_message(maya.id, "Well?", reply_markup=keys)
    await maya.taps("Yes")
    assert len(await raw.updates()) == 2
    telegram.clock.forward(seconds=151)
    assert len(await raw.updates()) == 1


async def test_at_most_a_hundred_come_at_once(telegram: Telegram, raw: Raw) -> None:
    """Whoever counts on getting all must ask again."""
    for _ in range(120):
        telegram.push({"message": {}})
    assert len(await raw.updates(limit=1000)) == 100
    assert len(await raw.updates(limit=5)) == 5


async def test_numbers_may_start_anew(telegram: Telegram, raw: Raw) -> None:
    """After a quiet week; an offset from before is no use, and must not hide what comes."""
    telegram.push({"message": {}})
    [old] = await raw.updates()
    telegram.faults.restart_ids(1_000_007)
    telegram.push({"message": {}})
    [new] = await raw.updates(offset=old["update_id"] + 1)
    assert new["update_id"] == 1_000_007


@pytest.mark.parametrize("ahead", [0, 1])
async def test_numbers_may_start_anew_while_somebody_waits(telegram: Telegram, raw: Raw, ahead: int) -> None:
    """Whoever waits gets what comes, whether or not they named a number from before."""
    telegram.push({"message": {}})
    [old] = await raw.updates()
    telegram.api.queue.events = []
    polling = asyncio.create_task(raw.updates(offset=ahead * (old["update_id"] + 1), timeout=20))
    await telegram.polled()
    telegram.faults.restart_ids(1_000_007)
    telegram.push({"message": {}})
    assert [one["update_id"] for one in await polling] == [1_000_007]


async def test_who_asks_too_often_is_slowed_down(telegram: Telegram, raw: Raw) -> None:
    """With the same offset at once: one update, so a program stuck at a bad one sees no more than that."""
    telegram.api.polls.paced = True
    telegram.clock.hold()
    for _ in range(3):
        telegram.push({"message": {}})
    assert [len(await raw.updates()) for _ in range(2)] == [3, 1]


async def test_a_poll_that_runs_out_is_an_empty_answer(raw: Raw) -> None:
    """Not an error."""
    begun = time.monotonic()
    assert await raw.updates(timeout=1) == []
    assert time.monotonic() - begun > 0.9
