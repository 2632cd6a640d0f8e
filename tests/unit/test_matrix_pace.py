"""The little that a homeserver allows is kept for a crisis."""

from __future__ import annotations

import asyncio

from bot.channels.matrix.pace import Pace
from flows.message import Urgency

#: Seconds that a homeserver takes nothing: long enough that the order is the pace's, and not the machine's.
SECONDS = 0.1


async def order_of(pace: Pace, *classes: Urgency) -> list[Urgency]:
    """In which order messages go that were given to it in this order, a moment apart."""
    gone: list[Urgency] = []

    async def goes(urgency: Urgency) -> None:
        await pace.my_turn(urgency)
        gone.append(urgency)

    tasks = []
    for urgency in classes:
        tasks.append(asyncio.create_task(goes(urgency)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return gone


async def test_without_a_refusal_nobody_waits() -> None:
    """Each goes at once, in the order they came."""
    classes = [Urgency.BULK, Urgency.CRISIS, Urgency.REPLY]
    assert await order_of(Pace(), *classes) == classes


async def test_after_a_refusal_a_crisis_goes_before_all_that_came_earlier() -> None:
    """Eight check-ins waiting for the homeserver do not hold up one page."""
    pace = Pace()
    pace.refused(SECONDS)
    gone = await order_of(pace, Urgency.BULK, Urgency.BULK, Urgency.REPLY, Urgency.CRISIS)
    assert gone == [Urgency.CRISIS, Urgency.BULK, Urgency.BULK, Urgency.REPLY]


async def test_what_is_no_crisis_leaves_half_of_it_free() -> None:
    """Between two ordinary messages there is always room for a page."""
    pace = Pace()
    pace.refused(SECONDS)
    gone: list[str] = []

    async def ordinary() -> None:
        for _ in range(3):
            await pace.my_turn(Urgency.REPLY)
            gone.append("ordinary")

    async def crisis() -> None:
        while gone.count("ordinary") < 3:
            await pace.my_turn(Urgency.CRISIS)
            gone.append("crisis")
            await asyncio.sleep(SECONDS)

    await asyncio.gather(ordinary(), crisis())
    first, last = gone.index("ordinary"), len(gone) - gone[::-1].index("ordinary")
    assert gone[first:last].count("crisis") >= 2


async def test_a_crisis_that_is_given_up_lets_the_others_go() -> None:
    """Its deadline passed while it waited; nobody may wait for it for ever."""
    pace = Pace()
    pace.refused(SECONDS)
    given_up = asyncio.create_task(pace.my_turn(Urgency.CRISIS))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await order_of(pace, Urgency.BULK) == [Urgency.BULK]
