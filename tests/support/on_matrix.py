"""The stage of a rehearsal with its people on Matrix: their phones are real apps, the program's channel is real too.

The clock stays the rehearsal's own, while the network is real: after every step we wait until what was sent has been
read. People whose channel is public keep their simulated phone.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nio import AsyncClient, MegolmEvent, RoomMessageText

from bot.channels.base import Inbound, Receipt
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.simulated import Phone, Shown
from bot.rehearsal.file import Rehearsal
from bot.rehearsal.screen import PANIC
from bot.rehearsal.stage import Stage
from flows.level import Level
from flows.library import Library
from flows.message import Choice, Page, Urgency
from storage.outbox import Sendable
from tests.support.between import Between, between
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import ENCRYPTED, hardened, stock

#: So many looks at a phone, each a tenth of a second at most, before something counts as never read.
LOOKS = 300
SCALE = re.compile(r"\bfrom (\d+) \([^)]*\) to (\d+) \([^)]*\)")
NUMBERED = re.compile(r"(\d+)\. (.+)")


class NeverCame(Exception):
    """On the network something that was to happen did not."""


class Counting(MatrixChannel):
    """The real channel. Remembers what it sent to whom, so that we know what must be read."""

    sent: defaultdict[str, set[str]]

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        receipt = await super().send(outbound, key)
        self.sent[outbound.place].add(key)
        return receipt


@dataclass
class App:
    """Somebody's phone: it joins where it is invited, and shows what it can decrypt."""

    client: AsyncClient
    room: str = ""
    read: dict[str, RoomMessageText] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    async def look(self) -> list[RoomMessageText]:
        """What is new on the screen."""
        answer = await self.client.sync(100, {"room": {"timeline": {"limit": 100}}})
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        for room_id, room in list(self.client.invited_rooms.items()):
            if room.inviter:
                await self.client.join(room_id)
                self.room = room_id
        shown = [event for room in answer.rooms.join.values() for event in room.timeline.events]
        return [event for event in shown if event.sender != self.client.user_id and self._is_new(event)]

    def _is_new(self, event: object) -> bool:
        """Whether this is a text that was not on the screen before."""
        if isinstance(event, MegolmEvent):
            self.unread.add(event.event_id)
        if not isinstance(event, RoomMessageText) or event.event_id in self.read:
            return False
        if not event.decrypted:
            raise NeverCame("something came in the clear")
        self.read[event.event_id] = event
        return True

    async def open_room(self, bot_id: str) -> None:
        """Begin a conversation, where there is none yet."""
        await self.look()
        if not self.room:
            made = await self.client.room_create(is_direct=True, invite=[bot_id], initial_state=[ENCRYPTED])
            self.room = made.room_id
        for _ in range(LOOKS):
            room = self.client.rooms.get(self.room)
            if room is not None and room.encrypted and bot_id in room.users and bot_id not in room.invited_users:
                return
            await self.look()
        raise NeverCame("the program did not come into the room")

    async def puts(self, content: dict[str, object]) -> str:
        sent = await self.client.room_send(self.room, "m.room.message", content, ignore_unverified_devices=True)
        return str(sent.event_id)


