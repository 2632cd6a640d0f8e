"""A person's phone, as a test holds it: acts on one side, what is shown on the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.markup import labels
from tests.fakes.telegram.methods.callbacks import Tap
from tests.fakes.telegram.parameters import Upload
from tests.fakes.telegram.words import LONGEST_TEXT, spoken, units
from tests.fakes.telegram.world import Chat, Link, Message, Person

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi
    from tests.fakes.telegram.group import Group


class NothingToTap(AssertionError):
    """There is no such button to be seen."""


@dataclass(frozen=True)
class Shown:
    """A message as it looks now. `by_bot` tells the side of the screen."""

    id: int
    by: str
    by_bot: bool
    text: str
    buttons: tuple[tuple[str, ...], ...] = ()
    topic: int | None = None
    edited: bool = False
    before: tuple[str, ...] = ()
    pinned: bool = False
    protected: bool = False
    silent: bool = False
    reactions: tuple[str, ...] = ()
    reply_to: int | None = None
    content: Any = None
    date: int = 0


def look(chat: Chat, topic: int | None = None) -> list[Shown]:
    """What somebody sees who opens the chat, or one of its topics."""
    return [_shown(message) for message in chat.seen() if topic is None or message.thread == topic]


def _shown(message: Message) -> Shown:
    return Shown(
        id=message.id,
        by=message.author.first_name,
        by_bot=message.author.is_bot,
        text=message.text,
        buttons=tuple(tuple(row) for row in labels(message.buttons)),
        topic=message.thread,
        edited=message.edited is not None,
        before=tuple(str(earlier.get("text") or earlier.get("caption") or "") for earlier in message.before),
        pinned=message.id in message.chat.pinned,
        protected=message.protected,
        silent=message.silent,
        reactions=tuple(one for left in message.reactions.values() for one in left),
        reply_to=message.reply_to.id if message.reply_to else None,
        content=message.content,
        date=message.date,
    )


class Phone:
    """One person. Without `where` everything happens in the private chat with the bot."""

    def __init__(self, api: BotApi, person: Person) -> None:
        self._api, self.person = api, person
        self.taps_made: list[Tap] = []

    @property
    def id(self) -> int:
        return self.person.id

    @property
    def chat(self) -> Chat:
        return self._api.world.chats[self.person.id]

    # --- what is to be seen -------------------------------------------------------------------------------------------

    @property
    def shown(self) -> list[Shown]:
        return look(self.chat)

    @property
    def heard(self) -> list[str]:
        """The words of the bot, as they are now, the oldest first."""
        return [message.text for message in self.shown if message.by_bot]

    @property
    def keyboard(self) -> list[list[str]] | None:
        """The keyboard in place of the phone's own, if there is one."""
        return labels(self.chat.keyboard) if self.chat.keyboard else None

    @property
    def answers(self) -> list[str]:
        """What popped up after taps."""
        return [tap.answer for tap in self.taps_made if tap.answered]

    @property
    def menu(self) -> list[str]:
        """The commands behind the slash, the nearest scope first (documentation, "Determining list of commands")."""
        for scope in (("chat", self.id), ("all_private_chats", 0), ("default", 0)):
            for language in (self.person.language, ""):
                found = self._api.commands.get((*scope, 0, language))
                if found:
                    return [one["command"] for one in found]
        return []

    async def sees(self, words: str, *, within: float = 5.0, where: Group | None = None) -> Shown:
        """Wait until the bot has said these words; the newest message that has them."""
        chat = where.chat if where else self.chat

        def newest() -> Shown | None:
            return next((one for one in reversed(look(chat)) if one.by_bot and words in one.text), None)

        try:
            async with asyncio.timeout(within):
                while (found := newest()) is None:
                    await self._api.change.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"{words!r} is not shown after {within} s; shown is {self.heard}") from None

    # --- what one does ------------------------------------------------------------------------------------------------

    async def start(self, payload: str = "") -> Shown:
        """Press Start, perhaps after a link with a payload; who had blocked the bot unblocks it so."""
        if self.person.blocked:
            await self.unblocks()
        self.person.started = True
        return await self.says(f"/start {payload}".strip())

    async def says(
        self, text: str, *, where: Group | None = None, topic: int | None = None, reply_to: Shown | int | None = None
    ) -> Shown:
        assert units(text) <= LONGEST_TEXT, "a phone would send this as several messages"
        return self._send(spoken(text), where, topic, reply_to)

    async def sends_location(
        self, latitude: float, longitude: float, *, live_seconds: int = 0, where: Group | None = None
    ) -> Shown:
        """Where one is; with `live_seconds` one `moves` from there on."""
        live = {"live_period": live_seconds} if live_seconds else {}
        return self._send({"location": {"latitude": latitude, "longitude": longitude} | live}, where)

    async def moves(self, message: Shown | int, latitude: float, longitude: float) -> None:
        """Documentation, "Location": a live location changes by edits of its message."""
        found = self._message(message, None)
        self._change(found, {"location": found.content["location"] | {"latitude": latitude, "longitude": longitude}})

    async def sends_voice(self, content: bytes = b"OggS", *, seconds: int = 3, where: Group | None = None) -> Shown:
        stored = self._api.files.keep(Upload("voice.oga", "audio/ogg", content), "voice")
        return self._send({"voice": stored.as_json() | {"duration": seconds, "mime_type": stored.kind}}, where)

    async def sends_photo(
        self, content: bytes = b"\xff\xd8", caption: str = "", *, where: Group | None = None
    ) -> Shown:
        stored = self._api.files.keep(Upload("photo.jpg", "image/jpeg", content), "photos")
        words = {"caption": caption} if caption else {}
        return self._send({"photo": [stored.as_json() | {"width": 90, "height": 90}]} | words, where)

    async def sends_document(
        self, content: bytes, name: str = "file.pdf", caption: str = "", *, where: Group | None = None
    ) -> Shown:
        stored = self._api.files.keep(Upload(name, "application/octet-stream", content), "documents")
        words = {"caption": caption} if caption else {}
        about = stored.as_json() | {"file_name": name, "mime_type": stored.kind}
        return self._send({"document": about} | words, where)

    async def sends_sticker(self, emoji: str = "🙂", *, where: Group | None = None) -> Shown:
        stored = self._api.files.keep(Upload("sticker.webp", "image/webp", b"RIFF"), "stickers")
        about = {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": emoji,
        }
        return self._send({"sticker": stored.as_json() | about}, where)

    async def sends_contact(self, number: str, name: str = "", *, where: Group | None = None) -> Shown:
        about = {"phone_number": number, "first_name": name or self.person.first_name, "user_id": self.id}
        return self._send({"contact": about}, where)

    async def edits(self, message: Shown | int, text: str, *, where: Group | None = None) -> Shown:
        """Change what one has said."""
        found = self._message(message, where)
        assert found.author is self.person, "only one's own words can be edited"
        return self._change(found, spoken(text))

    def _change(self, message: Message, content: dict[str, Any]) -> Shown:
        message.before.append(message.content)
        message.content = content
        message.edited = int(self._api.clock.now())
        self._api.hear(message, "edited_message")
        return _shown(message)

    async def deletes(self, message: Shown | int, *, where: Group | None = None) -> None:
        """It is gone; the bot is told nothing."""
        self._message(message, where).deleted = True
        self._api.changed()

    async def reacts(self, message: Shown | int, emoji: str = "", *, where: Group | None = None) -> None:
        """Leave a reaction, or with none take it back."""
        found = self._message(message, where)
        old = found.reactions.get(self.id, [])
        found.reactions[self.id] = new = [emoji] if emoji else []
        update = {
            "chat": found.chat.as_json(),
            "message_id": found.id,
            "user": self.person.as_user(),
            "date": int(self._api.clock.now()),
            "old_reaction": [{"type": "emoji", "emoji": one} for one in old],
            "new_reaction": [{"type": "emoji", "emoji": one} for one in new],
        }
        self._api.tell("message_reaction", update, found.chat.id)
        self._api.changed()

    async def taps(self, button: str, message: Shown | int | None = None, *, where: Group | None = None) -> Tap | Shown:
        """Tap the button with this label or callback data: the newest to be seen, or that under `message`, seen or not.

        A key of the reply keyboard is found after those, and says its label.
        """
        chat = where.chat if where else self.chat
        places = [self._message(message, where)] if message is not None else list(chat.seen())[::-1]
        for place in places:
            data = _data(place, button)
            if data is not None:
                return self._tap(place, data)
        if message is None and button in [label for row in labels(chat.keyboard) for label in row]:
            if chat.keyboard and chat.keyboard.get("one_time_keyboard"):
                chat.keyboard = None
            return await self.says(button, where=where)
        there = [label for place in places for row in labels(place.buttons) for label in row]
        raise NothingToTap(f"there is no button {button!r} to be seen; there are {there}")

    def _tap(self, place: Message, data: str) -> Tap:
        tap = self._api.taps.new(self.person, self._api.clock.pace())
        self.taps_made.append(tap)
        update = {
            "id": tap.id,
            "from": self.person.as_user(),
            "chat_instance": str(7_000_000_000 + abs(place.chat.id)),
            "data": data,
            "message": place.as_inaccessible() if place.deleted else place.as_json(),
        }
        self._api.tell("callback_query", update, self.id)
        return tap

    # --- blocking and joining -----------------------------------------------------------------------------------------

    async def blocks(self) -> None:
        """Documentation, "Update": my_chat_member, "received only when the bot is blocked or unblocked"."""
        self.person.blocked = True
        self._standing("member", "kicked")

    async def unblocks(self) -> None:
        self.person.blocked = False
        self._standing("kicked", "member")

    def _standing(self, old: str, new: str) -> None:
        about = {
            "chat": self.chat.as_json(),
            "from": self.person.as_user(),
            "date": int(self._api.clock.now()),
            "old_chat_member": self._bot_as(old),
            "new_chat_member": self._bot_as(new),
        }
        self._api.tell("my_chat_member", about, self.id)

    def _bot_as(self, status: str) -> dict[str, Any]:
        about: dict[str, Any] = {"user": self._api.world.bot.as_user(), "status": status}
        return about | ({"until_date": 0} if status == "kicked" else {})

    async def deletes_account(self) -> None:
        """Nobody is told; whoever writes finds out."""
        self.person.gone = True

    async def joins(self, where: Group) -> None:
        self._api.turn_into(where.chat, self.person, "member", by=self.person)

    async def leaves(self, where: Group) -> None:
        self._api.turn_into(where.chat, self.person, "left", by=self.person)

    async def follows(self, address: str) -> None:
        """Open a link into a group: one is in, or asks to be let in, or the link is worth nothing."""
        chat, link = self._link(address)
        if not link.asks:
            self._api.turn_into(chat, self.person, "member", by=self.person, link=link)
            return
        chat.asking[self.id] = link
        chat.asked_at[self.id] = self._api.clock.now()
        update = {
            "chat": chat.as_json(),
            "from": self.person.as_user(),
            "user_chat_id": self.id,
            "date": int(self._api.clock.now()),
            "invite_link": link.as_json(),
        }
        self._api.tell("chat_join_request", update, self.id)

    def _link(self, address: str) -> tuple[Chat, Link]:
        for chat in self._api.world.chats.values():
            link = chat.links.get(address)
            if link is not None and not link.revoked and (link.expires or 2**62) > self._api.clock.now():
                return chat, link
        raise AssertionError(f"this link leads nowhere: {address}")

    # --- the ways there -----------------------------------------------------------------------------------------------

    def _send(
        self,
        content: dict[str, Any],
        where: Group | None,
        topic: int | None = None,
        reply_to: Shown | int | None = None,
    ) -> Shown:
        chat = where.chat if where else self.chat
        if where is None:
            assert self.person.started, f"{self.person.first_name} has not pressed Start"
            assert not self.person.blocked, f"{self.person.first_name} has blocked the bot"
        else:
            assert chat.members[self.id].present, f"{self.person.first_name} is not in {chat.title}"
        quoted = self._message(reply_to, where) if reply_to is not None else None
        message = self._api.world.post(chat, self.person, self._api.clock.now(), content, thread=topic, reply_to=quoted)
        self._api.hear(message)
        return _shown(message)

    def _message(self, message: Shown | int, where: Group | None) -> Message:
        chat = where.chat if where else self.chat
        return chat.messages[message if isinstance(message, int) else message.id]


def _data(message: Message, button: str) -> str | None:
    """The callback data of the button with this label, or with this data."""
    rows = (message.buttons or {}).get("inline_keyboard", [])
    found = [one for row in rows for one in row if "callback_data" in one]
    return next((one["callback_data"] for one in found if button in {one["text"], one["callback_data"]}), None)
