"""From the letterbox into the line: everybody's letters at the same time, each person's in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.channels.base import Inbound, Receive
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.noticing import key_of
from bot.channels.matrix.reading import beside, device_key, read, replied_to
from bot.channels.matrix.trust import is_theirs
from bot.channels.matrix.writing import POLL_KEY
from storage.letterbox import Letter
from storage.schema import to_microseconds

log = structlog.get_logger()

#: So long we wait for the key to a message before we say that we could not read it.
KEY_PATIENCE: Final = timedelta(seconds=10)
#: So long what was written after a gap waits for what was written in it. Out of order is better than never.
GAP_PATIENCE: Final = timedelta(seconds=60)
#: So many letters of one person go in before we look again: somebody else's, worse, may have come meanwhile.
IN_A_ROW: Final = 8


async def hand_on(client: HardenedClient, channel: str, now: datetime, receive: Receive) -> set[str]:
    """What waits, so that the line sees who is worst off. Returns whose messages the line did not take: theirs stay
    where they are, and nobody else waits for them."""
    refused: set[str] = set()
    taken: list[Letter] = []

    async def in_order(whose: str, waiting: list[tuple[Letter, list[Inbound]]]) -> None:
        for letter, found in waiting[:IN_A_ROW]:
            for inbound in found:
                if not await _taken(inbound, receive):
                    refused.add(whose)
                    return
            taken.append(letter)

    async with asyncio.TaskGroup() as everybody:
        for whose, waiting in _by_person(client, channel, now).items():
            everybody.create_task(in_order(whose, waiting))
    _are_done(client, taken)
    return refused


def _by_person(client: HardenedClient, channel: str, now: datetime) -> dict[str, list[tuple[Letter, list[Inbound]]]]:
    """Everything that waits, each letter with what is in it. What is not for the line is done with here."""
    waiting: defaultdict[str, list[tuple[Letter, list[Inbound]]]] = defaultdict(list)
    gaps_since = to_microseconds(now - GAP_PATIENCE)
    for letter in [*client.box.waiting(gaps_since=gaps_since), *_unread(client, now)]:
        found = [_known(client, letter, one) for one in (beside(letter, channel), read(letter, channel)) if one]
        if found:
            waiting[found[0].place].append((letter, found))
        else:
            _is_done(client, letter)
    return waiting


def _known(client: HardenedClient, letter: Letter, inbound: Inbound) -> Inbound:
    """The same, with what we know about who wrote it and about what they quote."""
    ours = inbound.kind in {"noticed", "seen"}
    trusted = ours or is_theirs(client, inbound.place, device_key(letter))
    if inbound.kind == "tap":  # a vote names the event of its poll, and the outbox knows it by its key
        inbound = replace(inbound, key=client.box.sent_as(inbound.key).removesuffix(POLL_KEY))
    room = client.box.known(key_of(letter.room_id)) or ""
    return replace(inbound, trusted=trusted, reply_to=client.box.sent_as(replied_to(letter)), room=room)


def _unread(client: HardenedClient, now: datetime) -> list[Letter]:
    """What has been locked for too long. The person who wrote it must hear of it now, and somebody must look."""
    before = to_microseconds(now - KEY_PATIENCE)
    return [one for one in client.box.locked() if one.state == "locked" and one.came_at < before]


def _are_done(client: HardenedClient, taken: list[Letter]) -> None:
    """All together, with one wait for the disk. If we die before it, they are offered again, and are known."""
    if taken:
        with client.box.together():
            for letter in taken:
                _is_done(client, letter)


def _is_done(client: HardenedClient, letter: Letter) -> None:
    if letter.state == "locked":
        client.box.given_up(letter.event_id)
    else:
        client.box.done(letter.event_id)


async def _taken(inbound: Inbound, receive: Receive) -> bool:
    try:
        await receive(inbound)
    except Exception as failure:  # noqa: BLE001 - it stays in the letterbox, and is offered again
        log.warning("the line did not take a message", kind=type(failure).__name__)
        return False
    return True
