"""From the letterbox into the line: nobody waits behind somebody else, and each person's letters stay in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.channels.base import Inbound
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.handing_on import IN_A_ROW, hand_on
from bot.clock import SystemClock
from storage.letterbox import Letterbox, letterbox_for

CROWD = 100
NOW = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)


def said(number: int, who: str) -> dict[str, object]:
    content = {"msgtype": "m.text", "body": f"{who} {number}"}
    return {
        "type": "m.room.message",
        "event_id": f"${number}",
        "sender": who,
        "origin_server_ts": number,
        "content": content,
    }


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Letterbox]:
    box = letterbox_for(bytes(32))("@bot:example.org", "DEVICE", str(tmp_path), "a passphrase", "")
    yield box
    box.close()


async def test_who_cannot_be_served_holds_up_nobody_and_stays_in_order(box: Letterbox) -> None:
    """Theirs wait, the others are handed on; and once it works, all of it comes in the order of writing."""
    for number, who in enumerate(("maya", "sam", "maya", "sam")):
        box.put(said(number, who), "!room", "", "new", 0)
    taken: list[str] = []
    broken = {"maya"}

    async def receive(inbound: Inbound) -> None:
        if inbound.place in broken:
            raise OSError
        taken.append(inbound.body.reveal())

    client = SimpleNamespace(box=box)
    assert await hand_on(client, "matrix", NOW, receive) == {"maya"}
    assert taken == ["sam 1", "sam 3"]
    broken.clear()
    assert await hand_on(client, "matrix", NOW, receive) == set()
    assert taken == ["sam 1", "sam 3", "maya 0", "maya 2"]
    assert await hand_on(client, "matrix", NOW, receive) == set()
    assert len(taken) == 4


async def test_the_line_sees_everybody_before_it_has_served_anybody(box: Letterbox) -> None:
    """Only so can it serve the most endangered first: the last of a hundred may be the one."""
    for number in range(2 * CROWD):
        box.put(said(number, f"person {number % CROWD}"), "!room", "", "new", 0)
    inside: list[int] = [0]

    async def receive(_inbound: Inbound) -> None:
        inside.append(inside[-1] + 1)
        for _ in range(2 * CROWD):  # long enough for everybody to come in who can
            await asyncio.sleep(0)
        inside.append(inside[-1] - 1)

    assert await hand_on(SimpleNamespace(box=box), "matrix", NOW, receive) == set()
    assert max(inside) == CROWD
    assert box.waiting() == []


async def test_one_message_at_a_time_is_in_the_line_of_each_person(box: Letterbox) -> None:
    """The next is offered when the one before it is stored: one that could not be stored must not be overtaken."""
    for number in range(6):
        box.put(said(number, "maya" if number % 2 else "sam"), "!room", "", "new", 0)
    inside: set[str] = set()
    taken: list[str] = []

    async def receive(inbound: Inbound) -> None:
        assert inbound.place not in inside
        inside.add(inbound.place)
        await asyncio.sleep(0)
        inside.remove(inbound.place)
        taken.append(inbound.body.reveal())

    assert await hand_on(SimpleNamespace(box=box), "matrix", NOW, receive) == set()
    assert [one for one in taken if "maya" in one] == ["maya 1", "maya 3", "maya 5"]
    assert [one for one in taken if "sam" in one] == ["sam 0", "sam 2", "sam 4"]


async def test_who_wrote_much_does_not_keep_us_from_looking_again(box: Letterbox) -> None:
    """After a few of theirs we look whether somebody else has written meanwhile."""
    for number in range(3 * IN_A_ROW):
        box.put(said(number, "maya"), "!room", "", "new", 0)
    taken: list[str] = []

    async def receive(inbound: Inbound) -> None:
        taken.append(inbound.place)
        await asyncio.sleep(0)  # storing takes a moment

    client = SimpleNamespace(box=box)
    await hand_on(client, "matrix", NOW, receive)
    box.put(said(1000, "sam"), "!room", "", "new", 0)
    await hand_on(client, "matrix", NOW, receive)
    assert taken.index("sam") <= IN_A_ROW + 1
    await hand_on(client, "matrix", NOW, receive)
    assert taken.count("maya") == 3 * IN_A_ROW


async def test_a_picture_with_words_under_it_is_handed_on_as_one(box: Letterbox) -> None:
    """Wherever we stop to look for others, the words are not taken without the picture."""
    box.put(said(0, "maya"), "!room", "", "new", 0)  # so that a stop falls between words and picture
    for number in range(1, IN_A_ROW):
        event = said(number, "maya")
        event["content"] = {"msgtype": "m.image", "body": "words under it", "filename": "x.png"}
        box.put(event, "!room", "", "new", 0)
    taken: list[str] = []

    async def receive(inbound: Inbound) -> None:
        taken.append(inbound.kind)

    for _ in range(2):
        await hand_on(SimpleNamespace(box=box), "matrix", NOW, receive)
    assert taken == ["text", *["text", "wordless"] * (IN_A_ROW - 1)]


async def test_what_is_due_at_a_start_waits_for_the_connection() -> None:
    """Refused at once it counted as one more try, at every start, until the next one was minutes away."""
    channel = MatrixChannel("matrix", SystemClock(), lambda: None)
    waiting = asyncio.create_task(channel._once_connected())
    await asyncio.sleep(0)
    assert not waiting.done()
    heard = asyncio.Event()
    heard.set()
    box = SimpleNamespace(waiting=list, locked=list)
    client = SimpleNamespace(join=None, invited_rooms={}, box=box, news=asyncio.Event())
    connection = asyncio.create_task(channel._hand_on(client, heard, None))
    assert await waiting is client
    connection.cancel()
