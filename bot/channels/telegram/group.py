"""The staff's group: which one it is, what is said in it, and who may be there. The bot is in no other one.

Any member reads all topics. So whoever does not work here is put out, or told of; and nobody else is obeyed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from telegram import Message
from telegram.constants import ChatType

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import BotApi, TokenRefused
from bot.channels.telegram.standing import administrators, amiss, is_present, is_there, members_besides, put_out
from storage.staff_group import StaffGroup, Topic

log = structlog.get_logger()

#: Seconds between two looks at what the bot may do there, and so many looks between two at who is in it.
LOOK_EVERY: Final = 3600.0
LOOKS_A_DAY: Final = 24
#: What names a group: the first is written, the second comes with a link that adds the bot.
NAMING: Final = frozenset({"/staff", "/start"})
#: What a message carries when the group it was in became another one.
MOVED: Final = "migrate_to_chat_id"

Trouble = Callable[..., Awaitable[None]]


async def _no_group() -> StaffGroup:
    return StaffGroup()


async def _kept(_group: StaffGroup) -> None:
    """Nothing is kept."""


async def _is_none(_code: str) -> bool:
    return False


async def _none_out() -> bool:
    return False


async def _nobody() -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is kept about the group. `names` says whether a code is the one that waits, and uses it; `waits`, whether
    there is one; `staff` are the accounts of everybody who works here."""

    read: Callable[[], Awaitable[StaffGroup]] = _no_group
    keep: Callable[[StaffGroup], Awaitable[None]] = _kept
    names: Callable[[str], Awaitable[bool]] = _is_none
    waits: Callable[[], Awaitable[bool]] = _none_out
    staff: Callable[[], Awaitable[frozenset[str]]] = _nobody


