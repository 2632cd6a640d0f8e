"""The rooms of cases as topics of the staff's group: made when something is first said there, and never missed.

Nothing for a topic may land in the group's main chat: what does is taken away at once, and said in a new topic.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import Moved, Refused
from bot.channels.telegram.group import Group
from bot.channels.telegram.sending import Astray, Chat, Speaker
from bot.channels.telegram.writing import Keyboard
from flows.message import Urgency
from storage.outbox import Sendable
from storage.staff_group import Topic

log = structlog.get_logger()

#: Keys of rooms that are topics here.
OF_A_CASE: Final = "case "
#: So often one message is tried: in the topic that we know, in a new one, and where the group has moved to.
TRIES: Final = 4
#: In what Telegram says when there is no such topic any more.
GONE: Final = ("thread not found", "topic_deleted", "topic_id_invalid")
CLOSED: Final = "topic_closed"


class NoTopic(DeliveryError):
    """It cannot be said in a topic."""


class Topics:
    """`wanted` says whether cases have topics here at all."""

    def __init__(self, speaker: Speaker, group: Group, wanted: Callable[[], bool]) -> None:
        self._speaker = speaker
        self._group = group
        self._wanted = wanted
        self._doors: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by key: no case gets two topics

    async def has_room_for(self, outbound: Sendable) -> bool:
        """Whether this is to be said in a topic, and the one it is for would read it there."""
        room = outbound.room
        if room is None or room.ends or room.rests or not room.key.startswith(OF_A_CASE) or not self._wanted():
            return False
        return await self._group.has(outbound.place)

    async def say(self, outbound: Sendable, text: str, keyboard: Keyboard | None, *, protect: bool) -> str:
        """Say it in its topic; returns what it can be quoted by. Raises NoTopic, and DeliveryError."""
        key = outbound.room.key if outbound.room else ""
        async with self._doors[key]:
            for _ in range(TRIES):
                chat = await self._chat(key, outbound.urgency)
                try:
                    number = await self._speaker.say(chat, outbound.urgency, text, keyboard, protect=protect)
                except (Astray, Refused, Moved) as failure:
                    await self._mend(key, failure, outbound.urgency)
                else:
                    return f"{chat.topic}/{number}"
            raise NoTopic("no topic takes it")

    async def _mend(self, key: str, failure: Astray | Refused | Moved, urgency: Urgency) -> None:
        """So that the next try may go better. Raises NoTopic where it cannot."""
        if isinstance(failure, Moved):
            await self._group.follow(failure.chat)
        elif isinstance(failure, Astray) or any(words in failure.description for words in GONE):
            await self._group.keep_topic(key, None)
        elif CLOSED in failure.description:
            await self._open_again(key, urgency)
        else:
            raise NoTopic(failure.reason) from failure

    async def _chat(self, key: str, urgency: Urgency) -> Chat:
        known = self._group.known
        topic = known.topics.get(key)
        if topic is None:
            return await self._make(key, urgency)
        if topic.closed:
            await self._open_again(key, urgency)
        return Chat(str(self._group.known.chat), topic.number)

    async def _make(self, key: str, urgency: Urgency) -> Chat:
        """Called by the number of the case: never anybody's name, and nothing about what it is."""
        for _ in range(2):
            chat = Chat(str(self._group.known.chat))
            try:
                made = await self._speaker.do("createForumTopic", chat, urgency, name=key.capitalize())
            except Moved as moved:
                await self._group.follow(moved.chat)
            except Refused as refusal:
                raise NoTopic(refusal.reason) from refusal
            else:
                topic = Topic(int(made["message_thread_id"]))
                await self._group.keep_topic(key, topic)
                return Chat(chat.id, topic.number)
        raise NoTopic("the group keeps moving")

    async def _open_again(self, key: str, urgency: Urgency) -> None:
        await self._shut(key, urgency, "reopenForumTopic", closed=False)

    async def rest(self, outbound: Sendable) -> None:
        """Nobody is to write in it; where it has ended, it is forgotten as well. What fails is left open: it does no
        harm, for what is written there goes nowhere, and whoever writes is told."""
        room = outbound.room
        if room is None or not (room.ends or room.rests) or room.key not in self._group.known.topics:
            return
        async with self._doors[room.key]:
            try:
                await self._shut(room.key, outbound.urgency, "closeForumTopic", closed=True)
            except DeliveryError as failure:
                log.warning("a topic is not closed", reason=failure.reason)
            if room.ends:
                await self._group.keep_topic(room.key, None)

    async def _shut(self, key: str, urgency: Urgency, method: str, *, closed: bool) -> None:
        topic = self._group.known.topics[key]
        try:
            await self._speaker.do(method, Chat(str(self._group.known.chat), topic.number), urgency)
        except Refused as refusal:
            log.info("a topic stays as it is", reason=refusal.reason)  # it is like that already, or it is gone
        await self._group.keep_topic(key, replace(topic, closed=closed))