class MatrixStage(Stage):
    """Everybody whose channel is private has an account on `server`; the program has one too."""

    def __init__(
        self, server: Homeserver, folder: Path, rehearsal: Rehearsal, library: Library, url: str, starts: datetime
    ) -> None:
        super().__init__(rehearsal, library, url, starts)
        self.server, self.folder = server, folder
        self.apps: dict[str, App] = {}
        self.sent: defaultdict[str, set[str]] = defaultdict(set)
        self.heard: dict[str, asyncio.Task[None]] = {}
        self._heard_one = asyncio.Event()
        del self.channels["private"]

    # -- the world -------------------------------------------------------------------------------------------------

    async def open(self, on_shown: Callable[[Phone, Shown], None]) -> None:
        ready = asyncio.Event()
        self._world = asyncio.create_task(self._keep_open(ready))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({self._world, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if self._world.done():
            await self._world
        await super().open(on_shown)

    async def _keep_open(self, ready: asyncio.Event) -> None:
        """Accounts, apps, and what stands between the program and the homeserver; until it is cancelled."""
        async with AsyncExitStack() as stack:
            self.door: Between = await stack.enter_async_context(between(self.server.url))
            self.account = await self._sign_up("handrail")
            for name, person in self.rehearsal.people.items():
                if person.channel == "private":
                    account = await self._sign_up(name)
                    folder = self.folder / account.user_id.strip("@").partition(":")[0]
                    self.apps[name] = App(await stack.enter_async_context(stock(self.server, account, folder)))
                    self.elsewhere[name] = ("matrix", account.user_id, True)
            ready.set()
            await asyncio.Event().wait()

    async def _sign_up(self, name: str) -> Account:
        return await self.server.sign_up(f"{name}-{secrets.token_hex(4)}")

    async def _start(self) -> None:
        self.channel = Counting("matrix", self.clock, self._connect)
        self.channel.sent = self.sent
        self.channels["matrix"] = self.channel
        self._running = asyncio.create_task(self.channel.run(self._receive))
        while not await self.channel.reachable(""):
            if self._running.done():
                await self._running
            await asyncio.sleep(0.02)
        await super()._start()
        await self._everybody_looks()

    def _connect(self):
        client = hardened(self.server, self.account, self.folder / "handrail")
        client.homeserver, client.clock = self.door.url, self.clock
        return client

    async def restart(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await super().restart()

    def close(self) -> None:
        """What is still going on ends with the event loop."""
        super().close()
        for task in (self._running, self._world):
            task.cancel()

    # -- what people do --------------------------------------------------------------------------------------------

    async def does(self, who: str, kind: str, body: str = "", key: str = "") -> None:
        if who not in self.apps:
            await super().does(who, kind, body, key)
        else:
            await self._break_what_is_broken()
            app = self.apps[who]
            await self._open_room(app)
            event_id = await app.puts(self._content(who, kind, body, key))
            await self._handled(event_id)
        await self._everybody_looks()

    async def _open_room(self, app: App) -> None:
        """Until both sides know of it."""
        await app.open_room(self.account.user_id)
        client = self.channel._client
        while app.room not in client.rooms or not client.rooms[app.room].encrypted:
            await client.next_answer()

    def _content(self, who: str, kind: str, body: str, key: str) -> dict[str, object]:
        """What somebody with a keyboard writes instead of pressing a button."""
        if kind == "location":
            return {"msgtype": "m.location", "body": "where I am", "geo_uri": f"geo:{body}"}
        if kind == "panic":
            body = PANIC
        if kind == "tap":
            return self._typed(who, body, key)
        return {"msgtype": "m.text", "body": body}

    def _typed(self, who: str, choice: str, key: str) -> dict[str, object]:
        """Under the last thing on the screen a participant types the number of the answer, staff the words of it; where
        the answers are numbers themselves, everybody types the answer. What is further up is replied to, and what asks
        for a reply."""
        screen = [shown.message for shown in self.screen(who)]
        message = next(one for one in screen if one.key == key)
        words = next(one.label for one in message.choices if one.id == choice)
        numbers = any(one.label.isdecimal() for one in message.choices)
        if message is screen[-1] and "reply to this message" not in message.text:
            number = self.rehearsal.people[who].role == "participant" and not numbers
            return {"msgtype": "m.text", "body": choice if number else words}
        return {"msgtype": "m.text", "body": words, "m.relates_to": {"m.in_reply_to": {"event_id": key}}}

    async def _receive(self, inbound: Inbound) -> None:
        self.heard[inbound.external_id] = arriving = asyncio.create_task(self.program.receive(inbound))
        self._heard_one.set()
        await arriving

    async def _handled(self, event_id: str) -> None:
        """Until the program has this message, and everything has happened that follows from it at once."""
        async with asyncio.timeout(30):
            while event_id not in self.heard:
                self._heard_one.clear()
                await self._heard_one.wait()
        while not self.heard[event_id].done():
            await self.program.settle()
            await asyncio.sleep(0)
        await self.program.settle()

    async def pass_time(self, until: datetime) -> None:
        """People look at their phones whenever something comes: matrix-nio misses what is older than the last
        hundred."""
        await self._break_what_is_broken()
        while (moment := self.next_moment()) is not None and moment <= until:
            await super().pass_time(moment)
            await self._everybody_looks()
        await super().pass_time(until)
        await self._everybody_looks()

    # -- what is broken --------------------------------------------------------------------------------------------

    async def _break_what_is_broken(self) -> None:
        """A channel that is down: nothing gets through to anybody. Somebody out of reach: nothing into their room. A
        pager that is down: nothing into the rooms of staff."""
        cut = set(self.faults.places)
        if self.faults.pages:
            cut |= {name for name, person in self.rehearsal.people.items() if person.is_staff}
        if "private" in self.faults.channels:
            cut |= set(self.apps)
        self.door.broken.clear()
        for name in cut & set(self.apps):
            app = self.apps[name]
            await self._open_room(app)
            self.door.broken[f"rooms/{app.room}/send"] = "drop"

    # -- and what they see -----------------------------------------------------------------------------------------

    async def _everybody_looks(self) -> None:
        """Until everything that was sent is on the screens."""
        for name, app in self.apps.items():
            for _ in range(LOOKS):
                if len(app.read) >= len(self.sent[self.elsewhere[name][1]]):
                    break
                for event in await app.look():
                    self._show(name, event)
                if app.unread:
                    raise NeverCame(f"{name} cannot decrypt what was sent")
            else:
                raise NeverCame(f"{name} never read what was sent")

    def _show(self, who: str, event: RoomMessageText) -> None:
        phone = self.phones.at(who)
        shown = Shown(self.clock.now(), self._as_message(who, event))
        phone.screen.append(shown)
        for listener in self.phones.listeners:
            listener(phone, shown)

    def _as_message(self, who: str, event: RoomMessageText) -> Sendable:
        words, choices = taken_apart(event.body)
        mentioned = event.source["content"].get("m.mentions", {}).get("user_ids", [])
        return Sendable(
            key=event.event_id, person_id=self.ids.get(who, ""), subject_id="", channel="matrix", place=who,
            text=words, choices=choices, urgency=Urgency.REPLY, attempts=0, made_at=self.clock.now(),
            page=page_in(words) if self.elsewhere[who][1] in mentioned else None, ref="",
        )  # fmt: skip


def taken_apart(body: str) -> tuple[str, tuple[Choice, ...]]:
    """The words of a message, and the answers that it offers: numbered under it, or the numbers of a scale."""
    words, _, below = body.rpartition("\n\n")
    answers = below.splitlines()
    found = [NUMBERED.fullmatch(line) for line in answers]
    if words and found and all(found):
        return words, tuple(Choice(one[1], one[2]) for one in found if one)
    listed = answers if words.endswith("?") and not below.endswith((".", "?", "!")) else []
    scale = SCALE.search(body)
    numbers = [str(number) for number in range(int(scale[1]), int(scale[2]) + 1)] if scale else []
    return (words if listed else body), tuple(Choice(one, one) for one in (*numbers, *listed))


def page_in(words: str) -> Page | None:
    """How urgent a page is, as it says itself."""
    level = next((level for level in sorted(Level, reverse=True) if level.word in words.casefold()), None)
    number = re.search(r"\bcase (\d+)", words.casefold())
    return Page(int(number[1]) if number else 0, level, 0, 0) if level else None