class Group:
    """One bot's. `user` is its name; `keeps_out` says whether strangers are put out."""

    def __init__(self, api: BotApi, shelf: Shelf, trouble: Trouble, user: str, keeps_out: Callable[[], bool]) -> None:
        self._api = api
        self._shelf = shelf
        self._trouble = trouble
        self._user = user.casefold()
        self._keeps_out = keeps_out
        self._there: set[str] = set()  # who works here and is in the group, as far as we know
        self._told: set[str] = set()
        self._open = asyncio.Event()
        self.known = StaffGroup()

    # -- what is kept --------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """How it stood when we last ran."""
        if not self._open.is_set():
            self.known = await self._shelf.read()
            self._open.set()

    async def change(self, **fields: Any) -> None:
        """From now on it stands like this, also after a crash."""
        self.known = replace(self.known, **fields)
        await self._shelf.keep(self.known)

    async def keep_topic(self, key: str, topic: Topic | None) -> None:
        """From now on this is the topic of that key; None where there is none."""
        others = {known: one for known, one in self.known.topics.items() if known != key}
        await self.change(topics=others if topic is None else {**others, key: topic})

    async def follow(self, chat: int) -> None:
        """The group has become another one, in which nothing of the old one has its number."""
        await self.change(chat=chat, topics={})
        self._there.clear()

    async def has(self, account: str) -> bool:
        """Whether this person would read there what is said to them."""
        await self.open()
        if self.known.chat is None:
            return False
        if account not in self._there and await is_there(self._api, self.known.chat, account):
            self._there.add(account)
        return account in self._there

    # -- what comes from groups ----------------------------------------------------------------------------------------

    async def took(self, update: Mapping[str, Any]) -> bool:
        """Whether this came from a group and there is nothing more to do with it."""
        await self.open()
        kind, part = next(((name, one) for name, one in update.items() if isinstance(one, dict)), ("", {}))
        message = part.get("message") if kind == "callback_query" else part
        chat = message.get("chat") if isinstance(message, dict) else None
        if not isinstance(chat, dict) or chat.get("type") in {None, ChatType.PRIVATE}:
            return False
        if chat["id"] != self.known.chat:
            await self._elsewhere(kind, part, int(chat["id"]))
            return True
        return await self._in_ours(kind, part)

    async def _in_ours(self, kind: str, part: Mapping[str, Any]) -> bool:
        if kind == "my_chat_member":
            await self.look(audit=False)
        elif kind == "chat_member":
            await self._came_or_went(part)
        elif MOVED in part:
            await self.follow(int(part[MOVED]))
        elif "left_chat_member" not in part:  # that is said in the name of whoever went: they are there no more
            return await self._somebody_did(kind, part)
        return True

    async def _somebody_did(self, kind: str, part: Mapping[str, Any]) -> bool:
        account = str((part.get("from") or {}).get("id", ""))
        if account not in await self._shelf.staff():
            await self._met_stranger(account, part)
            return True
        await self._meet(account)
        if "forum_topic_closed" in part or "forum_topic_reopened" in part:
            await self._shut(part)
            return True
        return kind not in {"message", "edited_message", "callback_query"}

    async def _shut(self, part: Mapping[str, Any]) -> None:
        key = self._key_of(part.get("message_thread_id"))
        if key is not None:
            topic = self.known.topics[key]
            await self.keep_topic(key, replace(topic, closed="forum_topic_closed" in part))

    async def _elsewhere(self, kind: str, part: Mapping[str, Any], chat: int) -> None:
        """A group that is not ours: it becomes ours by the code, from somebody who works here; else we go."""
        words = str(part.get("text", "")) if kind == "message" else ""
        account = str((part.get("from") or {}).get("id", ""))
        if (code := self._code_in(words)) and account in await self._shelf.staff() and await self._shelf.names(code):
            before = self.known.chat
            await self.change(chat=chat, topics={}, met=frozenset({account}), elsewhere=self.known.elsewhere - {chat})
            self._there = {account}
            if before is not None:
                await self._leave(before)
            await self.look(audit=True)
        elif kind == "my_chat_member" and not is_present(part.get("new_chat_member") or {}):
            await self.change(elsewhere=self.known.elsewhere - {chat})
        elif await self._shelf.waits():  # it may be about to be named
            await self.change(elsewhere=self.known.elsewhere | {chat})
        else:
            await self._leave(chat)

    def _code_in(self, words: str) -> str:
        command, _, code = words.partition(" ")
        name, _, whose = command.casefold().partition("@")
        return code.strip() if name in NAMING and whose in {"", self._user} else ""

    async def _leave(self, chat: int) -> None:
        try:
            await self._api.call("leaveChat", chat_id=chat)
        except (DeliveryError, TokenRefused) as failure:
            log.info("a group is not left yet", kind=type(failure).__name__)
            await self.change(elsewhere=self.known.elsewhere | {chat})
            return
        await self.change(elsewhere=self.known.elsewhere - {chat})

    # -- what is said there --------------------------------------------------------------------------------------------

    def room_of(self, message: Message) -> str | None:
        """The key of the room in which something was said: nothing in one's own chat; None where it is not for us."""
        if message.chat.type == ChatType.PRIVATE:
            return ""
        if message.chat.id != self.known.chat:
            return None
        topic = message.message_thread_id if message.is_topic_message else None
        key = self._key_of(topic)
        words = message.text or ""
        if not words.startswith("/"):
            return key
        _, _, whose = words.partition(" ")[0].casefold().partition("@")
        return (key or "") if whose in {"", self._user} else None

    def _key_of(self, topic: int | None) -> str | None:
        return next((key for key, one in self.known.topics.items() if one.number == topic), None)

    # -- who is there --------------------------------------------------------------------------------------------------

    async def _meet(self, account: str) -> None:
        self._there.add(account)
        if account and account not in self.known.met:
            await self.change(met=self.known.met | {account})

    async def _met_stranger(self, account: str, part: Mapping[str, Any]) -> None:
        if account and account != self._api.id and not part.get("sender_chat"):
            await self._refuse(account)

    async def _came_or_went(self, part: Mapping[str, Any]) -> None:
        member = part.get("new_chat_member") or {}
        account = str((member.get("user") or {}).get("id", ""))
        self._there.discard(account)
        if not is_present(member) or account == self._api.id:
            return
        if account in await self._shelf.staff():
            await self._meet(account)
        else:
            await self._refuse(account)

    async def _refuse(self, account: str) -> None:
        """Somebody is in the group who does not work here."""
        chat = self.known.chat
        if chat is not None and self._keeps_out() and await put_out(self._api, chat, account):
            log.info("somebody was put out of the staff's group")
            await self._trouble("care.telegram_put_out")
            return
        await self.change(met=self.known.met | {account})
        await self._tell_once("care.telegram_stranger", account)

    async def audit(self) -> None:
        """Everybody in the group works here, or is put out, or told of. Raises DeliveryError."""
        chat = self.known.chat
        if chat is None:
            return
        staff = await self._shelf.staff()
        known = staff | self.known.met | await administrators(self._api, chat)
        here, unknown = await members_besides(self._api, chat, known)
        self._there = {*(here & staff)}
        for account in sorted(here - staff):
            await self._refuse(account)
        await self.change(met=here & (staff | self.known.met))
        if unknown:
            await self._tell_once("care.telegram_stranger", f"{unknown} of unknown name")

    # -- looking after it ----------------------------------------------------------------------------------------------

    async def watch(self) -> None:
        """Until cancelled: what the bot may do there is looked at when we start and every hour; who is there, at the
        start, daily, and when somebody begins or ceases to work here."""
        looks, staff = 0, None
        while True:
            try:
                await self.open()
                now = await self._shelf.staff()
                await self.look(audit=looks % LOOKS_A_DAY == 0 or now != staff)
                looks, staff = looks + 1, now
            except Exception as failure:  # noqa: BLE001 - the database may be away; this must not end the channel
                log.warning("the staff's group could not be looked at", kind=type(failure).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def look(self, *, audit: bool) -> None:
        """Once. What cannot be looked at now is looked at the next time."""
        try:
            if not await self._shelf.waits():
                for chat in self.known.elsewhere:
                    await self._leave(chat)
            await self._look_at_rights()
            if audit:
                await self.audit()
        except (DeliveryError, TokenRefused) as failure:
            log.warning("the staff's group could not be looked at", kind=type(failure).__name__)

    async def _look_at_rights(self) -> None:
        if self.known.chat is None:
            return
        if await amiss(self._api, self.known.chat):
            await self._tell_once("care.telegram_group", "rights")
        else:
            self._told.discard("rights")

    async def not_as_it_must_be(self) -> None:
        """Something could not be said there."""
        await self._tell_once("care.telegram_group", "rights")

    async def _tell_once(self, what: str, about: str) -> None:
        if about not in self._told:
            self._told.add(about)
            await self._trouble(what)
