"""Updates with nonsense in every place where something is read: each is handed on or let go, and none is in the way."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest

from bot.channels.base import Inbound
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.channel import House, TelegramChannel
from bot.channels.telegram.group import Shelf
from storage.staff_group import StaffGroup, Topic

Update = dict[str, Any]
#: Nobody listens there: a call is refused at once.
NOWHERE: Final = "http://127.0.0.1:9"
OURS, ANOTHER = -1005, -1007
MAYA = {"id": 1, "is_bot": False, "first_name": "Maya"}
EVE = {"id": 2, "is_bot": False, "first_name": "Eve"}
NONSENSE: Final = (None, True, -1, 2**70, 0.5, "", "words", "half \ud83d", [], [5], {}, {"id": "words"})


def _said(chat: int, sender: dict[str, Any], **what: Any) -> Update:
    kind = "private" if chat > 0 else "supergroup"
    return {"message_id": 7, "date": 1_780_000_000, "chat": {"id": chat, "type": kind}, "from": sender, **what}


def _moved(chat: int, sender: dict[str, Any]) -> Update:
    member = {"status": "member", "user": sender}
    return _said(chat, sender, old_chat_member={**member, "status": "kicked", "until_date": 0}, new_chat_member=member)


def _pressed(chat: int, data: str) -> Update:
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    return {"id": "9", "from": MAYA, "data": data, "message": _said(chat, MAYA, text="Well?", reply_markup=keys)}


SENSIBLE: Final = (
    {"message": _said(1, MAYA, text="hello", reply_to_message=_said(1, {**EVE, "is_bot": True}, text="before"))},
    {"message": _said(1, MAYA, text="/start code")},
    {"message": _said(1, MAYA, location={"latitude": 52.5, "longitude": 13.4})},
    {"message": _said(1, MAYA, voice={"file_id": "a", "file_unique_id": "b", "duration": 1}, caption="under it")},
    {"message": _said(OURS, MAYA, text="in a topic", message_thread_id=3, is_topic_message=True)},
    {"message": _said(OURS, MAYA, forum_topic_closed={}, message_thread_id=3)},
    {"message": _said(OURS, MAYA, migrate_to_chat_id=-1009)},
    {"message": _said(OURS, EVE, text="a stranger")},
    {"message": _said(ANOTHER, MAYA, text="/staff code")},
    {"edited_message": _said(1, MAYA, text="changed", edit_date=1_780_000_001)},
    {"callback_query": _pressed(1, "p" + 32 * "k" + "yes")},
    {"callback_query": _pressed(1, "c" + 32 * "k")},
    {"callback_query": _pressed(1, "o" + 32 * "k")},
    {"callback_query": _pressed(OURS, "s" + 32 * "k" + "ack")},
    {"my_chat_member": _moved(1, MAYA)},
    {"my_chat_member": _moved(OURS, MAYA)},
    {"my_chat_member": _moved(ANOTHER, EVE)},
    {"chat_member": _moved(OURS, EVE)},
    {
        "message_reaction": _said(
            1, MAYA, user=MAYA, old_reaction=[], new_reaction=[{"type": "emoji", "emoji": "\N{THUMBS UP SIGN}"}]
        )
    },
)


def _places(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in an update."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, one in inside:
        yield (*way, name)
        yield from _places(one, (*way, name))


def _spoilt(update: Update) -> Iterator[Update]:
    """The same with something else in one place, or nothing; once for every place."""
    for *way, last in _places(update):
        for other in (*NONSENSE, _places):
            spoilt = part = copy.deepcopy(update)
            for name in way:
                part = part[name]
            if other is not _places:
                part[last] = other
            else:
                del part[last]
            yield spoilt


async def _staff() -> frozenset[str]:
    return frozenset({"1"})


async def _group() -> StaffGroup:
    return StaffGroup(chat=OURS, topics={"case 1": Topic(3)})


@pytest.fixture
async def channel() -> AsyncIterator[TelegramChannel]:
    shelf = Shelf(read=_group, staff=_staff)
    house = House(line=lambda name, **_slots: name, blind=lambda place: f"of {place}", group=shelf, user="bot")
    found = TelegramChannel("telegram", BotApi("99:x", NOWHERE), house)
    yield found
    await found.close()


@pytest.mark.parametrize("sensible", SENSIBLE)
async def test_what_makes_no_sense_is_let_go(channel: TelegramChannel, sensible: Update) -> None:
    """Offered again and again it would keep what comes behind it from being heard, after every start as well."""
    refused, stuck = [], []

    async def receive(inbound: Inbound) -> None:
        heard.append(inbound)

    fine = {"update_id": 2, "message": _said(1, MAYA, text="and this is fine")}
    for update in _spoilt(sensible):
        heard: list[Inbound] = []
        channel.group.known = await _group()
        if not await channel.take([{**update, "update_id": 1}, fine], receive):
            refused.append(update)
        if not heard or heard[-1].body.reveal() != "and this is fine":
            stuck.append(update)
    assert (refused, stuck) == ([], [])
