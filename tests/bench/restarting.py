"""How long somebody waits whose message was written while we were down, with three hundred rooms: beside stock
matrix-nio, which is another device of the same account and answers the same message."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median

from tests.bench import bots
from tests.bench.bots import Bot
from tests.bench.evening import PLAIN_WORDS
from tests.bench.figures import Figure, for_the_record, middle
from tests.bench.ground import Ground
from tests.bench.rooms import PATIENCE, Person, apps
from tests.support.homeserver import Account, Homeserver, homeserver
from tests.support.matrix import stock_client

ROOMS, QUICK_ROOMS = 300, 30
#: So many people are signed up at the same time.
AT_ONCE = 4
#: So many seconds after an answer a bot is killed: what belongs to it is over by then.
SETTLES = 1


def first_answer(ground: Ground) -> list[Figure]:
    """The benchmark `matrix-restart`."""
    count = QUICK_ROOMS if ground.quick else ROOMS
    with homeserver(ground.folder / "restarting-synapse") as server:
        took = asyncio.run(_measure(ground, server, count, 2 if ground.quick else 7))
    ours, theirs = took["ours"], took["stock matrix-nio"]
    shown = [f"{median(each):.2f} s" for each in (ours, theirs)]
    name = f"matrix-restart, {count} rooms / stock matrix-nio"
    return [for_the_record(name, *shown, middle(theirs, ours), seconds=took)]


async def _measure(ground: Ground, server: Homeserver, count: int, runs: int) -> dict[str, list[float]]:
    account = await server.sign_up("handrail")
    people = [await server.sign_up(f"person{number}") for number in range(count)]
    folder = ground.folder / "restarting"
    ours = await bots.handrail(server, account, folder, people)
    theirs = bots.stock(server, account, ground.folder / "restarting-stock")
    (folder / "apps").mkdir()
    rooms = await _rooms(server, account, people, folder / "apps")
    took: dict[str, list[float]] = {ours.name: [], theirs.name: []}
    async with apps(server, people[:runs], folder / "apps") as writers:
        for person, room_id in zip(writers, rooms, strict=False):
            person.rooms[account.user_id] = room_id
        await _everybody_has_spoken(server, ours, theirs, writers)
        for number, person in enumerate(writers):
            await person.writes(account, PLAIN_WORDS[0])
            for bot in (ours, theirs) if number % 2 else (theirs, ours):
                took[bot.name].append(await _start_once(bot, person))
    return took


async def _rooms(server: Homeserver, bot: Account, people: list[Account], folder: Path) -> list[str]:
    """One encrypted room of each with the bot, and everybody's keys on the homeserver."""
    some = asyncio.Semaphore(AT_ONCE)

    async def meets(number: int, account: Account) -> str:
        async with some:
            person = Person(stock_client(server, account, folder / f"{number}"))
            await person.app.keys_upload()
            await person.meets(server, bot)
            await person.app.close()
            return person.rooms[bot.user_id]

    return await asyncio.gather(*(meets(number, account) for number, account in enumerate(people)))


async def _everybody_has_spoken(server: Homeserver, ours: Bot, theirs: Bot, writers: list[Person]) -> None:
    """Both have been there before, and have answered each of these people."""
    async with ours.running(), theirs.running():
        await theirs.has_keys(server, devices=2)
        for person in writers:
            await person.sees(ours.account)
            answered = person.awaits(ours.account, answers=3)  # the program also greets them
            await person.writes(ours.account, PLAIN_WORDS[1])
            await asyncio.wait_for(answered, PATIENCE)
        await asyncio.sleep(SETTLES)


async def _start_once(bot: Bot, person: Person) -> float:
    """Seconds from the start to the answer."""
    answered = person.awaits(bot.account)
    begun = time.perf_counter()
    async with bot.running():
        await asyncio.wait_for(answered, PATIENCE)
        took = time.perf_counter() - begun
        await asyncio.sleep(SETTLES)
    return took
