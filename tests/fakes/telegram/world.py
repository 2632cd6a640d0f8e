"""Who is there and what was said: people, chats, topics, messages. It knows no rules; the methods do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

#: The General topic of a forum (documentation, "Message": it has no message_thread_id of its own).
GENERAL = 1

RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip


@dataclass
class Person:
    """Somebody with a phone, or the bot itself."""

    id: int
    first_name: str
    username: str
    language: str = "en"
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    gone: bool = False

    def as_user(self) -> dict[str, Any]:
        user = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, "username": self.username}
        return user if self.is_bot else user | {"language_code": self.language}


@dataclass
class Member:
    """What somebody is in a group: creator, administrator, member, left or kicked."""

    person: Person
    status: str = "member"
    rights: frozenset[str] = frozenset()

    @property
    def present(self) -> bool:
        return self.status in {"creator", "administrator", "member"}

    def may(self, right: str) -> bool:
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def as_json(self) -> dict[str, Any]:
        """Documentation, "ChatMember" and the six kinds of it."""
        about: dict[str, Any] = {"status": self.status, "user": self.person.as_user()}
        if self.status == "creator":
            about["is_anonymous"] = False
        if self.status == "administrator":
            about |= {"can_be_edited": False, "is_anonymous": False} | {right: right in self.rights for right in RIGHTS}
        if self.status == "kicked":
            about["until_date"] = 0
        return about


@dataclass
class Topic:
    """A topic of a forum; its number is that of the message which created it."""

    id: int
    name: str
    color: int = 0x6FB9F0
    icon: str = ""
    closed: bool = False
    by_bot: bool = False


@dataclass
class Link:
    """An invitation into a group."""

    address: str
    by: Person
    asks: bool = False
    name: str = ""
    expires: int | None = None
    limit: int | None = None
    revoked: bool = False

    def as_json(self) -> dict[str, Any]:
        about: dict[str, Any] = {
            "invite_link": self.address,
            "creator": self.by.as_user(),
            "creates_join_request": self.asks,
            "is_primary": False,
            "is_revoked": self.revoked,
        }
        extra = {"name": self.name, "expire_date": self.expires, "member_limit": self.limit}
        return about | {key: value for key, value in extra.items() if value}


@dataclass
class Message:
    """One message as it is now; `before` is what it said earlier, `deleted` says that nobody sees it any more."""

    chat: Chat
    id: int
    author: Person
    date: int
    content: dict[str, Any]
    thread: int | None = None
    reply_to: Message | None = None
    buttons: dict[str, Any] | None = None
    protected: bool = False
    silent: bool = False
    edited: int | None = None
    deleted: bool = False
    before: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[int, list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(self.content.get("text") or self.content.get("caption") or "")

    def as_json(self, *, quoting: bool = True) -> dict[str, Any]:
        """Documentation, "Message"; what is replied to is not itself shown with a reply."""
        about: dict[str, Any] = {
            "message_id": self.id,
            "from": self.author.as_user(),
            "chat": self.chat.as_json(),
            "date": self.date,
        }
        if self.thread is not None:
            about |= {"message_thread_id": self.thread, "is_topic_message": True}
        quoted = self.reply_to or self._root()
        if quoting and quoted is not None:
            about["reply_to_message"] = quoted.as_json(quoting=False)
        about |= self.content
        extra = {"edit_date": self.edited, "reply_markup": self.buttons, "has_protected_content": self.protected}
        return about | {key: value for key, value in extra.items() if value}

    def _root(self) -> Message | None:
        # Client.cpp `get_same_chat_reply_to_message_id`: in a topic, a message replies to what created the topic.
        return self.chat.messages.get(self.thread) if self.thread is not None and self.thread != self.id else None

    def as_inaccessible(self) -> dict[str, Any]:
        """Documentation, "InaccessibleMessage": what a tap on a deleted message carries."""
        return {"chat": self.chat.as_json(), "message_id": self.id, "date": 0}


@dataclass
class Chat:
    """A private chat (its number is the person's), a group, or a supergroup."""

    id: int
    kind: str
    title: str = ""
    person: Person | None = None
    forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    general: Topic = field(default_factory=lambda: Topic(GENERAL, "General"))
    pinned: list[int] = field(default_factory=list)
    keyboard: dict[str, Any] | None = None
    links: dict[str, Link] = field(default_factory=dict)
    asking: dict[int, Link] = field(default_factory=dict)
    asked_at: dict[int, float] = field(default_factory=dict)
    doing: list[str] = field(default_factory=list)
    migrated_to: int | None = None
    own_numbers: int = 0

    def as_json(self) -> dict[str, Any]:
        if self.person is not None:
            who = self.person
            return {"id": self.id, "type": "private", "first_name": who.first_name, "username": who.username}
        about = {"id": self.id, "type": self.kind, "title": self.title}
        return about | ({"is_forum": True} if self.forum else {})

    def seen(self) -> Iterator[Message]:
        """What somebody who opens the chat sees, the oldest first."""
        return (message for message in self.messages.values() if not message.deleted)

    def present(self) -> list[Member]:
        return [member for member in self.members.values() if member.present]


class World:
    """Everything that the server knows besides the queue of updates."""

    def __init__(self, bot_id: int) -> None:
        self.bot = Person(bot_id, "Handrail", "handrail_test_bot", is_bot=True)
        self.people: dict[int, Person] = {bot_id: self.bot}
        self.chats: dict[int, Chat] = {}
        self._next_person = 1_000_001
        self._next_group = 1
        # Private chats and basic groups of one account share their numbers; each supergroup counts for itself.
        self._shared_numbers = 0

    def person(self, name: str, language: str = "en") -> Person:
        """A new person, who has never met the bot, with the empty private chat."""
        person = Person(self._next_person, name, name.lower().replace(" ", "_"), language)
        self._next_person += 1
        self.people[person.id] = person
        self.chats[person.id] = Chat(person.id, "private", person=person)
        return person

    def group(self, title: str, *, supergroup: bool, forum: bool) -> Chat:
        number = self._next_group
        self._next_group += 1
        chat_id = -1_000_000_000_000 - number if supergroup else -number
        chat = Chat(chat_id, "supergroup" if supergroup else "group", title, forum=forum)
        self.chats[chat_id] = chat
        return chat

    def number(self, chat: Chat) -> int:
        if chat.kind == "supergroup":
            chat.own_numbers += 1
            return chat.own_numbers + 1  # 1 is the birth of the group itself
        self._shared_numbers += 1
        return self._shared_numbers

    def post(self, chat: Chat, author: Person, date: float, content: dict[str, Any], **how: Any) -> Message:
        message = Message(chat, self.number(chat), author, int(date), content, **how)
        chat.messages[message.id] = message
        return message
