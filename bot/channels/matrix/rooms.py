"""Which room is whose: one encrypted room for each person, made by us or by them, and found again after every start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import structlog
from aiohttp import ClientError
from nio import ErrorResponse, JoinError, MatrixRoom, RoomCreateError

from bot.channels.base import DeliveryError
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.noticing import key_of, room_of
from bot.channels.matrix.pace import TooFast
from bot.channels.matrix.sending import refusal

log = structlog.get_logger()

#: So long, in seconds, we wait for a room that we made to be shown to us.
SHOWN_WITHIN: Final = 5
#: So long, in seconds, we wait to be let into one room. Somebody else's homeserver may be away.
JOINED_WITHIN: Final = 10
#: To so many invitations we answer at the same time.
JOINED_AT_ONCE: Final = 20
#: The answer after the next one was asked for when our room was whole. The next one may show the half of it.
ASKED_SINCE: Final = 2
#: Some apps switch encryption on only after they have invited us.
PATIENCE_WITH_APPS: Final = timedelta(seconds=10)
#: Nobody but us changes who is in the room, who may look back, or whether it is encrypted; anybody in it may speak.
POWERS: Final[dict[str, Any]] = {
    "users_default": 0,
    "events_default": 0,
    "state_default": 100,
    "invite": 100,
    "kick": 100,
    "ban": 100,
    "redact": 100,
    "notifications": {"room": 100},
}
#: Who may look back in a room that is to hold somebody's words.
PRIVATE_HISTORY: Final = frozenset({"invited", "joined", "shared"})


def _state(kind: str, **content: object) -> dict[str, Any]:
    return {"type": kind, "state_key": "", "content": content}


def first_state(keep_for: timedelta | None) -> list[dict[str, Any]]:
    """What a room of ours is from its first moment on: encrypted, readable only from the invitation on, kept for so
    long at most."""
    state = [
        _state("m.room.encryption", algorithm="m.megolm.v1.aes-sha2"),
        _state("m.room.history_visibility", history_visibility="invited"),
        _state("m.room.guest_access", guest_access="forbidden"),
    ]
    if keep_for is not None:
        state.append(_state("m.room.retention", max_lifetime=int(keep_for.total_seconds() * 1000)))
    return state


async def room_for(client: HardenedClient, user_id: str, keep_for: timedelta | None = None) -> str:
    """The encrypted room with this person; made, with an invitation, where there is none. Raises DeliveryError."""
    known = client.box.known(room_of(user_id))
    refuse_unless_shown(client, known, user_id)
    if known and is_private_with(client, known, user_id):
        return str(known)
    found = next((room_id for room_id in client.rooms if _is_theirs(client, room_id, user_id)), None)
    room_id = found or await make_room(client, [user_id], keep_for, is_direct=True)
    client.box.know(room_of(user_id), room_id)
    return room_id


def _is_theirs(client: HardenedClient, room_id: str, user_id: str) -> bool:
    """A room with them alone that is not one of those which people share."""
    return is_private_with(client, room_id, user_id) and not client.box.known(key_of(room_id))


def forget_room(client: HardenedClient, user_id: str, room_id: str) -> None:
    """We cannot speak there any more; the next message finds or makes another one."""
    client.rooms.pop(room_id, None)
    client.box.know(room_of(user_id), "")


def is_closed(client: HardenedClient, room_id: str) -> bool:
    """Encrypted, by invitation only, and not replaced by another one."""
    room = client.rooms.get(room_id)
    if room is None or not room.encrypted or room.replacement_room:
        return False
    return room.join_rule == "invite" and room.history_visibility in PRIVATE_HISTORY


def is_private_with(client: HardenedClient, room_id: str, *people: str) -> bool:
    """A closed room with these people in it or invited, and nobody else."""
    if not is_closed(client, room_id):
        return False
    room = client.rooms[room_id]
    return {*room.users, *room.invited_users} == {client.user_id, *people}


@contextmanager
def being_peopled(client: HardenedClient) -> Iterator[None]:
    """Meanwhile nobody may be in a room but us, and that does not mean that everybody has gone."""
    client.peopling += 1
    try:
        yield
    finally:
        client.peopling -= 1


async def make_room(
    client: HardenedClient, people: list[str], keep_for: timedelta | None, *, is_direct: bool, name: str | None = None
) -> str:
    """A new room of ours with these people invited; shown to us by then. Raises DeliveryError."""
    with being_peopled(client):
        made = await client.room_create(
            is_direct=is_direct,
            name=name,
            invite=people,
            initial_state=first_state(keep_for),
            power_level_override=POWERS,
        )
        if isinstance(made, RoomCreateError):
            raise refusal(made)
        room_id = str(made.room_id)
        client.made_at[room_id] = client.answers
    await until_seen(client, lambda: is_private_with(client, room_id, *people))
    if is_private_with(client, room_id, *people):
        client.made_at.pop(room_id, None)
    return room_id


def refuse_unless_shown(client: HardenedClient, room_id: str, *people: str) -> None:
    """While the server has not shown us the whole of the room that we made, no other one is made: each would invite
    them again. Raises DeliveryError."""
    made_at = client.made_at.get(room_id)
    if made_at is None:
        return
    asked_since = client.answers >= made_at + ASKED_SINCE and room_id in client.rooms
    if not asked_since and not is_private_with(client, room_id, *people):
        raise DeliveryError("our new room is not shown yet")
    client.made_at.pop(room_id, None)


async def until_seen(client: HardenedClient, shown: Callable[[], bool]) -> None:
    """A page goes out the moment the server shows us the room as it is to be, and not at the next try."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SHOWN_WITHIN):
            while not shown():
                await client.next_answer()


