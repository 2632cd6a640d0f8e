"""Sending so that it can be read: keys first, to every device; and if nobody could read it, nothing is said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from nio import RoomSendResponse

from bot.channels.base import DeliveryError
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.pace import TooFast

#: What the server says of a room or an account that will never take it.
FOR_GOOD = frozenset({"M_FORBIDDEN", "M_NOT_FOUND", "M_USER_DEACTIVATED"})
#: So many seconds pass until a phone that could not be given a key is offered it again.
SHARED_AGAIN_AFTER: Final = 30.0
#: So long we wait, in milliseconds, where a homeserver does not say how long.
ASSUMED_MS = 5000


async def send_once(
    client: HardenedClient, transaction: str, room_id: str, kind: str, content: Mapping[str, Any]
) -> str:
    """Send into an encrypted room; returns the id of the event. Under the same transaction it may be tried again: the
    server shows it once. Raises DeliveryError.

    It goes out even when some device could not be given the key, but never when nobody could read it.
    """
    room = client.rooms.get(room_id)
    if room is None:
        raise DeliveryError("not in this room yet")
    if not room.encrypted:
        raise DeliveryError("this room is not encrypted yet")
    await _share_keys(client, room)
    answer = await client.room_send(room_id, kind, dict(content), tx_id=transaction, ignore_unverified_devices=True)
    if not isinstance(answer, RoomSendResponse):
        raise refusal(answer)
    return str(answer.event_id)


def refusal(answer: Any) -> DeliveryError:
    """What an error that the homeserver answered with means for a message."""
    code = str(answer.status_code or "no answer")
    if code == "M_LIMIT_EXCEEDED":
        return TooFast((answer.retry_after_ms or ASSUMED_MS) / 1000)
    return DeliveryError(code, permanent=code in FOR_GOOD)


async def _share_keys(client: HardenedClient, room: Any) -> None:
    """Everybody's devices as they are now, and the key to each that may have it."""
    # We never load members lazily, so the sync has told us everybody. Asking who has joined brings an answer that may
    # be older: matrix-nio would forget whoever accepted meanwhile, and no page would ever reach them again.
    room.members_synced = True
    # The server tells us of new phones only of those who have joined.
    client.olm.users_for_key_query.update(room.invited_users)
    if client.should_query_keys:  # matrix-nio forgets this once it knows the members: a new phone would read nothing
        await client.keys_query()
    if client.olm.should_share_group_session(room.room_id) or _is_time_to_share_again(client, room):
        underway = client.sharing_session.get(room.room_id)
        if underway is not None:
            await underway.wait()
        else:
            await _share_key(client, room.room_id)
    if not set(_readers(client, room)) & _given(client, room):
        client.olm.outbound_group_sessions.pop(room.room_id, None)  # the next try makes a new one, and shares that
        raise DeliveryError("nobody could be given the key")


def _given(client: HardenedClient, room: Any) -> set[tuple[str, str]]:
    session = client.olm.outbound_group_sessions[room.room_id]
    given: set[tuple[str, str]] = session.users_shared_with | session.users_ignored
    return given


def _is_time_to_share_again(client: HardenedClient, room: Any) -> bool:
    """A phone that could not be given the key once would read nothing for a hundred messages: others could, so they
    went out. It is offered the key again before the next message, but not before every one."""
    if set(_readers(client, room)) <= _given(client, room):
        return False
    now = asyncio.get_running_loop().time()
    if now - client.shared_late.get(room.room_id, -SHARED_AGAIN_AFTER) < SHARED_AGAIN_AFTER:
        return False
    client.shared_late[room.room_id] = now
    client.olm.outbound_group_sessions[room.room_id].shared = False  # matrix-nio then shares the same one with the rest
    return True


async def _share_key(client: HardenedClient, room_id: str) -> None:
    """Where fetching one-time keys fails, matrix-nio goes on believing that the key is being shared, and everybody
    after that would wait for it."""
    try:
        await client.share_group_session(room_id, ignore_unverified_devices=True)
    finally:
        underway = client.sharing_session.pop(room_id, None)
        if underway is not None:
            underway.set()


def _readers(client: HardenedClient, room: Any) -> list[tuple[str, str]]:
    return [
        (user, device.id)
        for user in room.users
        if user != client.user_id
        for device in client.device_store.active_user_devices(user)
        if not client.olm.is_device_blacklisted(device)
    ]
