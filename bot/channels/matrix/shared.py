"""Rooms that several people share: made when something is first said in them, with exactly those who belong there."""

from __future__ import annotations

from datetime import timedelta

from nio import ErrorResponse

from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.noticing import key_of, shared_as
from bot.channels.matrix.rooms import being_peopled, is_closed, leave, make_room, refuse_unless_shown, until_seen
from bot.channels.matrix.sending import refusal


async def shared_room(client: HardenedClient, key: str, people: list[str], keep_for: timedelta | None) -> str:
    """The room of that key, with these people in it or invited and nobody else. Raises DeliveryError."""
    known = client.box.known(shared_as(key))
    refuse_unless_shown(client, known, *people)
    if not known or not is_closed(client, known):
        known = await make_room(client, people, keep_for, is_direct=False, name=_name(key))
        with client.box.together():
            client.box.know(shared_as(key), known)
            client.box.know(key_of(known), key)
        return str(known)
    await _put_right(client, str(known), set(people))
    return str(known)


async def _put_right(client: HardenedClient, room_id: str, people: set[str]) -> None:
    """Whoever does not belong there any more goes before a word is said; whoever belongs there now is asked in."""
    there = _there(client, room_id)
    if there == people:
        return
    with being_peopled(client):
        for user in there - people:
            _refuse_unless_done(await client.room_kick(room_id, user))
        for user in people - there:
            _refuse_unless_done(await client.room_invite(room_id, user))
        await until_seen(client, lambda: _there(client, room_id) == people)


def _there(client: HardenedClient, room_id: str) -> set[str]:
    room = client.rooms[room_id]
    return {*room.users, *room.invited_users} - {client.user_id}


async def end_shared(client: HardenedClient, key: str) -> None:
    """Everybody goes, and so do we. Raises DeliveryError where that must be tried again: nobody is to be left in it."""
    room_id = client.box.known(shared_as(key))
    if room_id and room_id in client.rooms:
        for user in _there(client, room_id):
            answer = await client.room_kick(room_id, user)
            if isinstance(answer, ErrorResponse) and not refusal(answer).permanent:  # else they have left already
                raise refusal(answer)
        await leave(client, room_id)
    client.box.know(shared_as(key), "")


def _name(key: str) -> str | None:
    """What the room is called, for the homeserver as well: never anybody."""
    return None if "/" in key else key.capitalize()


def _refuse_unless_done(answer: object) -> None:
    if isinstance(answer, ErrorResponse):
        raise refusal(answer)
