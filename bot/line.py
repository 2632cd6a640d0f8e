"""The line that every message travels: it waits here for moments only, and nothing that waits here is unrepeatable.

What a channel handed over is confirmed to it only after it is stored. Among waiting people the most endangered is
served first; one person's messages stay in order.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import structlog

from bot.channels.base import Inbound
from bot.clock import Clock
from bot.cycle import Cycle, Outcome, Work
from bot.database_thread import DatabaseThread
from bot.deciding import clipped
from bot.delivery import Delivery
from flows.level import Level
from flows.library import Library
from flows.phi import Phi
from flows.risk import Assessment
from storage import people
from storage.ids import new_id
from storage.inbox import Arrival, mark_of
from storage.store import Store

log = structlog.get_logger()

#: So many messages share a commit at most: a page in the next one does not wait long for it.
SHARED_COMMIT = 64
KNOWN_PLACES = 20_000
#: Kinds of messages in which there are words to assess.
WORDS = frozenset({"text", "edit"})
#: How long to wait, in seconds, when the database takes nothing.
PAUSE = 1.0
T = TypeVar("T")


@dataclass(slots=True)
class Waiting:
    """One arrival and whoever waits for it to be stored."""

    arrival: Arrival
    stored: asyncio.Future[None]
    taken: bool = False


@dataclass(slots=True)
class Queue:
    """What waits to be stored: people by how endangered they are, each person's messages in order."""

    by_person: dict[str, deque[Waiting]] = field(default_factory=dict)
    heap: list[tuple[int, int, Waiting]] = field(default_factory=list)
    order: itertools.count[int] = field(default_factory=itertools.count)

    def add(self, waiting: Waiting) -> None:
        self.by_person.setdefault(waiting.arrival.person_id, deque()).append(waiting)
        heapq.heappush(self.heap, (-waiting.arrival.level, next(self.order), waiting))

    def take(self, at_most: int) -> list[Waiting]:
        """The most endangered people first, up to `at_most` messages. What somebody wrote before their cry for help
        stays before it, and goes with it ahead of everybody else."""
        taken: list[Waiting] = []
        while self.heap and len(taken) < at_most:
            _, _, worst = self.heap[0]
            if worst.taken:
                heapq.heappop(self.heap)
            else:
                taken.append(self._next_of(worst.arrival.person_id))
        return taken

    def _next_of(self, person: str) -> Waiting:
        queue = self.by_person[person]
        waiting = queue.popleft()
        waiting.taken = True
        if not queue:
            del self.by_person[person]
        return waiting

    def __bool__(self) -> bool:
        return bool(self.by_person)


