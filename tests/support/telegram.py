"""A whole small programme on Telegram: one participant, one therapist, and the program between them.

Telegram itself is a server of our own (tests/fakes/telegram); the sockets, the client and the program are real.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.channels.base import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.opening import sign_in_with, telegram_channel
from bot.database_thread import DatabaseThread
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.grant import Role
from flows.library import Library
from storage import invites, people
from storage.people import NewPerson
from storage.store import Store
from tests.fakes.telegram import Phone, Telegram, bot_api
from tests.support.clinic import EVENING, ZONE, clock_from, going
from tests.support.shelves import store_at

ANA = NewPerson(Role.THERAPIST, "Ana Lopez", "en", ZONE.key, person_id="ana")
MAYA = NewPerson(
    Role.PARTICIPANT, "Maya Rivers", "en", ZONE.key, therapist_id="ana", check_in_at="21:00", person_id="maya"
)


@dataclass
class TelegramClinic:
    """The programme, the bot it speaks as, and two phones; both have followed their links."""

    telegram: Telegram
    program: Program
    store: Store
    channel: TelegramChannel
    maya: Phone
    ana: Phone

    def invite(self, person_id: str) -> str:
        """The code of a link for somebody."""
        with self.store.begin(self.program.clock.now()) as unit:
            return invites.invite(unit, person_id, "telegram")


def with_telegram(library: Library, **how: object) -> Library:
    """The same, with other settings for Telegram."""
    settings = library.settings
    changed = settings.model_copy(update={"telegram": settings.telegram.model_copy(update=how)})
    return replace(library, settings=changed)


@asynccontextmanager
async def telegram_clinic(
    folder: Path,
    *,
    starts: datetime = EVENING,
    connected: bool = True,
    roots: Sequence[Path] = (),
    others: Sequence[NewPerson] = (),
    discreet: bool = False,
    token: str = "1:test",
) -> AsyncIterator[TelegramClinic]:
    """The program is up. Unless `connected`, nobody has followed a link yet. `roots` lie over the shipped files.
    What the program says by itself comes covered only with `discreet`."""
    library = with_telegram(load_library([shipped_config(), *roots]), discreet=discreet)
    async with bot_api(token) as telegram:
        facts = await sign_in_with(telegram.token, telegram.root)
        with store_at(f"sqlite:///{folder / 'handrail.db'}") as store, DatabaseThread() as executor:
            clock = clock_from(starts)
            with store.begin(clock.now()) as unit:
                for person in (ANA, MAYA, *others):
                    people.add_person(unit, person)
            channels: dict[str, Channel] = {}
            program = Program(store, library, channels, clock, executor)
            channels["telegram"] = channel = telegram_channel(facts, program)
            maya, ana = telegram.user("Maya"), telegram.user("Ana")
            clinic = TelegramClinic(telegram, program, store, channel, maya, ana)
            async with going(program, channel, clock):
                if connected:
                    for phone, person_id in ((ana, "ana"), (maya, "maya")):
                        await phone.start(clinic.invite(person_id))
                        await phone.sees("You are connected")
                yield clinic
            await channel.close()
