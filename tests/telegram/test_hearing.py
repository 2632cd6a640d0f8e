"""What arrives from Telegram: kept before it is confirmed, once, in order, whatever it is and whatever breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels.telegram import listening
from bot.channels.telegram.opening import telegram_channel
from flows.grant import Role
from storage import tables as t
from storage.people import NewPerson
from tests.fakes.telegram.faults import conflict, error, hang
from tests.support.clinic import ZONE
from tests.support.telegram import TelegramClinic, telegram_clinic

OPERATOR = NewPerson(Role.OPERATOR, "Ops", "en", ZONE.key, person_id="ops")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path) as people:
        yield people


def kept(clinic: TelegramClinic, kind: str = "text") -> int:
    """How many messages of Maya's of this kind are in the inbox."""
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        wanted = select(func.count()).where(t.inbox.c.person_id == "maya", t.inbox.c.kind == kind)
        return int(unit.connection.execute(wanted).scalar_one())


async def all_confirmed(clinic: TelegramClinic) -> None:
    """Until Telegram holds nothing for us any more."""
    async with asyncio.timeout(10):
        while clinic.telegram.api.queue.events:  # noqa: ASYNC110 - the server has no bell for it
            await asyncio.sleep(0.02)


async def test_nothing_is_confirmed_before_it_is_stored(clinic: TelegramClinic) -> None:
    """While the database takes nothing, Telegram keeps it, and it comes again."""
    async with clinic.program.line.alone():  # no cycle runs
        await clinic.maya.says("this must not be lost")
        await asyncio.sleep(0.5)
        assert clinic.telegram.api.queue.events
        assert kept(clinic) == 0
    await clinic.maya.sees("Thank you")
    await all_confirmed(clinic)
    assert kept(clinic) == 1


async def test_what_comes_twice_or_shuffled_is_kept_once_and_in_order(clinic: TelegramClinic) -> None:
    """Telegram may repeat an update, and may hand a batch over in any order."""
    clinic.telegram.faults.duplicate_next_batch()
    await clinic.maya.says("once")
    await all_confirmed(clinic)
    assert kept(clinic) == 1
    async with clinic.program.line.alone():
        for number in range(5):
            await clinic.maya.says(f"number {number}")
    clinic.telegram.faults.shuffle_next_batch()
    await all_confirmed(clinic)
    assert kept(clinic) == 6


async def test_numbers_that_start_anew_hide_nothing(clinic: TelegramClinic) -> None:
    """After a quiet week Telegram may count updates from anywhere, below what it counted before as well."""
    await clinic.maya.says("before")
    await all_confirmed(clinic)
    clinic.telegram.api.queue.restart(at=1_000)
    await clinic.maya.says("after")
    await all_confirmed(clinic)
    assert kept(clinic) == 2


async def test_the_numbers_of_another_bot_hide_nothing(clinic: TelegramClinic) -> None:
    """Each bot counts a person's messages from one: after a change of bots, new words have numbers that are known."""
    said = await clinic.maya.says("to the bot before")
    await all_confirmed(clinic)
    facts = {"token": "2:test", "server": clinic.telegram.root, "user": "another_bot", "id": "2"}
    another = telegram_channel(facts, clinic.program)
    sender, chat = {"id": clinic.maya.id, "is_bot": False, "first_name": "Maya"}, {"id": clinic.maya.id}
    message = {"message_id": said.id, "date": 1_780_000_000, "chat": {**chat, "type": "private"}, "from": sender}
    new = {"update_id": 1, "message": {**message, "text": "to the new one"}}
    assert await another.take([new], clinic.program.receive)
    assert kept(clinic) == 2
    await another.close()


async def test_a_press_with_half_a_character_is_stored(clinic: TelegramClinic) -> None:
    """What no database can hold would be offered again for ever, and everything behind it with it."""
    sender = {"id": clinic.maya.id, "is_bot": False, "first_name": "Maya"}
    press = {"id": "1", "from": sender, "chat_instance": "1", "data": "o" + 32 * "\ud83d"}
    assert await clinic.channel.take([{"update_id": 1, "callback_query": press}], clinic.program.receive)
    assert kept(clinic, "seen") == 1


async def test_one_poisoned_update_stalls_nobody_and_a_person_looks(clinic: TelegramClinic) -> None:
    """Stock handling of one object that cannot be parsed: the whole batch unhandled, asked for again 60 times a
    second. Here whoever sent it is told, and staff are paged."""
    sender = {"id": clinic.maya.id, "is_bot": False, "first_name": "Maya"}
    poison = {"message": {"message_id": 77, "from": sender, "chat": {"id": clinic.maya.id}, "date": "yesterday"}}
    clinic.telegram.push(poison)
    clinic.telegram.push({"message": {"chat": []}})
    clinic.telegram.push({"message": 5})
    clinic.telegram.push({"a_new_kind": {"of": "update"}})
    await clinic.maya.says("and this one is fine")
    await clinic.maya.sees("could not read", within=20)
    await all_confirmed(clinic)
    assert (kept(clinic, "unreadable"), kept(clinic)) == (1, 1)
    await clinic.ana.sees("nobody has read yet")


