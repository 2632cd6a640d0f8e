"""Files and pictures, encrypted before the homeserver has them."""

from __future__ import annotations

import io
import struct
from typing import Final

from nio import UploadResponse

from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.sending import refusal, send_once
from flows.message import File

PNG: Final = b"\x89PNG\r\n\x1a\n"


async def send_file(client: HardenedClient, transaction: str, room_id: str, file: File) -> None:
    """Send a file into an encrypted room; a picture as one that is shown. Tried again, it shows once. Raises
    DeliveryError."""
    size = len(file.content)
    answer, keys = await client.upload(io.BytesIO(file.content), encrypt=True, filesize=size)
    if not isinstance(answer, UploadResponse):
        raise refusal(answer)
    content = {
        "msgtype": "m.image" if file.media_type.startswith("image/") else "m.file",
        "body": file.name,
        "info": {"mimetype": file.media_type, "size": size, **_measures(file)},
        "file": {**(keys or {}), "url": answer.content_uri, "mimetype": file.media_type},
    }
    await send_once(client, transaction, room_id, "m.room.message", content)


def _measures(file: File) -> dict[str, int]:
    """How wide and high a picture is, where that is easily seen: apps leave as much room for it before they have it."""
    if not file.content.startswith(PNG) or len(file.content) < 24:
        return {}
    width, height = struct.unpack(">II", file.content[16:24])  # the first thing in every such file
    return {"w": width, "h": height}
