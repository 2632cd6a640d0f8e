"""An update of Telegram's, as the line takes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from telegram import CallbackQuery, ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.base import Inbound
from flows.phi import Phi

log = structlog.get_logger()

#: What stands before an answer in the data of a button: whose it is, and the key of its message in so many letters. The
#: last two are no answers: they ask for the question as it was, and for what stands under a cover.
PARTICIPANT, STAFF, CHANGE, OPEN = "p", "s", "c", "o"
KEY_LENGTH: Final = 32
#: What a message without words is.
SHOWN: Final = {
    "voice": "voice",
    "audio": "voice",
    "video_note": "voice",
    "photo": "picture",
    "video": "picture",
    "animation": "picture",
    "document": "file",
    "sticker": "sticker",
    "dice": "sticker",
}
#: What follows the id of a message, for the words that came with something without words.
BESIDE: Final = "/words"
GONE: Final = frozenset({ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})
#: The command that is a call for help, first in the list of commands.
HELP_NOW: Final = "/help_now"


def private_alone(message: Message) -> str | None:
    """Nothing that is said in a group is for us."""
    return "" if message.chat.type == ChatType.PRIVATE else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one channel. `blind` turns a chat's number into a mark that tells nobody whose it is; `is_help` knows
    the key that is always on the screen; `room` says in which shared room something was said: in none, in one's own
    chat; or None where it is not for us."""

    channel: str
    blind: Callable[[str], str]
    is_help: Callable[[str], bool]
    room: Callable[[Message], str | None] = private_alone

    def read(self, raw: dict[str, Any]) -> list[Inbound]:
        """What is in an update, in order; nothing where nobody said or did anything. What cannot be read is kept whole,
        for a person to look at."""
        try:
            return list(self._read(Update.de_json(raw, None)))
        except Exception as failure:  # noqa: BLE001 - whatever somebody may send, the rest must be heard
            log.warning("an update could not be read", kind=type(failure).__name__)
            return self._unread(raw)

    def _read(self, update: Update) -> Iterator[Inbound]:
        if update.message is not None:
            yield from self._message(update.message)
        elif update.edited_message is not None:
            yield from self._edited(update.edited_message, update.update_id)
        elif update.callback_query is not None:
            yield from self._tapped(update.callback_query)
        elif update.my_chat_member is not None:
            yield from self._moved(update.my_chat_member, update.update_id)
        elif (reaction := update.message_reaction) is not None and reaction.user and reaction.new_reaction:
            known = f"{self.blind(str(reaction.chat.id))}/{reaction.message_id}/reaction/{update.update_id}"
            yield Inbound(self.channel, known, str(reaction.user.id), "wordless", Phi("reaction"))

    def _unread(self, raw: dict[str, Any]) -> list[Inbound]:
        """Whoever sent it is told so, and staff; where nobody can be found in it, there is nobody to tell."""
        whose = next(filter(None, (_sender_in(part) for part in raw.values())), None)
        if whose is None:
            return []
        known = f"{self.blind(whose)}/unread/{raw.get('update_id')}"
        return [Inbound(self.channel, known, whose, "unreadable", Phi(json.dumps(raw)))]

    def name_of(self, message: Message) -> str:
        """What a message is known as: the same on a repeat, whatever its update is called by then."""
        return f"{self.blind(str(message.chat.id))}/{message.message_id}"

    def _message(self, message: Message) -> Iterator[Inbound]:
        for inbound in self._said(message):
            room = self.room(message)
            if room is not None:
                where = message.message_thread_id if room else self.blind(str(message.chat.id))
                quoted = f"{where}/{inbound.reply_to}" if inbound.reply_to else ""
                yield replace(inbound, room=room, reply_to=quoted)

    def _said(self, message: Message) -> Iterator[Inbound]:
        sender = message.from_user
        if sender is None or sender.is_bot:
            return
        name, place, quoted = self.name_of(message), str(sender.id), _quoted(message)
        if message.text is not None:
            yield self._words(message.text, name, place, quoted)
        elif message.location is not None:
            yield Inbound(self.channel, name, place, "location", _where(message))
        elif what := _what(message):
            yield Inbound(self.channel, name, place, "wordless", Phi(what))
            if message.caption:
                yield Inbound(self.channel, f"{name}{BESIDE}", place, "text", Phi(message.caption), reply_to=quoted)

    def _words(self, text: str, name: str, place: str, quoted: str) -> Inbound:
        if self.is_help(text) or text.partition("@")[0].casefold() == HELP_NOW:
            return Inbound(self.channel, name, place, "panic")
        return Inbound(self.channel, name, place, "text", Phi(_without_payload(_command(text))), reply_to=quoted)

    def _edited(self, message: Message, update_id: int) -> Iterator[Inbound]:
        sender, room = message.from_user, self.room(message)
        if sender is None or sender.is_bot or room is None:
            return
        changed, name, place = self.name_of(message), f"{self.name_of(message)}/{update_id}", str(sender.id)
        words = message.text or message.caption
        if message.location is not None:  # they are on their way, and let us see where
            yield Inbound(self.channel, name, place, "location", _where(message))
        elif words:
            yield Inbound(self.channel, name, place, "edit", Phi(words), changed, room=room)

    def _tapped(self, query: CallbackQuery) -> Iterator[Inbound]:
        tapped, data = button(query), query.data or ""
        if data[:1] == OPEN:
            yield Inbound(self.channel, f"tap/{query.id}", str(query.from_user.id), "seen", key=data[1:])
        if tapped is not None:
            yield Inbound(self.channel, f"tap/{query.id}", str(query.from_user.id), "tap", Phi(tapped[1]), tapped[0])

    def _moved(self, moved: ChatMemberUpdated, update_id: int) -> Iterator[Inbound]:
        """They have blocked us, or let us speak again."""
        if moved.chat.type != ChatType.PRIVATE:
            return
        what = "left" if moved.new_chat_member.status in GONE else "returned"
        if what == "returned" and moved.old_chat_member.status not in GONE:
            return
        name = f"{self.blind(str(moved.chat.id))}/{what}/{int(moved.date.timestamp())}/{update_id}"
        yield Inbound(self.channel, name, str(moved.from_user.id), "noticed", Phi(what))


