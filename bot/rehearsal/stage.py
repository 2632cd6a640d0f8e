"""The real program on a throw-away database, with simulated phones and a clock that moves when it is told to."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot.channels.base import Channel, Inbound
from bot.channels.simulated import Faults, Phone, Phones, Shown, SimulatedChannel
from bot.clock import VirtualClock
from bot.program import Program
from bot.rehearsal.enrolling import Place, enrol
from bot.rehearsal.file import Rehearsal
from flows.case import Case
from flows.ladder import Roster
from flows.library import Library
from flows.phi import Phi
from storage import people, situations
from storage.dialect import engine_for
from storage.keyfile import MasterKey
from storage.people import Registry
from storage.store import Store
from storage.upgrade import create_throwaway

CHANNELS = {"private": True, "public": False}
#: It seals nothing that lives longer than the rehearsal.
KEY = MasterKey(b"a key for rehearsals, and no more"[:32])


@contextmanager
def throwaway_database() -> Iterator[str]:
    """The address of a SQLite database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="handrail-rehearsal-", ignore_cleanup_errors=True) as folder:
        yield f"sqlite:///{Path(folder) / 'rehearsal.db'}"


class Stage:
    """Everything around the program. Phones, clock and faults survive a restart of it, as they do outside."""

    def __init__(self, rehearsal: Rehearsal, library: Library, url: str, starts: datetime) -> None:
        self.rehearsal = rehearsal
        self.library = library
        self.url = url
        self.clock = VirtualClock(starts)
        self.phones = Phones()
        self.faults = Faults()
        self.channels: dict[str, Channel] = {
            name: SimulatedChannel(name, private, self.phones, self.clock, self.faults)
            for name, private in CHANNELS.items()
        }
        self._sent = 0
        self.ids: dict[str, str] = {}
        self.elsewhere: dict[str, Place] = {}  # who is reached on another channel instead

    async def open(self, on_shown: Callable[[Phone, Shown], None]) -> None:
        """Make the database, put everybody in it, and start the program."""
        self.phones.listeners.append(on_shown)
        engine = engine_for(self.url, throwaway=True)
        create_throwaway(engine)
        store = Store(engine, KEY)
        with store.begin(self.clock.now()) as unit:
            self.ids = enrol(unit, self.rehearsal, self.library, self.elsewhere)
        self.program = Program(store, self.library, self.channels, self.clock)
        await self._start()

    async def restart(self) -> None:
        """Killed without warning, and started again on the same database."""
        self.program.abandon()
        store = Store(engine_for(self.url, throwaway=True), KEY)
        self.program = Program(store, self.library, self.channels, self.clock)
        await self._start()

    async def _start(self) -> None:
        await self.program.start()
        await self.program.settle()

    def close(self) -> None:
        """The end."""
        self.program.abandon()

    # -- what people do --------------------------------------------------------------------------------------------

    async def does(self, who: str, kind: str, body: str = "", key: str = "") -> None:
        """Somebody does something on their phone, and everything happens that follows from it at once."""
        self._sent += 1
        inbound = Inbound(self.rehearsal.people[who].channel, str(self._sent), who, kind, Phi(body), key)
        arriving = asyncio.create_task(self.program.receive(inbound))
        await asyncio.sleep(0)
        await self.program.settle()
        await arriving

    async def pass_time(self, until: datetime) -> None:
        """Everything due up to `until` happens, in order."""
        await self.program.advance(self.clock, until)

    def next_moment(self) -> datetime | None:
        """When the program has something to do next."""
        return self.program.next_moment()

    # -- what there is ---------------------------------------------------------------------------------------------

    def screen(self, who: str) -> list[Shown]:
        """Everything that was shown on somebody's phone."""
        return self.phones.at(who).screen

    def case_of(self, who: str) -> Case | None:
        """The open case of a participant."""
        person_id = self.ids[who]
        with self.program.store.begin(self.clock.now()) as unit:
            registry = people.fresh_registry(unit, Registry("", Roster(), {}))
            found = situations.load_participants(unit, [person_id], registry)
        return found[person_id][0].case if person_id in found else None

    def name_of(self, person_id: str) -> str:
        """The word that stands for somebody in the file."""
        return next((name for name, known in self.ids.items() if known == person_id), person_id)
