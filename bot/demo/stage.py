"""One showing: the real program on a database of its own, on simulated phones, at the pace of a paced clock.

Whoever watches gets everything there is to see as one plain value, so that nothing can be shown twice or missed.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.base import Inbound
from bot.channels.simulated import Faults, Phone, Phones, Shown, SimulatedChannel
from bot.clock import PacedClock
from bot.database_thread import DatabaseThread
from bot.demo.cast import Cast, Character
from bot.demo.handset import Bubble, Handset, milliseconds
from bot.demo.standing import standing
from bot.demo.telling import Told, tell
from bot.program import Program
from flows.case import Case
from flows.ladder import Roster
from flows.library import Library
from flows.phi import Phi
from storage import chronicle
from storage.chronicle import Chronicle
from storage.dialect import engine_for
from storage.keyfile import MasterKey
from storage.people import Registry, fresh_registry
from storage.store import Store, Unit
from storage.upgrade import create_throwaway

SPEEDS = (1.0, 60.0)
_WRITTEN = {"panic": "I need help now", "location": "My position"}
#: The page looks for what is due at least so often (in seconds), whatever the clock says.
LONGEST_NAP = 0.5
SHORTEST_NAP = 0.02
#: Somebody who cannot be reached is tried so often on the way to the next thing worth seeing.
MOST_TRIES = 500
CHANNELS = {"private": True, "public": False}


class NoSuchThing(Exception):
    """Somebody, a message or a button that is not here."""


class Stage:
    """One showing of one story's people. `changed` is called whenever there is something new to see."""

    def __init__(
        self, library: Library, starts: datetime, seat: Callable[[Unit], Cast], changed: Callable[[], None]
    ) -> None:
        self.run_id = secrets.token_hex(4)
        self.library = library
        self.clock = PacedClock(starts)
        self.changed = changed
        self.faults = Faults()
        self._folder = tempfile.TemporaryDirectory(prefix="handrail-demo-")
        self._executor = DatabaseThread()
        self.remarks: list[Told] = []
        self._phones = Phones(listeners=[self._shown])
        self._numbers = itertools.count(1)
        self._registry = Registry("", Roster(), {})
        self._tasks: list[asyncio.Task[None]] = []
        self._nudge = asyncio.Event()
        self._closed = False
        self._key = MasterKey(secrets.token_bytes(32))
        engine = self._engine()
        create_throwaway(engine)
        self.store = Store(engine, self._key)
        with self.store.begin(starts) as unit:  # not a moment later: something may be due at the very start
            self.cast = seat(unit)
        self.handsets = {one.key: Handset(one) for one in self.cast.people}
        self._by_place = {(one.channel, one.place): self.handsets[one.key] for one in self.cast.people}
        self._channels = {
            name: SimulatedChannel(name, private, self._phones, self.clock, self.faults)
            for name, private in CHANNELS.items()
        }
        self.program = self._new_program()

    def _engine(self) -> Any:
        return engine_for(f"sqlite:///{Path(self._folder.name) / 'demo.db'}", throwaway=True)

    def _new_program(self) -> Program:
        return Program(self.store, self.library, self._channels, self.clock, self._executor)

    # -- up and down -----------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Start the program, its line and its clock."""
        self._tasks = [asyncio.create_task(self.program.line.run()), asyncio.create_task(self._beat())]
        await self.program.start()
        await self.quiet()

    async def close(self) -> None:
        """Stop everything and delete the database with all that is in it."""
        self._closed = True
        await self._stop()
        self._executor.shutdown(wait=True)
        self.store.close()
        self._folder.cleanup()

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.program.delivery.abandon()

    async def _beat(self) -> None:
        """The heartbeat at the pace of the clock: awake at the moment the next thing falls due."""
        while True:
            moment = await self.program.line.run_in_store(self.program.next_moment)
            wait = LONGEST_NAP
            if moment is not None:
                wait = min(wait, (moment - self.clock.now()).total_seconds() / self.clock.speed)
            if wait > 0:
                # Not wait_for: on Python 3.11 that can swallow a cancellation, and nothing would ever stop.
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._nudge.wait()
                self._nudge.clear()
            else:
                self.program.line.tick()
                await self.quiet()
                await asyncio.sleep(SHORTEST_NAP)

    async def quiet(self) -> None:
        """Returns once everything has happened that can happen without time moving on."""
        calm = 0
        while calm < 3 and not self._closed:
            await self.program.line.run_in_store(lambda: None)  # whatever cycle is under way is over after this
            await self.program.delivery.settle()
            await asyncio.sleep(0)
            calm = calm + 1 if self.program.line.idle else 0
        self.changed()

    # -- what people do --------------------------------------------------------------------------------------------

    async def says(self, who: str, words: str) -> None:
        """Somebody writes something on their phone."""
        await self.does(who, "text", words)

    async def calls_for_help(self, who: str) -> None:
        """The key that is always on a participant's screen."""
        await self.does(who, "panic")

    async def taps(self, who: str, bubble_id: str, choice_id: str) -> None:
        """A button under a message. Raises NoSuchThing for one that is not there."""
        bubble = self._handset(who).bubble(bubble_id)
        if bubble is None or choice_id not in dict(bubble.choices):
            raise NoSuchThing(choice_id)
        await self.does(who, "tap", choice_id, bubble_id)

    async def does(self, who: str, kind: str, body: str = "", key: str = "") -> None:
        """Anything that a person can do (see `Inbound`); returns once all that follows at once has happened."""
        handset = self._handset(who)
        number = next(self._numbers)
        shown = self._chosen(handset, body, key) if kind == "tap" else _WRITTEN.get(kind, body)
        bubble = Bubble(f"{self.run_id}-{number}", self.clock.now(), mine=True, text=shown, stored=False)
        handset.bubbles.append(bubble)
        self.changed()
        person = handset.character
        await self.program.receive(Inbound(person.channel, bubble.id, person.place, kind, Phi(body), key))
        bubble.stored = True
        await self.quiet()
        self._nudge.set()

    def _chosen(self, handset: Handset, choice_id: str, key: str) -> str:
        """Mark a button as pressed; returns what was on it."""
        bubble = handset.bubble(key)
        if bubble is None:
            return choice_id
        bubble.chosen = choice_id
        return dict(bubble.choices).get(choice_id, choice_id)

    def _handset(self, who: str) -> Handset:
        found = self.handsets.get(who)
        if found is None:
            raise NoSuchThing(who)
        return found

    def _shown(self, phone: Phone, shown: Shown) -> None:
        message = shown.message
        handset = self._by_place.get((message.channel, phone.place))
        if handset is None:
            return
        choices = tuple((choice.id, choice.label) for choice in message.choices)
        page = message.page.level.word if message.page else ""
        handset.bubbles.append(Bubble(message.key, shown.at, mine=False, text=message.text, choices=choices, page=page))
        self.changed()

    # -- time and trouble ------------------------------------------------------------------------------------------

    def run_at(self, speed: float) -> None:
        """Another pace."""
        self.clock.run_at(speed)
        self._nudge.set()
        self.changed()

    async def next_moment(self) -> datetime | None:
        """When the next thing falls due."""
        return await self.program.line.run_in_store(self.program.next_moment)

    async def skip(self) -> None:
        """Put the clock forward to the next thing worth seeing, and let it happen. Tries that fail again are not."""
        before, wanted = await self.program.line.run_in_store(self._landmarks)
        for _ in range(MOST_TRIES):
            moment = await self.next_moment()
            if moment is None:
                return
            await self.move_to(moment)
            seen, _ = await self.program.line.run_in_store(self._landmarks)
            if seen != before or (wanted is not None and moment >= wanted):
                return

    def _landmarks(self) -> tuple[int, datetime | None]:
        """How much there is to see, and when the next thing falls due."""
        told = self._chronicle()
        messages = sum(len(handset.bubbles) for handset in self.handsets.values())
        return messages + len(told.entered), told.waits[0].due_at if told.waits else None

    async def move_to(self, moment: datetime) -> None:
        """Put the clock forward to `moment`; what is due then happens."""
        self.clock.move_to(moment)
        self.program.line.tick()
        await self.quiet()
        self._nudge.set()

    async def set_reachable(self, who: str, *, reachable: bool) -> None:
        """Switch somebody's phone off, or on again."""
        place = self._handset(who).character.place
        if reachable:
            self.faults.places.discard(place)
        else:
            self.faults.places.add(place)
        await self.quiet()

    async def restart(self) -> None:
        """The program is killed without warning, and started again on the same database."""
        await self._stop()
        self.store.close()
        self.store = Store(self._engine(), self._key)
        self.program = self._new_program()
        await self.open()

    # -- what there is to see --------------------------------------------------------------------------------------

    async def view(self) -> dict[str, Any]:
        """Everything, as plain values for the page."""
        seen = await self.program.line.run_in_store(self._look)
        return seen | {
            "run": self.run_id,
            "clock": {
                "now": milliseconds(self.clock.now()),
                "speed": self.clock.speed,
                "zone": self.library.settings.programme.zone,
            },
            "people": [self._person(one) for one in self.cast.people],
            "phones": {key: [one.as_json() for one in handset.bubbles] for key, handset in self.handsets.items()},
        }

    def _chronicle(self) -> Chronicle:
        with self.store.begin(self.clock.now()) as unit:
            self._registry = fresh_registry(unit, self._registry)
            return chronicle.read(unit, [one.person_id for one in self.cast.participants])

    def _look(self) -> dict[str, Any]:
        told = self._chronicle()
        lines = [line.as_json() for line in tell(told, self.cast, self.library, self.remarks)]
        return {"log": lines, "standing": standing(told, self.cast, self.library, self._registry.roster)}

    def screen(self, who: str) -> list[Shown]:
        """Everything that was shown on somebody's phone."""
        return self._phones.at(self._handset(who).character.place).screen

    def open_case(self, who: str) -> Case | None:
        """The open case of a participant."""
        with self.store.begin(self.clock.now()) as unit:
            cases = chronicle.read(unit, [self._handset(who).character.person_id]).cases
        return next((case for case in reversed(cases) if case.state != "closed"), None)

    def _person(self, one: Character) -> dict[str, Any]:
        return {
            "key": one.key,
            "name": one.name,
            "first": one.first_name,
            "seat": one.seat,
            "short": one.short,
            "channel": "private" if CHANNELS[one.channel] else "not encrypted",
            "participant": one.takes_part,
            "reachable": one.place not in self.faults.places,
        }
