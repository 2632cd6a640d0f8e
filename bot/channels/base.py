"""What every channel is: it hands over what arrived, and sends what was promised."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from flows.phi import Phi
from storage.outbox import Sendable

if TYPE_CHECKING:
    from aiohttp import web


@dataclass(frozen=True, slots=True)
class Inbound:
    """Something that a person did on a channel. `external_id` is the channel's own id, the same on a repeat.

    `kind` is one of

    text        `body` the words
    tap         `key` the message it hung on, `body` the answer's id
    panic       the key that is always on the screen
    location    `body` as `latitude,longitude` in degrees
    edit        `body` the new words, `key` the channel's id of the message that was changed
    wordless    something without words: `body` one of `flows.event.WORDLESS`
    unreadable  something was said, and nobody can tell what: whoever said it is told, and a person looks
    noticed     nobody said anything: `body` one of `flows.event.NOTICED`
    seen        nobody said anything: they have read what we sent under `key`, and everything before it

    `reply_to` is the key of the message of ours that it quotes. It is not `trusted` where somebody else could have said
    it under this name: a participant is heard all the same, and nothing is done that only staff may do. `room` is the
    key of the shared room in which it was said.
    """

    channel: str
    external_id: str
    place: str
    kind: str
    body: Phi[str] = field(default_factory=lambda: Phi(""))
    key: str = ""
    reply_to: str = ""
    trusted: bool = True
    room: str = ""
    passing: bool = False  # it may not stay on their screen: the channel takes it away when it is old


@dataclass(frozen=True, slots=True)
class Receipt:
    """The channel took a message; `delivered_at` (UTC) where it knows that the phone has it; `mark` is the name that it
    has for the message, where it needs one. What is `passing` may not stay on the screen: the channel takes it
    away when it is old."""

    delivered_at: datetime | None = None
    mark: str = ""
    passing: bool = False


Receive = Callable[[Inbound], Awaitable[None]]


class DeliveryError(Exception):
    """The message did not get through. `permanent` means that trying again cannot help; `ambiguous`, that it may have
    arrived all the same."""

    def __init__(self, reason: str, *, permanent: bool = False, ambiguous: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.ambiguous = ambiguous


class Channel(Protocol):
    """One way to reach people. `private` says whether it is end-to-end encrypted."""

    name: str
    private: bool
    recognises_repeats: bool  # a second send under the same key does not show twice

    async def run(self, receive: Receive) -> None:
        """Hand over what arrives, until cancelled. What `receive` did not take is offered again."""

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        """Send one message. Raises DeliveryError. `key` is the same on every try."""

    async def close(self) -> None:
        """Let go of everything. `run` has ended by then."""

    async def reachable(self, address: str) -> bool:
        """Whether this address can be reached at all, as far as the channel knows."""


@runtime_checkable
class Door(Protocol):
    """A channel to which something comes by the web."""

    def routes(self) -> list[web.RouteDef]:
        """What the programme's server answers for it."""
