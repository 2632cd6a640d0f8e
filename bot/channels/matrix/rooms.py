"""Which room is whose: one encrypted room for each person, made by us or by them, and found again after every start."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog
from aiohttp import ClientError
from nio import JoinError, RoomCreateError

from bot.channels.base import DeliveryError
from bot.channels.matrix.client import HardenedClient

log = structlog.get_logger()

ENCRYPTED: Final[dict[str, Any]] = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
#: So long, in seconds, we wait for a room that we made to be shown to us.
SHOWN_WITHIN: Final = 5
#: Only those in the room read what was said, and only from when they were invited.
HISTORY: Final[dict[str, Any]] = {
    "type": "m.room.history_visibility",
    "state_key": "",
    "content": {"history_visibility": "invited"},
}


async def room_for(client: HardenedClient, user_id: str) -> str:
    """The encrypted room with this person; made, with an invitation, where there is none. Raises DeliveryError."""
    known = client.box.known(_name(user_id))
    if known is not None and _still_ours(client, known, user_id):
        return str(known)
    found = next((room_id for room_id in client.rooms if _still_ours(client, room_id, user_id)), None)
    room_id = found or await _made(client, user_id)
    client.box.know(_name(user_id), room_id)
    return room_id


def _still_ours(client: HardenedClient, room_id: str, user_id: str) -> bool:
    """Encrypted, with this person in it or invited, and with nobody else."""
    room = client.rooms.get(room_id)
    if room is None or not room.encrypted:
        return False
    return {*room.users, *room.invited_users} == {client.user_id, user_id}


async def _made(client: HardenedClient, user_id: str) -> str:
    made = await client.room_create(is_direct=True, invite=[user_id], initial_state=[ENCRYPTED, HISTORY])
    if isinstance(made, RoomCreateError):
        raise DeliveryError(str(made.status_code), permanent=made.status_code == "M_FORBIDDEN")
    await _until_seen(client, str(made.room_id))
    return str(made.room_id)


async def _until_seen(client: HardenedClient, room_id: str) -> None:
    """A page goes out the moment the server shows us the room, and not at the next try."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SHOWN_WITHIN):
            while room_id not in client.rooms or not client.rooms[room_id].encrypted:
                await client.next_answer()


async def join_invited(client: HardenedClient) -> None:
    """Come when we are asked. Whoever turns out to be nobody we know is told so by the line, like any stranger."""
    for room_id in list(client.invited_rooms):
        try:
            answer = await client.join(room_id)
        except (ClientError, TimeoutError) as failure:
            log.warning("an invitation waits for the homeserver", kind=type(failure).__name__)
            return
        if isinstance(answer, JoinError):
            log.info("an invitation led nowhere", reason=str(answer.status_code))
            client.invited_rooms.pop(room_id, None)


def _name(user_id: str) -> str:
    return f"room of {user_id}"
