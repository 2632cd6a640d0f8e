"""From a batch of updates into the line: everybody's at the same time, each person's in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from bot.channels.base import Receive
from bot.channels.telegram.reading import Reader

log = structlog.get_logger()

Update = dict[str, Any]
First = Callable[[Update], Awaitable[bool]]


async def hand_on(reader: Reader, updates: Sequence[Update], receive: Receive, first: First) -> bool:
    """Returns once all of it is stored; False when some of it is not, and the whole must be offered again. What was
    stored already is known then. With what `first` says is done, nothing more is done."""
    lanes: defaultdict[str, list[Update]] = defaultdict(list)
    for update in sorted(updates, key=lambda one: int(one["update_id"])):
        lanes[_whose(update)].append(update)
    done = await asyncio.gather(*(_in_order(reader, lane, receive, first) for lane in lanes.values()))
    return all(done)


async def _in_order(reader: Reader, lane: Sequence[Update], receive: Receive, first: First) -> bool:
    for update in lane:
        try:
            if await first(update):
                continue
            for inbound in reader.read(update):
                await receive(inbound)
        except Exception as failure:  # noqa: BLE001 - it stays with Telegram, and comes again
            log.warning("the line did not take an update", kind=type(failure).__name__)
            return False
    return True


def _whose(update: Update) -> str:
    for part in update.values():
        sender = part.get("from") if isinstance(part, dict) else None
        if isinstance(sender, dict):
            return str(sender.get("id"))
    return ""