async def keep_house(client: HardenedClient, line: Callable[[str], str]) -> None:
    """Come where we are asked, follow where a room was moved to, and leave what is not encrypted, with one line; and
    leave where nobody is left but us."""
    try:
        await _join_invited(client)
        for room in list(client.rooms.values()):
            if room.replacement_room:
                await _follow(client, room.room_id, room.replacement_room)
            elif _is_deserted(client, room):
                await leave(client, room.room_id)
            elif _stays_open(client, room):
                await _refuse(client, room.room_id, line("everyday.not_encrypted"))
    except (ClientError, TimeoutError) as failure:
        log.warning("a room waits for the homeserver", kind=type(failure).__name__)


def _stays_open(client: HardenedClient, room: MatrixRoom) -> bool:
    """Not encrypted, with somebody else in it, and given the time that some apps need to switch it on."""
    if room.encrypted or not {*room.users} - {*room.invited_users, client.user_id}:
        client.open_since.pop(room.room_id, None)
        return False
    since = client.open_since.setdefault(room.room_id, client.clock.now())
    return client.clock.now() - since >= PATIENCE_WITH_APPS


def _is_deserted(client: HardenedClient, room: MatrixRoom) -> bool:
    """Nobody is there or asked in but us. Where the maker of a room made us another one, nobody can put us out: whoever
    wants to be rid of us can only go."""
    if client.peopling or room.room_id in client.made_at:
        return False
    return not {*room.users, *room.invited_users} - {client.user_id}


async def _join_invited(client: HardenedClient) -> None:
    """Come when we are asked. Whoever turns out to be nobody we know is told so by the line, like any stranger. Those
    go first that were tried least: hundreds that led nowhere took every connection, and pages waited for one."""
    now = sorted(client.invited_rooms, key=client.tried.__getitem__)[:JOINED_AT_ONCE]
    client.tried.update(now)
    await asyncio.gather(*(_join(client, room_id) for room_id in now))


async def _join(client: HardenedClient, room_id: str) -> None:
    """Where it fails for now, it is tried again; no other invitation waits for this one."""
    try:
        async with asyncio.timeout(JOINED_WITHIN):
            answer = await client.join(room_id)
    except (ClientError, TimeoutError) as failure:
        log.warning("an invitation waits for the homeserver", kind=type(failure).__name__)
        return
    if not isinstance(answer, JoinError):
        return
    refused = refusal(answer)
    log.info("an invitation led nowhere", reason=refused.reason)
    if isinstance(refused, TooFast):
        await asyncio.sleep(min(refused.seconds, JOINED_WITHIN))
    else:
        client.invited_rooms.pop(room_id, None)


async def _follow(client: HardenedClient, room_id: str, replacement: str) -> None:
    """A room was upgraded: whoever did it invites us, or lets us in; the old one is left behind."""
    if replacement not in client.rooms:
        answer = await client.join(replacement)
        if isinstance(answer, JoinError):
            log.info("a room was moved, and we are not let in yet", reason=str(answer.status_code))
    await leave(client, room_id)


async def _refuse(client: HardenedClient, room_id: str, text: str) -> None:
    """Under the same transaction each time: whatever happens in between, it is said once."""
    where = f"rooms/{quote(room_id, safe='')}/send/m.room.message/not-encrypted"
    await client.ask("PUT", where, {"msgtype": "m.text", "body": text})
    await leave(client, room_id)


async def leave(client: HardenedClient, room_id: str) -> None:
    """Go out of a room, and know it no more. Where we cannot go just now, we know it still, and go the next time."""
    answer = await client.room_leave(room_id)
    if isinstance(answer, ErrorResponse) and not refusal(answer).permanent:
        log.info("a room could not be left yet", reason=str(answer.status_code))
        return
    client.rooms.pop(room_id, None)
    client.open_since.pop(room_id, None)