def button(query: CallbackQuery) -> tuple[str, str] | None:
    """The key of the message that a button hung on, and the answer it stands for; None for what is no answer to us."""
    data = query.data or ""
    kind, key, choice = data[:1], data[1 : 1 + KEY_LENGTH], data[1 + KEY_LENGTH :]
    if kind not in {PARTICIPANT, STAFF} or len(key) < KEY_LENGTH or not choice:
        return None
    return key, choice


def payload(raw: dict[str, Any]) -> tuple[str, str] | None:
    """Who has followed a link with a code to this bot, and the code: `/start CODE`."""
    message = raw.get("message")
    words = message.get("text") if isinstance(message, dict) else None
    sender = _sender_in(message)
    command, _, code = words.partition(" ") if isinstance(words, str) else ("", "", "")
    return (sender, code.strip()) if sender and command == "/start" and code.strip() else None


def _command(text: str) -> str:
    """A command as everybody writes it: in groups, Telegram's apps put the name of the bot behind it."""
    command, blank, rest = text.partition(" ")
    return f"{command.partition('@')[0]}{blank}{rest}" if command.startswith("/") else text


def _without_payload(text: str) -> str:
    """A code that came with a link is a secret, and kept nowhere."""
    return "/start" if text.startswith("/start ") else text


def _sender_in(part: object) -> str | None:
    sender = part.get("from") if isinstance(part, dict) else None
    found = sender.get("id") if isinstance(sender, dict) else None
    return str(found) if isinstance(found, int) else None


def _quoted(message: Message) -> str:
    """The message of ours that this one quotes, by Telegram's name for it."""
    quoted = message.reply_to_message
    ours = quoted is not None and quoted.from_user is not None and quoted.from_user.is_bot
    return str(quoted.message_id) if quoted is not None and ours else ""


def _where(message: Message) -> Phi[str]:
    place = message.location
    return Phi(f"{place.latitude},{place.longitude}" if place else "")


def _what(message: Message) -> str:
    """What a message without words is; nothing for what a person did not say, such as that something was pinned."""
    for name, what in SHOWN.items():
        if getattr(message, name):
            return what
    return "other" if message.effective_attachment or message.api_kwargs else ""
