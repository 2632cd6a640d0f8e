"""From the letterbox into the line: nobody waits behind somebody whose message cannot be stored."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from bot.channels.base import Inbound
from bot.channels.matrix.channel import MatrixChannel
from bot.clock import SystemClock
from storage.letterbox import letterbox_for


def said(number: int, who: str) -> dict[str, object]:
    content = {"msgtype": "m.text", "body": f"{who} {number}"}
    return {
        "type": "m.room.message",
        "event_id": f"${number}",
        "sender": who,
        "origin_server_ts": number,
        "content": content,
    }


async def test_who_cannot_be_served_holds_up_nobody_and_stays_in_order(tmp_path: Path) -> None:
    """Theirs wait, the others are handed on; and once it works, all of it comes in the order of writing."""
    box = letterbox_for(bytes(32))("@bot:example.org", "DEVICE", str(tmp_path), "a passphrase", "")
    for number, who in enumerate(("maya", "sam", "maya", "sam")):
        box.put(said(number, who), "!room", "", "new", 0)
    taken: list[str] = []
    broken = {"maya"}

    async def receive(inbound: Inbound) -> None:
        if inbound.place in broken:
            raise OSError
        taken.append(inbound.body.reveal())

    channel = MatrixChannel("matrix", SystemClock(), lambda: None)
    client = SimpleNamespace(box=box)
    assert await channel._hand_on_once(client, receive) == {"maya"}
    assert taken == ["sam 1", "sam 3"]
    broken.clear()
    assert await channel._hand_on_once(client, receive) == set()
    assert taken == ["sam 1", "sam 3", "maya 0", "maya 2"]
    assert await channel._hand_on_once(client, receive) == set()
    assert len(taken) == 4
    box.close()
