"""Two that send the same check-ins and pages on Telegram: the program, and python-telegram-bot with its own limiter."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.ext import AIORateLimiter, ExtBot

from bot.channels.telegram.opening import telegram_channel
from bot.clock import SystemClock
from bot.database_thread import DatabaseThread
from bot.program import Program
from flows.level import Level
from flows.message import Outbound, Page, Urgency
from flows.policy import Role
from storage import outbox, people
from storage import tables as t
from storage.people import NewPerson
from storage.store import Store
from tests.bench import filling
from tests.bench.filling import CHANNEL, person_id
from tests.bench.ground import Ground
from tests.bench.telegram_server import TOKEN, Server

QUESTION = "How is your mood right now, from 0 (very low) to 10 (very good)?"


@dataclass
class Work:
    """What is to be sent: a check-in to each of `participants`, and at these moments (seconds from the beginning) a
    page to the next of `staff`."""

    participants: list[int]
    staff: list[int]
    pages: list[float]

    def paged(self, number: int) -> int:
        return self.staff[number % len(self.staff)]


@dataclass
class Ours:
    """The program: rows in a database, delivery, the channel."""

    ground: Ground
    server: Server
    work: Work
    promised: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        store = self._filled()
        with DatabaseThread() as executor:
            program = Program(store, self.ground.library, {}, SystemClock(), executor)
            channel = telegram_channel({"token": TOKEN, "server": self.server.root}, program)
            program.channels[CHANNEL] = channel
            line = asyncio.create_task(program.line.run())
            heart = asyncio.create_task(_beat(program))
            await program.start()
            await _at_these_moments(self.work.pages, lambda number: self._page(program, number))
            while await program.line.run_in_store(lambda: _left(store)):  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(1)
            for task in (line, heart):
                task.cancel()
            await asyncio.gather(line, heart, return_exceptions=True)
            await channel.close()
        store.close()
        self.ground.drop("telegram")

    def _filled(self) -> Store:
        """Everybody, and the check-ins that wait."""
        now, work = datetime.now(UTC), self.work
        store = filling.programme(self.ground.url("telegram"), self.ground.master, now)
        everybody = len(work.participants)
        filling.enrol(store, everybody, now, now + timedelta(days=1), at=lambda one: str(work.participants[one]))
        filling.promise_check_ins(store, range(everybody), now)
        with store.begin(now) as unit:
            for chat in work.staff:
                place = ((CHANNEL, str(chat), False),)
                someone = NewPerson(Role.THERAPIST, "Okafor", "en", "UTC", person_id=f"staff{chat}", places=place)
                people.add_person(unit, someone)
        return store

    async def _page(self, program: Program, number: int) -> None:
        chat = self.work.paged(number)
        self.promised[f"{chat} page {number}"] = time.time()

        def promise() -> None:
            page = Page(number + 1, Level.URGENT, 1, 1)
            message = Outbound(f"staff{chat}", f"page {number}", Urgency.CRISIS, "care.page@1", page=page)
            with program.store.begin(program.clock.now()) as unit:
                address = select(t.address.c.id).where(t.address.c.person_id == message.to)
                outbox.promise(unit, [(message, unit.connection.execute(address).scalar_one(), person_id(number))])

        await program.line.run_in_store(promise)
        program.line.tick()


async def _beat(program: Program) -> None:
    while True:
        program.line.tick()
        await asyncio.sleep(1)


def _left(store: Store) -> int:
    with store.begin(datetime.now(UTC)) as unit:
        waiting = t.outbox.c.state.in_(("waiting", "later", "sending"))
        return unit.connection.execute(select(func.count()).select_from(t.outbox).where(waiting)).scalar_one()


@dataclass
class Stock:
    """python-telegram-bot, all check-ins given to it at once, as a job that sends them would. A message that Telegram
    refuses it tries again five times; left to itself, it would be lost."""

    server: Server
    work: Work
    promised: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        logging.getLogger("telegram").setLevel(logging.CRITICAL)  # it writes down each message that it gives up
        bot = ExtBot(TOKEN, f"{self.server.root}/bot", rate_limiter=AIORateLimiter(max_retries=5))
        answers = InlineKeyboardMarkup([[InlineKeyboardButton(one, callback_data=one) for one in ("0", "10")]])
        async with bot:
            check_ins = (bot.send_message(chat, QUESTION, reply_markup=answers) for chat in self.work.participants)
            tasks = [asyncio.create_task(one) for one in check_ins]
            pages: list[asyncio.Task] = []

            async def page(number: int) -> None:
                chat = self.work.paged(number)
                self.promised[f"{chat} page {number}"] = time.time()
                pages.append(asyncio.create_task(bot.send_message(chat, f"page {number}")))

            await _at_these_moments(self.work.pages, page)
            await asyncio.gather(*tasks, *pages, return_exceptions=True)


async def _at_these_moments(moments: list[float], act) -> None:
    begun = time.monotonic()
    for number, moment in enumerate(moments):
        await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
        await act(number)
