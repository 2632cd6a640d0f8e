"""The Matrix channel: from the letterbox into the line, and what was promised into encrypted rooms."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import ClientError

from bot.channels.base import DeliveryError, Receipt, Receive
from bot.channels.matrix.client import HardenedClient, OutOfStep
from bot.channels.matrix.files import send_file
from bot.channels.matrix.handing_on import hand_on
from bot.channels.matrix.listening import listen
from bot.channels.matrix.pace import Pace, TooFast
from bot.channels.matrix.rooms import forget_room, keep_house, room_for
from bot.channels.matrix.sending import send_once
from bot.channels.matrix.shared import end_shared, shared_room
from bot.channels.matrix.trust import confirm, is_refused, is_still_refused
from bot.channels.matrix.writing import POLL, POLL_KEY, content_of, poll_of
from bot.clock import Clock
from flows.settings import MatrixSettings
from storage.outbox import Sendable

log = structlog.get_logger()

#: What the server tells us is looked at at once. So often, in seconds, we look for what only time brings: words that
#: stayed locked for too long, rooms that stayed open.
LOOK_EVERY: Final = 1.0
#: So many seconds, what is to be said may wait for us to be connected. Refused at once, whatever was due at a start
#: counted as tried once more, and was put off for longer and longer.
CONNECTED_WITHIN: Final = 5.0
#: How long, in seconds, to wait when the line takes nothing.
PAUSE: Final = 1.0


async def nobody_confirmed(_user: str) -> str:
    """No other identity of anybody was ever confirmed."""
    return ""


async def _a_while_or(news: Awaitable[object]) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(news, LOOK_EVERY)


@dataclass(frozen=True, slots=True)
class House:
    """What the channel is told from outside: approved texts, which identities people have confirmed, how long rooms of
    ours keep what was said."""

    line: Callable[[str], str] = lambda _: ""
    confirmed: Callable[[str], Awaitable[str]] = nobody_confirmed
    settings: Callable[[], MatrixSettings] = MatrixSettings


class MatrixChannel:
    """One account on one homeserver. `connect` makes its client from what is on disk, and again when that is needed."""

    recognises_repeats = True  # the homeserver shows a message once a transaction

    def __init__(
        self, name: str, clock: Clock, connect: Callable[[], HardenedClient], house: House | None = None
    ) -> None:
        self.name = name
        self.private = True
        self.clock = clock
        self.house = house or House()
        self._connect = connect
        self._pace = Pace()
        self._client: HardenedClient | None = None
        self._connected = asyncio.Event()
        self._doors: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by person: nobody gets two rooms

    async def run(self, receive: Receive) -> None:
        """Hand over what arrives, until cancelled. Raises TokenRefused."""
        while True:
            client = self._connect()
            client.policy = self.house.settings().devices
            try:
                await self._live(client, receive)
            except OutOfStep as failure:
                log.warning("the Matrix client is made anew", reason=str(failure))
                await asyncio.sleep(PAUSE)
            finally:
                self._client = None
                self._connected.clear()
                await client.close()
                client.box.close()

    async def _live(self, client: HardenedClient, receive: Receive) -> None:
        heard = asyncio.Event()
        tasks = [
            asyncio.create_task(listen(client, heard)),
            asyncio.create_task(self._hand_on(client, heard, receive)),
            asyncio.create_task(self._keep_house(client, heard)),
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hand_on(self, client: HardenedClient, heard: asyncio.Event, receive: Receive) -> None:
        await heard.wait()  # before that we do not know in which rooms we are
        self._client = client
        self._connected.set()
        while True:
            client.news.clear()
            refused = await hand_on(client, self.name, self.clock.now(), receive)
            if refused:
                await asyncio.sleep(PAUSE)
            elif not client.box.waiting(1):  # somebody may have more than we take in a row
                await _a_while_or(client.news.wait())

    async def _keep_house(self, client: HardenedClient, heard: asyncio.Event) -> None:
        """Beside the letters: a homeserver may take a minute to let us into a room, and nobody's words wait for it."""
        await heard.wait()
        while True:
            await keep_house(client, self.house.line)
            await _a_while_or(client.next_answer())

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        """Say it in the person's own encrypted room."""
        client = await self._once_connected()
        if await self._refuses(client, outbound.place):
            raise DeliveryError("their account shows an identity that nobody has confirmed")
        while True:
            await self._pace.my_turn(outbound.urgency)
            try:
                await self._say(client, outbound, key)
            except TooFast as refusal:
                self._pace.refused(refusal.seconds)
            except (ClientError, TimeoutError) as failure:
                raise DeliveryError(type(failure).__name__) from failure
            else:
                return Receipt()

    async def _say(self, client: HardenedClient, outbound: Sendable, key: str) -> None:
        room_id = await self._room(client, outbound)
        try:
            await send_once(client, key, room_id, "m.room.message", content_of(outbound))
            if outbound.poll:
                await send_once(client, f"{key}{POLL_KEY}", room_id, f"{POLL}.start", poll_of(outbound))
            if outbound.file is not None:
                await send_file(client, f"{key}file", room_id, outbound.file)
        except DeliveryError as refusal:
            if not refusal.permanent:
                raise
            forget_room(client, outbound.place, room_id)  # we were put out of it: the next try makes another one
            raise DeliveryError(refusal.reason) from refusal
        if outbound.room is not None and outbound.room.ends:
            await end_shared(client, outbound.room.key)

    async def _room(self, client: HardenedClient, outbound: Sendable) -> str:
        """Where it is to be said. What is for nobody else is said in the person's own room rather than not at all."""
        shared = outbound.room
        if shared is None or shared.ends or shared.rests:
            return await self._own_room(client, outbound.place)
        people, keep_for = [outbound.place, *shared.others], self.house.settings().keep_messages_for
        try:
            async with self._doors[shared.key]:
                return await shared_room(client, shared.key, people, keep_for)
        except DeliveryError as refusal:
            if shared.others:
                raise DeliveryError(refusal.reason) from refusal
            log.warning("a room could not be had", reason=refusal.reason)
            return await self._own_room(client, outbound.place)

    async def _own_room(self, client: HardenedClient, place: str) -> str:
        """A limit on rooms and invitations is none on what we say: nobody who has a room waits for it."""
        try:
            async with self._doors[place]:
                return await room_for(client, place, self.house.settings().keep_messages_for)
        except TooFast as refusal:
            raise DeliveryError(refusal.reason) from refusal

    async def _refuses(self, client: HardenedClient, user: str) -> bool:
        """Whether this account shows another identity, and no person has said by now that it is theirs."""
        if not is_refused(client, user) or confirm(client, user, await self.house.confirmed(user)):
            return False
        return await is_still_refused(client, user)

    async def _once_connected(self) -> HardenedClient:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._connected.wait(), CONNECTED_WITHIN)
        if self._client is None:
            raise DeliveryError("not connected")
        return self._client

    async def reachable(self, address: str) -> bool:
        """Whether we are connected at all; whether a phone is on, Matrix does not say."""
        return self._client is not None

    async def close(self) -> None:
        """Nothing is held open beyond `run`."""
