"""People in the evening: they answer the questions of their check-in, write a few plain words, and rarely a crisis.

Nothing in it is left to chance, so that one round is like the next.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from bot.channels.base import Inbound
from bot.channels.simulated import Phone, Phones, Shown, SimulatedChannel
from bot.clock import SystemClock
from bot.database_thread import DatabaseThread
from bot.program import Program
from flows.library import Library
from flows.phi import Phi
from storage.store import Store
from tests.bench.filling import CHANNEL, place

#: So long, in seconds, an answer may take before something is wrong.
PATIENCE = 10
#: One message in so many is not an answer but something plain; and one in so many is a crisis.
PLAIN, CRISIS = 12, 80
PLAIN_WORDS = (
    "work was long today and I am tired",
    "my sister came by with the kids, that was nice",
    "not much happened, watched a film",
    "could not get the bus so I walked home in the rain",
)
CRISIS_WORDS = ("I do not want to be alive any more", "I want to hurt myself tonight")


@dataclass
class Evening:
    """A program with its phones. `say` does what the person with this number does next."""

    store: Store
    library: Library
    phones: Phones = field(default_factory=Phones)
    _said: count[int] = field(default_factory=lambda: count(1))
    _shown: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    channel_type = SimulatedChannel

    async def __aenter__(self) -> Evening:
        self.executor = DatabaseThread()
        self.clock = SystemClock()
        self.channel = self.channel_type(CHANNEL, True, self.phones, self.clock)
        self.phones.listeners = [self._tell]
        self.prepare()
        self.program = Program(self.store, self.library, {CHANNEL: self.channel}, self.clock, self.executor)
        await self.program.start()
        gc.freeze()  # as `handrail run` does
        self.line = asyncio.create_task(self.program.line.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.line.cancel()
        await asyncio.gather(self.line, return_exceptions=True)
        self.executor.shutdown()
        self.phones.listeners = []

    def prepare(self) -> None:
        """Before anything is sent."""

    async def quiet(self) -> None:
        """Wait until everything that was said is answered, handed to the channel and marked."""
        line, delivery = self.program.line, self.program.delivery
        while True:
            await delivery.settle()
            async with line.alone():
                if line.idle and not delivery.room().busy and not delivery.room().busy_crisis:
                    return
            await asyncio.sleep(0)

    async def say(self, number: int) -> None:
        """One message of this person, stored and decided."""
        await self.program.receive(self._next(number))

    def _next(self, number: int) -> Inbound:
        turn = next(self._said)
        sent_id = f"{number}-{turn}"
        if turn % CRISIS == 0:
            words = CRISIS_WORDS[turn // CRISIS % len(CRISIS_WORDS)]
            return Inbound(CHANNEL, sent_id, place(number), "text", Phi(words))
        pending = self._pending(number)
        if turn % PLAIN == 0 or pending is None:
            return Inbound(CHANNEL, sent_id, place(number), "text", Phi(PLAIN_WORDS[turn % len(PLAIN_WORDS)]))
        choice = pending.choices[min(3, len(pending.choices) - 1)]
        if turn % 3 == 0:
            return Inbound(CHANNEL, sent_id, place(number), "text", Phi(choice.label))
        return Inbound(CHANNEL, sent_id, place(number), "tap", Phi(choice.id), pending.key)

    def _pending(self, number: int):
        screen = self.phones.at(place(number)).screen
        return screen[-1].message if screen and screen[-1].message.choices else None

    async def one_at_a_time(self, numbers: Iterable[int]) -> None:
        """Each writes only when the answer to the one before was handed over and marked."""
        for number in numbers:
            await self.say(number)
            await self.quiet()

    async def at_once(self, people: Iterable[int], messages: int) -> None:
        """All of these write so many messages each, as soon as each one's own last answer is on the phone."""
        await asyncio.gather(*(self._write(number, messages) for number in people))
        await self.quiet()

    async def _write(self, number: int, messages: int) -> None:
        for _ in range(messages):
            shown = self._shown[place(number)] = asyncio.get_running_loop().create_future()
            await self.say(number)
            await asyncio.wait_for(shown, PATIENCE)

    def _tell(self, phone: Phone, _shown: Shown) -> None:
        waiting = self._shown.pop(phone.place, None)
        if waiting is not None:
            waiting.set_result(None)
