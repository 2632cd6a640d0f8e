"""The sync loop: it never gives up, never hammers, and never asks for more before it has kept what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import structlog
from aiohttp import ClientError
from nio import Event, SyncError

from bot.channels.matrix.arriving import POSITION, keep_event, unlock
from bot.channels.matrix.client import HardenedClient
from flows.errors import HandrailError

log = structlog.get_logger()

LONG_POLL_MS: Final = 30_000
#: Seconds between two tries, doubled up to the longest.
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
FILTER: Final = {"room": {"timeline": {"limit": 100}}, "presence": {"types": []}}
#: So long, in seconds, one chore may hold up our listening; where the homeserver must first ask others, which it gives
#: ten seconds by itself, it may take longer.
CHORE_WITHIN, OTHERS_WITHIN = 5.0, 15.0
#: What a homeserver says of a room that it will not show us any more.
FOR_GOOD: Final = frozenset({403, 404})
#: So many events of a gap are fetched in one go.
PAGE: Final = 100
#: So many pages in a row may be empty before we believe that there is nothing more.
EMPTY_PAGES: Final = 5


class TokenRefused(HandrailError):
    """The homeserver does not accept our token any more. Sign in again: handrail matrix sign-in --again"""


async def listen(client: HardenedClient, heard: asyncio.Event, poll_ms: int = LONG_POLL_MS) -> None:
    """Until cancelled; `heard` is set with the first answer. Raises TokenRefused, and OutOfStep when the client must be
    made anew."""
    pause, first = SHORTEST_PAUSE, True
    while True:
        if await hear_once(client, first=first, poll_ms=poll_ms):
            heard.set()
            pause, first = SHORTEST_PAUSE, False
        else:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


async def hear_once(client: HardenedClient, *, first: bool, poll_ms: int = 0) -> bool:
    """One answer of the server, kept, and what follows from it done. False when there was none."""
    try:
        answer = await client.sync(poll_ms, FILTER, since=client.box.known(POSITION), full_state=first)
    except (ClientError, TimeoutError) as failure:
        log.warning("the homeserver does not answer", kind=type(failure).__name__)
        return False
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as failure:
        # A proxy may answer anything. This stopped the whole program; nothing of it was kept, so it is asked again.
        log.warning("the homeserver's answer makes no sense", kind=type(failure).__name__)
        return False
    if isinstance(answer, SyncError):
        log.warning("the homeserver refuses", reason=str(answer.status_code))
        if answer.status_code == "M_UNKNOWN_TOKEN":
            raise TokenRefused
        return False
    await do_chores(client, answer.said)
    client.news.set()  # a gap may be filled now, or the keys were not to be had
    return True


async def do_chores(client: HardenedClient, said: Mapping[str, Any]) -> None:
    """Keys up, keys down, messages between devices, gaps. What fails, or hangs, holds up neither the others nor what is
    said meanwhile, and is done after the next answer."""
    if client.should_query_keys:
        await _chore(client.keys_query(), OTHERS_WITHIN)
    client.news.set()  # not before that: words from a new phone would count as not theirs
    uploaded = not client.should_upload_keys or await _chore(client.keys_upload())
    if client.should_claim_keys:
        await _chore(client.keys_claim(client.get_users_for_key_claiming()), OTHERS_WITHIN)
    _ask_nobody_else_for_keys(client)
    await _chore(client.send_to_device_messages())
    if uploaded:  # else the one-time keys of that upload would be marked as being there together with this one
        await _chore(client.keep_fallback_key(said))
    for room_id, newer, older in client.box.gaps():
        await _chore(fill_gap(client, room_id, newer, older), OTHERS_WITHIN)


async def _chore(work: Awaitable[object], within: float = CHORE_WITHIN) -> bool:
    """Whether the homeserver answered in time."""
    try:
        async with asyncio.timeout(within):
            await work
    except (ClientError, TimeoutError) as failure:
        log.warning("something waits for the homeserver", kind=type(failure).__name__)
        return False
    return True


def _ask_nobody_else_for_keys(client: HardenedClient) -> None:
    """Other people's devices do not answer such requests, and a hundred at once choke us."""
    waiting = client.olm.outgoing_to_device_messages
    waiting[:] = [one for one in waiting if one.type != "m.room_key_request" or one.recipient == client.user_id]


async def fill_gap(client: HardenedClient, room_id: str, newer: str, older: str) -> None:
    """Fetch what the server left out, back to where we were, and keep it. A page may be empty and not be the last."""
    empty = 0
    while True:
        asked = urlencode({"dir": "b", "from": newer, "to": older, "limit": PAGE})
        status, said = await client.ask("GET", f"rooms/{quote(room_id, safe='')}/messages?{asked}")
        if status != 200:
            log.warning("a gap could not be filled", status=status)
            if status in FOR_GOOD:  # what came after it must not wait for ever
                client.box.poisoned("gap", str(status), [room_id, newer, older])
                client.box.gap_filled(room_id)
            return
        events = said.get("chunk", [])
        with client.box.together():
            for event in reversed(events):
                _keep_raw(client, event, room_id)
            here, newer = newer, said.get("end", "")
            empty = 0 if events else empty + 1
            if newer and newer != here and empty < EMPTY_PAGES:
                client.box.note_gap(room_id, newer, older)
            else:
                client.box.gap_filled(room_id)
                unlock(client)
                return


def _keep_raw(client: HardenedClient, raw: dict[str, Any], room_id: str) -> None:
    try:
        event = Event.parse_event(raw)
        event.room_id = room_id
        keep_event(client, client.in_words(event), room_id)
    except Exception as failure:  # noqa: BLE001 - one event must not stall the others
        client.put_aside("gap", failure, raw)
