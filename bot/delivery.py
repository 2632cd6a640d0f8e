"""Sends what was promised: one train a person, and one for their pager; the crisis class with room of its own.

A train stops at the first message that does not go, so that one person's messages stay in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from bot.channels.base import Channel, DeliveryError
from bot.clock import Clock
from flows.message import Urgency
from storage.outbox import NO_ROOM, Returned, Room, Sendable, Sent, Unsent

log = structlog.get_logger()

#: So many trains at once: for the crisis class, beyond that for pages alone, and for everything else. Bulk leaves some
#: of the latter free.
CRISIS_ROOM = 64
PAGE_ROOM = 16
ORDINARY_ROOM = 48
BULK_ROOM = 32
#: So many bulk trains set out in one cycle at most: a page that comes just then waits for the end of it.
BULK_AT_ONCE = 8
#: A channel that has not answered by then has not answered; the message may have arrived all the same.
DEADLINE = 20.0
#: Seconds that results may wait for others of the same train, to share a commit.
TELL_AFTER = 0.05

Result = Sent | Unsent | Returned


class Delivery:
    """Keeps only what is on its way; what became of it goes to the outbox with the next cycle."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock) -> None:
        self.channels = channels
        self.clock = clock
        self.on_result: Callable[[], None] = lambda: None
        self._crisis: dict[str, asyncio.Task[None]] = {}
        self._ordinary: dict[str, asyncio.Task[None]] = {}
        self._bulk: set[str] = set()
        self._results: list[Result] = []
        self._resting = False
        self._telling: asyncio.TimerHandle | None = None

    def rest(self) -> None:
        """From now on nothing more fits."""
        self._resting = True

    def room(self) -> Room:
        """What fits now."""
        busy_crisis, busy = tuple(self._crisis), tuple(self._ordinary)
        if self._resting:
            return replace(NO_ROOM, busy_crisis=busy_crisis, busy=busy)
        return Room(
            busy_crisis=busy_crisis,
            busy=busy,
            crisis=max(0, CRISIS_ROOM - len(self._crisis)),
            pages=max(0, min(PAGE_ROOM, CRISIS_ROOM + PAGE_ROOM - len(self._crisis))),
            ordinary=ORDINARY_ROOM - len(self._ordinary),
            bulk=max(0, min(BULK_AT_ONCE, BULK_ROOM - len(self._bulk))),
        )

    def dispatch(self, trains: Sequence[Sequence[Sendable]]) -> None:
        """Send these; returns at once."""
        for train in trains:
            lane = self._crisis if train[0].urgency is Urgency.CRISIS else self._ordinary
            name = train[0].lane
            if train[0].urgency is Urgency.BULK:
                self._bulk.add(name)
            lane[name] = asyncio.create_task(self._send_train(train, lane))

    async def _send_train(self, train: Sequence[Sendable], lane: dict[str, asyncio.Task[None]]) -> None:
        name = train[0].lane
        try:
            for position, message in enumerate(train):
                result = await self._send(message)
                self._results.append(result)
                self._soon()
                if isinstance(result, Unsent) and position + 1 < len(train):
                    self._results.extend(Returned(left.key) for left in train[position + 1 :])
                    return
        finally:
            lane.pop(name, None)
            self._bulk.discard(name)
            self.on_result()

    def _soon(self) -> None:
        """What became of a message is written down while the next one of its train is on its way: a train may take
        seconds, and after a kill all of it that was not written down would be said again."""
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(TELL_AFTER, self._tell)

    def _tell(self) -> None:
        self._telling = None
        if self._results:
            self.on_result()

    async def _send(self, message: Sendable) -> Result:
        channel = self.channels.get(message.channel)
        if channel is None:
            return self._unsent(message, DeliveryError("no such channel here", permanent=True))
        try:
            async with asyncio.timeout(DEADLINE):
                receipt = await channel.send(message, message.key)
        except DeliveryError as failure:
            return self._unsent(message, failure)
        except TimeoutError:
            return self._unsent(message, DeliveryError("no answer in time", ambiguous=not channel.recognises_repeats))
        except Exception as failure:
            log.exception("a channel failed", channel=message.channel, kind=type(failure).__name__, message=message.key)
            unknown = not channel.recognises_repeats  # where a repeat does not show, it may have arrived or not
            return self._unsent(message, DeliveryError(type(failure).__name__, ambiguous=unknown))
        return Sent(message.key, self.clock.now(), receipt.delivered_at, message.ref, receipt.mark, receipt.passing)

    def _unsent(self, message: Sendable, failure: DeliveryError) -> Unsent:
        log.warning("a message was not sent", channel=message.channel, reason=failure.reason, message=message.key)
        return Unsent(message.key, self.clock.now(), failure.permanent, failure.ambiguous, failure.reason)

    def take_results(self) -> tuple[Result, ...]:
        """What became of messages since the last cycle."""
        taken, self._results = tuple(self._results), []
        return taken

    def put_back(self, results: Sequence[Result]) -> None:
        """These could not be written down; they are with the next cycle."""
        self._results.extend(results)

    @property
    def has_results(self) -> bool:
        return bool(self._results)

    @property
    def idle(self) -> bool:
        """Nothing is on its way, and what became of everything was taken."""
        return not (self._crisis or self._ordinary or self._results)

    async def settle(self) -> None:
        """Wait until nothing is on its way."""
        while tasks := [*self._crisis.values(), *self._ordinary.values()]:
            await asyncio.gather(*tasks)

    def abandon(self) -> None:
        """Drop everything on its way, as a crash would."""
        if self._telling is not None:
            self._telling.cancel()
        for task in [*self._crisis.values(), *self._ordinary.values()]:
            task.cancel()
