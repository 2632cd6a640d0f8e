"""In the night, what may not stay is taken from the screens, ours and theirs, while Telegram still allows it.

What waits for it are rows (storage/erasing.py); nothing is remembered here. It goes out as bulk, so that nothing that
is said ever waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final, Protocol

import structlog

from bot.channels.base import DeliveryError, Inbound
from bot.channels.telegram.api import Refused, TokenRefused
from bot.channels.telegram.sending import Chat, Speaker
from bot.channels.telegram.writing import is_for_participant
from flows.message import Urgency
from storage.erasing import OURS, THEIRS, Trace
from storage.outbox import Sendable

log = structlog.get_logger()

#: Seconds between two looks at whether it is night, and until what failed is tried again.
LOOK_EVERY: Final = 1200.0
#: Telegram takes so many at once (core.telegram.org/bots/api#deletemessages), and none that are so old.
AT_ONCE: Final = 100
TOO_OLD: Final = timedelta(hours=48)
#: What of theirs is a message in the chat; a press or a change of words is none.
MESSAGES: Final = frozenset({"text", "wordless", "location", "panic"})


class Traces(Protocol):
    """What is to be taken away, as the programme keeps it."""

    def is_night(self) -> bool:
        """Whether most people sleep where the programme is."""

    async def due(self, table: str, after: Trace | None) -> list[Trace]:
        """Some of what would be too old by the next night, behind `after`."""

    async def gone(self, traces: Sequence[Trace]) -> None:
        """These are on no screen any more."""

    async def give_up(self) -> None:
        """What can never be taken away is counted, and told to the operators."""


class NoTraces:
    """Everything stays."""

    def is_night(self) -> bool:
        """Never."""
        return False

    async def due(self, table: str, after: Trace | None) -> list[Trace]:
        """Nothing."""
        return []

    async def gone(self, traces: Sequence[Trace]) -> None:
        """There are none."""

    async def give_up(self) -> None:
        """There is nothing to give up."""


def stays(message: Sendable) -> bool:
    """What a participant must find again: numbers and whatever else they were told in a crisis, and what they asked to
    keep."""
    return is_for_participant(message) and (
        message.urgency is Urgency.CRISIS or message.file is not None or message.pins
    )


def is_message(inbound: Inbound) -> bool:
    """Whether it stands in the chat, under the number at the end of its name."""
    return inbound.kind in MESSAGES and inbound.external_id.count("/") == 1


class Sweep:
    """One account's. `blind` turns a chat's number into the mark that stands before the names of its messages."""

    def __init__(self, speaker: Speaker, traces: Traces, blind: Callable[[str], str]) -> None:
        self._speaker = speaker
        self._traces = traces
        self._blind = blind

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._traces.is_night():
                await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Take away all that is due. What fails stays due, and is tried again with the next look."""
        try:
            for table in (OURS, THEIRS):
                await self._through(table)
            await self._traces.give_up()
        except Exception as failure:  # noqa: BLE001 - the database may be away; this must not end the channel
            log.warning("screens could not be swept", kind=type(failure).__name__)

    async def _through(self, table: str) -> None:
        after: Trace | None = None
        while found := await self._traces.due(table, after):
            after = found[-1]
            for chat, traces in self._by_chat(found):
                for start in range(0, len(traces), AT_ONCE):
                    if taken := await self._taken(Chat(chat), traces[start : start + AT_ONCE]):
                        await self._traces.gone(taken)

    def _by_chat(self, traces: Iterable[Trace]) -> Iterator[tuple[str, list[Trace]]]:
        """Each is known by the mark of the chat: somebody may have had another account before, and we another bot. What
        stands elsewhere is never taken for it, and is counted when it is given up."""
        chats: dict[str, list[Trace]] = {}
        for trace in traces:
            if trace.name.partition("/")[0] == self._blind(trace.place):
                chats.setdefault(trace.place, []).append(trace)
        yield from chats.items()

    async def _taken(self, chat: Chat, traces: Sequence[Trace]) -> Sequence[Trace]:
        """Those that are gone now."""
        try:
            await self._speaker.do("deleteMessages", chat, Urgency.BULK, message_ids=sorted({*map(number, traces)}))
        except Refused as refusal:  # for one that cannot be taken away, Telegram takes none
            one_by_one = refusal.description.startswith("message") and len(traces) > 1
            return [one for trace in traces for one in await self._taken(chat, [trace])] if one_by_one else []
        except (DeliveryError, TokenRefused):
            return []
        return traces


def number(trace: Trace) -> int:
    """Telegram's number of it."""
    return int(trace.name.rpartition("/")[2])
