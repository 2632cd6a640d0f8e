"""The stage of a rehearsal with its people on Telegram: the program's channel is the real one, and what it speaks with
is a server of the Bot API on a real socket.

The clock stays the rehearsal's own, while the network is real: after every step we wait until what was sent is on the
phones. Whoever's channel is public is there; in a rehearsal where nobody's is, all participants are. The others keep
their simulated phones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.channels.base import Inbound
from bot.channels.simulated import Phone, Shown
from bot.channels.telegram.limits import Limits
from bot.channels.telegram.opening import sign_in_with, telegram_channel
from bot.channels.telegram.reading import CHANGE, KEY_LENGTH, PARTICIPANT
from bot.rehearsal.file import Rehearsal
from bot.rehearsal.screen import PANIC
from bot.rehearsal.stage import Stage
from flows.library import Library
from flows.message import Choice, Urgency
from storage.outbox import Sendable
from tests.fakes.telegram import Phone as TelegramPhone
from tests.fakes.telegram import Telegram, bot_api
from tests.fakes.telegram.faults import Planned, retry_after
from tests.fakes.telegram.world import Message
from tests.support.on_matrix import page_in


class TelegramStage(Stage):
    """The program has a bot, and its people have phones."""

    def __init__(self, rehearsal: Rehearsal, library: Library, url: str, starts: datetime) -> None:
        super().__init__(rehearsal, library, url, starts)
        self.handsets: dict[str, TelegramPhone] = {}
        self.handled: list[asyncio.Task[None]] = []
        # Only Telegram has a key for it; a rehearsal says what is seen everywhere.
        self.asks_place = library.line("", "crisis.place", {}).text
        self._seen: dict[str, int] = {}
        self._messages: dict[str, Message] = {}  # by what their buttons carry before the answer
        self._broken: list[Planned] = []

    # -- the world -------------------------------------------------------------------------------------------------

    async def open(self, on_shown: Callable[[Phone, Shown], None]) -> None:
        ready = asyncio.Event()
        self._world = asyncio.create_task(self._keep_open(ready))
        await ready.wait()
        await super().open(on_shown)

    async def _keep_open(self, ready: asyncio.Event) -> None:
        async with bot_api() as telegram:
            self.telegram: Telegram = telegram
            self.facts = await sign_in_with(telegram.token, telegram.root)
            for name in self._people():
                self.handsets[name] = phone = telegram.user(name)
                phone.person.started = True
                self.elsewhere[name] = ("telegram", str(phone.id), False)
                self._seen[name] = 0
            ready.set()
            await asyncio.Event().wait()

    def _people(self) -> list[str]:
        """Whose channel is public, where the rehearsal makes a difference; else all participants."""
        people = self.rehearsal.people
        public = [name for name, person in people.items() if person.channel == "public"]
        return public or [name for name, person in people.items() if person.role == "participant"]

    async def _start(self) -> None:
        self.channel = telegram_channel(self.facts, self.program)
        self.channels["telegram"] = self.channel
        self._running = asyncio.create_task(self.channel.run(self._receive))
        await self.telegram.polled()
        await super()._start()
        self._look()

    async def restart(self) -> None:
        await self._stop()
        await super().restart()

    async def _stop(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.channel.close()

    def close(self) -> None:
        """What is still going on ends with the event loop."""
        super().close()
        for task in (self._running, self._world):
            task.cancel()

    # -- what people do --------------------------------------------------------------------------------------------

    async def does(self, who: str, kind: str, body: str = "", key: str = "") -> None:
        if who not in self.handsets:
            await super().does(who, kind, body, key)
        else:
            self._break_what_is_broken()
            before = len(self.handled)
            await self._acts(self.handsets[who], kind, body, key)
            await self._handled(before)
        self._look()

    async def _acts(self, phone: TelegramPhone, kind: str, body: str, key: str) -> None:
        if kind == "location":
            latitude, longitude = body.split(",")
            await phone.sends_location(float(latitude), float(longitude))
        elif kind == "tap":
            phone._tap(self._messages[key], f"{key}{body}")  # as from a phone that shows the button still
        else:
            await phone.says(PANIC if kind == "panic" else body)

    async def _receive(self, inbound: Inbound) -> None:
        self.handled.append(arriving := asyncio.create_task(self.program.receive(inbound)))
        await arriving

    async def _handled(self, before: int) -> None:
        """Until the program has it, and everything has happened that follows from it at once."""
        async with asyncio.timeout(30):
            while len(self.handled) == before:  # noqa: ASYNC110 - the channel has no bell for it
                await asyncio.sleep(0.01)
        while not all(one.done() for one in self.handled):
            await self.program.settle()
            await asyncio.sleep(0)
        await self.program.settle()

    async def pass_time(self, until: datetime) -> None:
        self._break_what_is_broken()
        while (moment := self.next_moment()) is not None and moment <= until:
            await super().pass_time(moment)
            self._look()
        await super().pass_time(until)
        self._look()

    # -- what is broken --------------------------------------------------------------------------------------------

    def _break_what_is_broken(self) -> None:
        """Somebody out of reach, staff when the pager is down, everybody when the channel is: nothing gets through."""
        cut = set(self.faults.places)
        if self.faults.pages:
            cut |= {name for name, person in self.rehearsal.people.items() if person.is_staff}
        if "public" in self.faults.channels:
            cut |= set(self.handsets)
        for planned in self._broken:
            self.telegram.faults.planned.remove(planned)
        if self._broken:  # what it was refused it is not to remember: our hour has passed, and its clock stands
            self.channel._speaker.limits = Limits()
        self._broken = [
            self.telegram.faults.add("sendMessage", retry_after(3600), chat=self.handsets[name].id, times=None)
            for name in sorted(cut & set(self.handsets))
        ]

    # -- and what they see -----------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Everything that came since the last look; a question that stands in place of another one came as well."""
        for name, phone in self.handsets.items():
            for message in phone.chat.messages.values():
                if message.author.is_bot and (message.id > self._seen[name] or self._asks_anew(message)):
                    self._seen[name] = max(message.id, self._seen[name])
                    if message.text != self.asks_place:
                        self._show(name, message)

    def _asks_anew(self, message: Message) -> bool:
        key = next((data[: 1 + KEY_LENGTH] for data, _ in _buttons(message)), "")
        return key[:1] == PARTICIPANT and key not in self._messages

    def _show(self, who: str, message: Message) -> None:
        phone = self.phones.at(who)
        shown = Shown(self.clock.now(), self._as_message(who, message))
        phone.screen.append(shown)
        for listener in self.phones.listeners:
            listener(phone, shown)

    def _as_message(self, who: str, message: Message) -> Sendable:
        buttons = _buttons(message)
        key = buttons[0][0][: 1 + KEY_LENGTH] if buttons else str(message.id)
        self._messages[key] = message
        paged = any(data[1 + KEY_LENGTH :] == "acknowledge" for data, _ in buttons)
        return Sendable(
            key=key, person_id=self.ids.get(who, ""), subject_id="", channel="telegram", place=who,
            text=message.text, choices=tuple(Choice(data[1 + KEY_LENGTH :], label) for data, label in buttons),
            urgency=Urgency.REPLY, attempts=0, made_at=self.clock.now(),
            page=page_in(message.text) if paged else None, ref="",
        )  # fmt: skip


def _buttons(message: Message) -> list[tuple[str, str]]:
    """What the buttons under a message carry, and what they say."""
    rows = message.buttons.get("inline_keyboard", []) if message.buttons else []
    keys = [(one["callback_data"], one["text"]) for row in rows for one in row]
    return [(data, label) for data, label in keys if data[:1] != CHANGE]
