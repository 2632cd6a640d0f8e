"""Phones that exist only in this program: for rehearsals, the demo, and trying things out.

It keeps the promises of a real channel: messages arrive in order, a repeat under the same key is shown once, and it can
be broken on purpose.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.base import DeliveryError, Receipt, Receive
from bot.clock import Clock
from storage.outbox import Sendable


@dataclass(frozen=True, slots=True)
class Shown:
    """A message on a phone's screen."""

    at: datetime
    message: Sendable

    @property
    def buttons(self) -> tuple[str, ...]:
        return tuple(choice.label for choice in self.message.choices)


@dataclass(slots=True)
class Phone:
    """One person's phone: everything that was shown on it, in order."""

    place: str
    screen: list[Shown] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Phones:
    """All simulated phones of one network. They outlive the program, as real phones do."""

    by_place: dict[str, Phone] = field(default_factory=dict)
    listeners: list[Callable[[Phone, Shown], None]] = field(default_factory=list)

    def at(self, place: str) -> Phone:
        return self.by_place.setdefault(place, Phone(place))


@dataclass(slots=True)
class Faults:
    """What is broken just now."""

    places: set[str] = field(default_factory=set)  # sends to these phones fail
    channels: set[str] = field(default_factory=set)  # these channels are down
    pages: bool = False  # no page gets through to anybody
    blocked: set[str] = field(default_factory=set)  # these phones refuse for good


class SimulatedChannel:
    """The channel of the simulated phones; `private` as end-to-end encrypted ones are, or public."""

    recognises_repeats = True

    def __init__(self, name: str, private: bool, phones: Phones, clock: Clock, faults: Faults | None = None) -> None:
        self.name = name
        self.private = private
        self.phones = phones
        self.clock = clock
        self.faults = faults if faults is not None else Faults()

    async def run(self, receive: Receive) -> None:
        """People write through the program's own door; there is nothing to poll."""
        await asyncio.Event().wait()

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        """Show a message on the phone, once a key."""
        faults = self.faults
        if outbound.place in faults.blocked:
            raise DeliveryError("blocked", permanent=True)
        broken = self.name in faults.channels or outbound.place in faults.places
        if broken or (faults.pages and outbound.page is not None):
            raise DeliveryError("broken on purpose")
        phone = self.phones.at(outbound.place)
        if key not in phone.keys:
            phone.keys.add(key)
            shown = Shown(self.clock.now(), outbound)
            phone.screen.append(shown)
            for listener in self.phones.listeners:
                listener(phone, shown)
        return Receipt(delivered_at=self.clock.now())

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def reachable(self, address: str) -> bool:
        """Every simulated phone is, unless it was broken on purpose."""
        return address not in self.faults.blocked
