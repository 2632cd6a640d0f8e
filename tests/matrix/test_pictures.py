"""A picture is encrypted before the homeserver has it, and shown by apps as one."""

from __future__ import annotations

import asyncio
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from nio import RoomEncryptedImage
from nio.crypto.attachments import decrypt_attachment

from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.files import send_file
from bot.channels.matrix.listening import hear_once
from flows.message import File
from tests.support.homeserver import Homeserver
from tests.support.javascript import javascript
from tests.support.matrix import in_a_room, ours

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
WIDTH, HEIGHT = 3, 2


def part(kind: bytes, inside: bytes) -> bytes:
    return struct.pack(">I", len(inside)) + kind + inside + struct.pack(">I", zlib.crc32(kind + inside))


def png() -> bytes:
    """A small grey picture."""
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(WIDTH)) * HEIGHT)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


PICTURE = File("mood.png", "image/png", png())
INFO = {"mimetype": "image/png", "size": len(PICTURE.content), "w": WIDTH, "h": HEIGHT}


async def test_a_picture_is_shown_by_matrix_nio(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Named, measured, and opened only with the key that came in the message. Tried again, it is there once."""
    async with in_a_room(server, accounts, tmp_path) as (bot, app, room):
        for _ in range(2):
            await send_file(bot, "t1", room, PICTURE)
        answer = await app.sync(1000)
        [shown] = answer.rooms.join[room].timeline.events
        assert isinstance(shown, RoomEncryptedImage)
        assert (shown.body, shown.source["content"]["info"]) == ("mood.png", INFO)
        sealed = (await app.download(shown.url)).body
        assert PICTURE.content[:8] not in sealed
        assert decrypt_attachment(sealed, shown.key["k"], shown.hashes["sha256"], shown.iv) == PICTURE.content


async def test_a_picture_is_shown_by_the_javascript_sdk(server: Homeserver, accounts: Any, tmp_path: Path) -> None:
    """Another make of app, with a decryption of its own."""
    async with (
        ours(server, accounts[0], tmp_path / "bot") as bot,
        javascript(server, accounts[1], careful=False) as app,
    ):
        room = await comes_into_the_room_of(bot, app.opens(bot.user_id))
        await send_file(bot, "t1", room, PICTURE)
        found = await app.picture()
        assert found["info"] == INFO
        assert PICTURE.content[:8] not in found["sealed"]
        assert found["plain"] == PICTURE.content


async def comes_into_the_room_of(bot: HardenedClient, opening: Any) -> str:
    """We join where we are asked, until the app has seen us come."""
    opened = asyncio.ensure_future(opening)
    while not opened.done():
        await hear_once(bot, first=False, poll_ms=100)
        for room_id in list(bot.invited_rooms):
            await bot.join(room_id)
    await opened
    await hear_once(bot, first=False)
    [room] = bot.rooms
    return room