class Line:
    """Takes messages in, runs one cycle after the other in the database thread, and gives trains to delivery."""

    def __init__(
        self,
        store: Store,
        library: Callable[[], Library],
        clock: Clock,
        delivery: Delivery,
        executor: DatabaseThread | None,
    ) -> None:
        self.cycle = Cycle(store, library)
        self.store = store
        self.library = library
        self.clock = clock
        self.delivery = delivery
        self._executor = executor
        self._queue = Queue()
        self._places: dict[tuple[str, str], str] = {}
        self._roster_version = ""
        self._tick = False
        self._wake = asyncio.Event()
        self._alone = asyncio.Lock()
        delivery.on_result = self._wake.set

    # -- in --------------------------------------------------------------------------------------------------------

    async def receive(self, inbound: Inbound) -> None:
        """Returns once the message is stored (a repeat at once counts as stored). Raises when it could not be: then
        the channel must not confirm it."""
        person_id = await self._whose(inbound)
        arrival = self._arrival(inbound, person_id)
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.add(Waiting(arrival, stored))
        self._wake.set()
        await stored

    async def _whose(self, inbound: Inbound) -> str:
        where = (inbound.channel, inbound.place)
        known = self._places.get(where)
        if known is None:
            known = await self.run_in_store(lambda: self._look_up(*where))
            if len(self._places) >= KNOWN_PLACES:
                self._places.clear()
            self._places[where] = known
        return known

    def _look_up(self, channel: str, place: str) -> str:
        with self.store.begin(self.clock.now()) as unit:
            return people.person_at(unit, channel, place)

    def look_everybody_up_again(self) -> None:
        """Somebody is reached at another place from now on."""
        self._places.clear()

    def _notice_moves(self) -> None:
        """People or addresses have changed: look everybody up again."""
        version = self.cycle.decider.roster_version
        if version != self._roster_version:
            self._roster_version = version
            self.look_everybody_up_again()

    def _arrival(self, inbound: Inbound, person_id: str) -> Arrival:
        body = storable(inbound.body.reveal())
        heard = self._hear(body) if inbound.kind in WORDS else None
        level = heard.level if heard else _how_endangered(inbound.kind, body)
        if inbound.kind == "tap":
            body = json.dumps([inbound.key, body])
        external_id = storable(inbound.external_id).replace("\0", "")
        edits = mark_of(inbound.key) if inbound.kind == "edit" else ""
        return Arrival(
            id=new_id(),
            channel=inbound.channel,
            external_id=external_id,
            person_id=person_id,
            kind=inbound.kind,
            level=level,
            body=Phi(storable(inbound.key) if inbound.kind == "seen" else body),
            heard=heard,
            edits=edits,
            reply_to=inbound.reply_to,
            trusted=inbound.trusted,
            room=inbound.room,
            passing=inbound.passing,
        )

    def _hear(self, words: str) -> Assessment | None:
        """Assessed at the door, so that a crisis overtakes the queue. None where the assessment itself failed."""
        try:
            return self.library().assess(clipped(words))
        except Exception as failure:
            log.exception("a message could not be assessed", kind=type(failure).__name__)
            return None

    def tick(self) -> None:
        """The heartbeat: look for what is due."""
        self._tick = True
        self._wake.set()

    # -- round and round -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled. Whatever happens to one cycle, the next one runs; a full disk may have room again."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.once()
            except Exception as failure:
                log.exception("a cycle was lost", kind=type(failure).__name__)
                await asyncio.sleep(PAUSE)
                self.tick()

    def alone(self) -> asyncio.Lock:
        """While somebody holds this, no cycle runs."""
        return self._alone

    async def once(self) -> bool:
        """One cycle, if there is anything to do. True when there was."""
        async with self._alone:
            return await self._once()

    async def _once(self) -> bool:
        waiting = self._queue.take(SHARED_COMMIT)
        marks = self.delivery.take_results()
        work = Work(tuple(one.arrival for one in waiting), marks, self._tick, self.delivery.room())
        if not (waiting or marks or self._tick):
            return False
        self._tick = False
        now = self.clock.now()
        try:
            outcome = await self._run_cycle(work, now, waiting)
        except Exception:
            self.delivery.put_back(marks)
            raise
        self._notice_moves()
        self.delivery.dispatch(outcome.trains)
        self.delivery.put_back(outcome.unmarked)
        if outcome.more or self._queue:
            self._tick = self._tick or outcome.more
            self._wake.set()
        return True

    async def _run_cycle(self, work: Work, now: datetime, waiting: list[Waiting]) -> Outcome:
        try:
            outcome = await self.run_in_store(lambda: self.cycle.run(work, now))
        except Exception as failure:
            for one in waiting:
                if not one.stored.done():  # whoever handed it over may have gone
                    one.stored.set_exception(failure)
            raise
        for one in waiting:
            refused = outcome.refused.get(one.arrival.id)
            if one.stored.done():
                continue
            if refused is not None:
                one.stored.set_exception(refused)
            else:
                one.stored.set_result(None)
        return outcome

    async def run_in_store(self, work: Callable[[], T]) -> T:
        """Run something in the database thread (or here and now, in a rehearsal)."""
        if self._executor is None:
            return work()
        return await self._executor.run(work)

    @property
    def idle(self) -> bool:
        """Nothing waits in memory."""
        return not self._queue and not self.delivery.has_results and not self._tick


def _how_endangered(kind: str, body: str) -> Level:
    """What is no text, or could not be assessed: a call for help goes first, and so does what nobody could read."""
    if kind == "tap":
        return Level.EMERGENCY if body == "not_safe" else Level.NONE
    return Level.EMERGENCY if kind in {"panic", "unreadable", *WORDS} else Level.NONE


def storable(words: str) -> str:
    """Half characters that no encoding can hold become the replacement character; everything else stays."""
    return words.encode("utf-8", "replace").decode("utf-8")
