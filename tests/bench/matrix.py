"""Messages in and out of encrypted rooms: the whole program beside our client without our durability, beside stock
matrix-nio and beside maubot, which only answer. By turns, with the same people on the same homeserver.

Every answer is decrypted by the person it is for. What the homeserver and the people's apps cost is in the seconds and
not in the processor time, which is the bot's alone.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median

from tests.bench import bots, maubot
from tests.bench.bots import Bot
from tests.bench.evening import PLAIN_WORDS
from tests.bench.figures import Figure, for_the_record, middle, not_measured
from tests.bench.ground import Ground
from tests.bench.rooms import Person, apps
from tests.support.homeserver import Account, Homeserver, homeserver

#: So many people, who in each round write one message one after the other, and then so many all at the same time.
PEOPLE, EACH = 20, 3


@dataclass
class Rounds:
    """Of one bot, round by round: seconds to an answer, seconds a message in a crowd, processor seconds a message; and
    the share of a processor that it takes while nobody writes."""

    answer: list[float] = field(default_factory=list)
    crowd: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    idle: float = 0.0


def messages(ground: Ground) -> list[Figure]:
    """The benchmark `matrix`."""
    try:
        python = maubot.installed(ground.folder.parent / "maubot")
    except maubot.NotToBeHad:
        python = None
    with homeserver(ground.folder / "synapse") as server:
        rounds = asyncio.run(_measure(ground, server, python))
    ours = rounds.pop("ours")
    figures = [figure for name, theirs in rounds.items() for figure in _beside(name, ours, theirs)]
    return figures if python else [*figures, not_measured("matrix, beside maubot", "it cannot be installed here")]


def _beside(name: str, ours: Rounds, theirs: Rounds) -> list[Figure]:
    """All ratios say how much better we are: 2 is twice as fast, or half the cost."""

    def line(what: str, show, one: list[float], other: list[float]) -> Figure:
        ratio = middle(other, one)
        detail = {"rounds": {"ours": one, name: other}}
        return for_the_record(f"matrix, {what} / {name}", show(median(one)), show(median(other)), ratio, **detail)

    return [
        line("one answer", lambda seconds: f"{1000 * seconds:.0f} ms", ours.answer, theirs.answer),
        line("20 at once", lambda seconds: f"{1 / seconds:.0f} messages/s", ours.crowd, theirs.crowd),
        line("CPU", lambda seconds: f"{1000 * seconds:.1f} ms/message", ours.cpu, theirs.cpu),
        line("CPU when idle", lambda share: f"{1000 * share:.1f} ms/s", [ours.idle], [theirs.idle]),
    ]


async def _measure(ground: Ground, server: Homeserver, python) -> dict[str, Rounds]:
    people = [await server.sign_up(f"person{number}") for number in range(PEOPLE)]
    contestants = await _contestants(ground, server, python, people)
    (ground.folder / "apps").mkdir()
    rounds = {bot.name: Rounds() for bot in contestants}
    async with AsyncExitStack() as stack:
        for bot in contestants:
            await stack.enter_async_context(bot.running())
            await bot.has_keys(server)
        crowd = await stack.enter_async_context(apps(server, people, ground.folder / "apps"))
        for bot in contestants:
            for person in crowd:
                await person.meets(server, bot.account)
            await asyncio.gather(*(person.sees(bot.account) for person in crowd))
        for number in range(-1, 2 if ground.quick else 8):
            for bot in contestants[number % len(contestants) :] + contestants[: number % len(contestants)]:
                await _round(bot, crowd, rounds[bot.name], counts=number >= 0)
            if number < 0:
                for person in crowd:
                    person.unasked = 0  # the program greets whoever writes for the first time
        await _idle(contestants, rounds, 5 if ground.quick else 20)
        if any(person.unasked for person in crowd):
            raise RuntimeError("a message was answered more than once, so the answers were not those waited for")
    return rounds


async def _contestants(ground: Ground, server: Homeserver, python, people: list[Account]) -> list[Bot]:
    accounts = [await server.sign_up(name) for name in ("handrail", "alone", "stock", "maubot")]
    at = ground.folder
    found = [
        await bots.handrail(server, accounts[0], at / "handrail", people),
        bots.client_alone(server, accounts[1], at / "alone"),
        bots.stock(server, accounts[2], at / "stock"),
    ]
    return found if python is None else [*found, bots.with_maubot(python, server, accounts[3], at / "echo")]


async def _round(bot: Bot, crowd: list[Person], rounds: Rounds, *, counts: bool) -> None:
    """The first one, which does not count, shares keys and warms up."""
    cpu = bot.cpu()
    one_by_one = [await person.asks(bot.account, PLAIN_WORDS[0]) for person in crowd]
    begun = asyncio.get_running_loop().time()
    await asyncio.gather(*(_asks_on(person, bot) for person in crowd))
    together = asyncio.get_running_loop().time() - begun
    if counts:
        rounds.answer.append(median(one_by_one))
        rounds.crowd.append(together / (PEOPLE * EACH))
        rounds.cpu.append((bot.cpu() - cpu) / (PEOPLE * (EACH + 1)))


async def _asks_on(person: Person, bot: Bot) -> None:
    for number in range(EACH):
        await person.asks(bot.account, PLAIN_WORDS[number])


async def _idle(contestants: list[Bot], rounds: dict[str, Rounds], seconds: int) -> None:
    await asyncio.sleep(2)  # what follows an answer is over
    before = {bot.name: bot.cpu() for bot in contestants}
    await asyncio.sleep(seconds)
    for bot in contestants:
        # One tick at least: less than that cannot be seen, and nothing can be divided by it.
        rounds[bot.name].idle = max(bot.cpu() - before[bot.name], 1 / bots.TICKS) / seconds
