"""A group, as a test holds it: who is in it, what its topics show, and what its owner does to the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.telegram.methods.topics import remove_topic
from tests.fakes.telegram.phone import Phone, Shown, look
from tests.fakes.telegram.world import RIGHTS, Chat, Person, Topic

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

#: What the bot may as an administrator unless a test says otherwise.
USUAL = frozenset(RIGHTS) - {"can_promote_members", "can_post_stories", "can_edit_stories", "can_delete_stories"}


class Group:
    """Made by its owner, with the bot in it."""

    def __init__(self, api: BotApi, chat: Chat, owner: Person) -> None:
        self._api, self.chat, self.owner = api, chat, owner

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def shown(self) -> list[Shown]:
        return look(self.chat)

    @property
    def topics(self) -> list[Topic]:
        return list(self.chat.topics.values())

    def topic(self, number: int) -> list[Shown]:
        """What one topic shows."""
        return look(self.chat, number)

    @property
    def members(self) -> list[str]:
        return [member.person.first_name for member in self.chat.present()]

    async def promotes_bot(self, rights: frozenset[str] = USUAL) -> None:
        self._api.turn_into(self.chat, self._api.world.bot, "administrator", by=self.owner, rights=rights)

    async def demotes_bot(self) -> None:
        self._api.turn_into(self.chat, self._api.world.bot, "member", by=self.owner)

    async def removes_bot(self) -> None:
        self._api.turn_into(self.chat, self._api.world.bot, "kicked", by=self.owner)

    async def promotes(self, phone: Phone, rights: frozenset[str] = USUAL) -> None:
        self._api.turn_into(self.chat, phone.person, "administrator", by=self.owner, rights=rights)

    async def removes(self, phone: Phone) -> None:
        self._api.turn_into(self.chat, phone.person, "kicked", by=self.owner)

    async def opens_topic(self, name: str) -> int:
        """By hand; the number of the new topic."""
        created = {"forum_topic_created": {"name": name, "icon_color": 0x6FB9F0}}
        number = self._api.note(self.chat, self.owner, created, opens_topic=True).id
        self.chat.topics[number] = Topic(number, name)
        return number

    async def deletes_topic(self, number: int) -> None:
        """By hand: the bot is told nothing."""
        remove_topic(self.chat, number)
        self._api.changed()

    async def closes_topic(self, number: int) -> None:
        self.chat.topics[number].closed = True
        self._api.note(self.chat, self.owner, {"forum_topic_closed": {}}, thread=number)

    async def becomes_supergroup(self) -> Group:
        """Documentation, "Message": migrate_to_chat_id, migrate_from_chat_id; the old chat takes nothing any more."""
        old = self.chat
        new = self._api.world.group(old.title, supergroup=True, forum=False)
        new.members = dict(old.members)
        self._api.note(old, self.owner, {"migrate_to_chat_id": new.id})
        self._api.note(new, self.owner, {"migrate_from_chat_id": old.id})
        old.migrated_to = new.id
        return Group(self._api, new, self.owner)