async def test_a_changed_message_is_heard_as_a_change(clinic: TelegramClinic) -> None:
    """What is changed into a cry for help is one."""
    said = await clinic.maya.says("all is fine")
    await clinic.maya.sees("Thank you")
    await clinic.maya.edits(said, "I want to kill myself tonight")
    await clinic.maya.sees("911")
    await clinic.ana.sees("EMERGENCY")


async def test_a_blocked_bot_is_told_to_staff_and_so_is_the_return(clinic: TelegramClinic) -> None:
    """Whoever blocks us cannot be reached any more: that is a fact about a patient, not about a machine."""
    await clinic.maya.blocks()
    await clinic.ana.sees("left")
    await clinic.maya.unblocks()
    await clinic.ana.sees("back")


@pytest.mark.parametrize(
    ("sends", "answer"),
    [
        ("sends_voice", "voice messages"),
        ("sends_photo", "pictures"),
        ("sends_sticker", "stickers"),
        ("sends_contact", "no words in that"),
    ],
)
async def test_what_has_no_words_is_answered_in_words(clinic: TelegramClinic, sends: str, answer: str) -> None:
    """Never silence: whoever sends a voice message at night must know that nobody hears it."""
    what = {"sends_contact": ["+15550100"]}.get(sends, [])
    await getattr(clinic.maya, sends)(*what)
    await clinic.maya.sees(answer)


async def test_words_under_a_picture_are_heard(clinic: TelegramClinic) -> None:
    """The danger may stand in the caption."""
    await clinic.maya.sends_photo(caption="I want to kill myself tonight")
    await clinic.maya.sees("911")
    await clinic.ana.sees("EMERGENCY")


async def test_the_command_for_help_works_as_the_key_does(clinic: TelegramClinic) -> None:
    """First in the list of commands, for phones that hide the key."""
    await clinic.maya.says("/help_now")
    await clinic.ana.sees("EMERGENCY")


async def test_somebody_else_who_reads_our_updates_is_noticed(tmp_path: Path) -> None:
    """Two programs with one token share what people write between them, and nobody sees that half of it is missing."""
    async with telegram_clinic(tmp_path, others=[OPERATOR]) as people:
        ops = people.telegram.user("Ops")
        await ops.start(people.invite("ops"))
        await ops.sees("You are connected")
        people.telegram.faults.add("getUpdates", conflict(), times=2)
        await people.maya.says("something to end the long poll")
        await ops.sees("Another program reads")


async def test_a_token_that_is_refused_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not end the program: others are on other channels. And it may be Telegram's mistake."""
    monkeypatch.setattr(listening, "LONGEST_PAUSE", 0.2)
    async with telegram_clinic(tmp_path, others=[OPERATOR]) as people:
        ops = people.telegram.user("Ops")
        await ops.start(people.invite("ops"))
        await ops.sees("You are connected")
        people.telegram.faults.add("getUpdates", error(401, "Unauthorized"), times=2)
        await people.maya.says("and then this")
        await ops.sees("does not accept our token")
        await people.maya.sees("Thank you")


async def test_a_connection_that_hangs_for_ever_is_made_anew_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wedge that python-telegram-bot is known for: hours of silence, and nothing in the log."""
    for name, seconds in (("LONG_POLL", 0.2), ("LATE", 0.2), ("RENEW_AFTER", 0.5), ("TELL_AFTER", 1.0)):
        monkeypatch.setattr(listening, name, seconds)
    async with telegram_clinic(tmp_path, others=[OPERATOR]) as people:
        ops = people.telegram.user("Ops")
        await ops.start(people.invite("ops"))
        await ops.sees("You are connected")
        planned = people.telegram.faults.add("getUpdates", hang(), times=None)
        before = people.channel._api._bot
        await people.maya.says("nobody hears this yet")
        await ops.sees("has not answered for five minutes", within=15)
        assert people.channel._api._bot is not before
        people.telegram.faults.planned.remove(planned)
        await people.maya.sees("Thank you", within=15)


async def test_a_number_in_an_inbox_row_tells_nobody_whose_account_it_is(clinic: TelegramClinic) -> None:
    """Whoever reads the database without the key must not learn who takes part."""
    await clinic.maya.says("hello")
    await clinic.maya.sees("Thank you")
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        rows = [list(map(str, row)) for table in (t.inbox, t.outbox) for row in unit.connection.execute(select(table))]
    assert rows
    assert str(clinic.maya.id) not in json.dumps(rows)
