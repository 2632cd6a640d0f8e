"""A page's way from `receive` to the channel's `send`, alone and in front of a hundred thousand check-ins.

The network takes each check-in in thirty milliseconds, as a rate-limited one would; a page at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from bot.channels.base import Inbound, Receipt
from bot.channels.simulated import SimulatedChannel
from flows.message import Urgency
from storage.outbox import Sendable
from tests.bench import filling
from tests.bench.evening import Evening
from tests.bench.figures import Figure, at_most, quantile
from tests.bench.filling import CHANNEL, place
from tests.bench.ground import LARGE, Ground

#: What the network takes for one check-in, and the pause between two calls for help, in seconds.
SLOW, PAUSE = 0.030, 0.007
TAPS = 25


class Network(SimulatedChannel):
    """Says when the first page about each person was sent. Check-ins stand still while `open` is not set."""

    def watch(self) -> None:
        self.open = asyncio.Event()
        self.paged: dict[str, asyncio.Future[float]] = {}

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        waiting = self.paged.get(outbound.subject_id)
        if outbound.page is not None and waiting is not None and not waiting.done():
            waiting.set_result(time.perf_counter())
        if outbound.urgency is Urgency.BULK:
            await self.open.wait()
            await asyncio.sleep(SLOW)
        return await super().send(outbound, key)


class Calls(Evening):
    """An evening on which people press the key for help."""

    channel_type = Network

    def prepare(self) -> None:
        self.channel.watch()

    async def calls(self, numbers: Iterator[int], taps: int) -> list[float]:
        """Seconds from `receive` to the page's `send`, one person after the other."""
        network = self.channel
        network.open.set()
        took = []
        for number in [next(numbers) for _ in range(taps)]:
            await asyncio.sleep(PAUSE * (1 + number % 3))
            paged = network.paged[filling.person_id(number)] = asyncio.get_running_loop().create_future()
            begun = time.perf_counter()
            await self.program.receive(Inbound(CHANNEL, f"panic-{number}", place(number), "panic"))
            took.append(await asyncio.wait_for(paged, 20) - begun)
        network.open.clear()
        return took


def behind_bulk(ground: Ground) -> list[Figure]:
    alone, behind, left = asyncio.run(_measure(ground, 4 if ground.quick else 24))
    (alone_50, alone_99), (behind_50, behind_99) = (
        [quantile(each, share) * 1000 for share in (0.5, 0.99)] for each in (alone, behind)
    )
    detail = {"alone": alone, "behind": behind, "still waiting at the end": left}
    return [
        at_most("page-behind-bulk, p50", f"{behind_50:.1f} ms", f"{alone_50:.1f} ms", behind_50 / alone_50, 3),
        at_most(
            "page-behind-bulk, p99", f"{behind_99:.1f} ms", f"{alone_99:.1f} ms", behind_99 / alone_99, 3, **detail
        ),
    ]


async def _measure(ground: Ground, rounds: int) -> tuple[list[float], list[float], int]:
    alone, behind = [ground.store(ground.copy(ground.large, name)) for name in ("alone", "behind")]
    calling = TAPS * (rounds + 1)
    filling.promise_check_ins(behind, range(calling, LARGE), datetime.now(UTC))
    numbers = {"alone": count(), "behind": count()}
    async with Calls(alone, ground.library) as one, Calls(behind, ground.library) as other:
        await one.calls(numbers["alone"], TAPS)
        await other.calls(numbers["behind"], TAPS)
        took = [], []
        for _ in range(rounds):
            took[0].extend(await one.calls(numbers["alone"], TAPS))
            took[1].extend(await other.calls(numbers["behind"], TAPS))
        left = LARGE - calling - sum(len(phone.screen) == 1 for phone in other.phones.by_place.values())
        if left == LARGE - calling:
            raise RuntimeError("no check-in went, so the pages were behind nothing")
        other.program.delivery.abandon()
    alone.close()
    behind.close()
    ground.drop("alone", "behind")
    return *took, left
