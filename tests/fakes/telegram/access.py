"""Whether the bot may: the checks before anything happens, in the order of Client.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request, forbidden
from tests.fakes.telegram.world import Chat, Message, Person, Topic

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

FIVE_MINUTES = 300


def chat_to_read(api: BotApi, given: Parameters, name: str = "chat_id") -> Chat:
    """Client.cpp `check_chat`: the chat exists, and the bot is in it."""
    if not given.has(name):
        raise bad_request("chat_id is empty")
    value = given.values[name]
    if isinstance(value, str) and value.startswith("@"):
        raise bad_request("chat not found")
    chat = api.world.chats.get(given.integer(name))
    if chat is None:
        raise bad_request("chat not found")
    _check_presence(api, chat)
    return chat


def chat_to_write(api: BotApi, given: Parameters, name: str = "chat_id") -> Chat:
    """Client.cpp `check_chat_access` with write access, and what the network says of people."""
    chat = chat_to_read(api, given, name)
    if chat.migrated_to is not None:
        # Documentation, "ResponseParameters": migrate_to_chat_id.
        raise bad_request(
            "group chat was upgraded to a supergroup chat", parameters={"migrate_to_chat_id": chat.migrated_to}
        )
    if chat.person is not None:
        if chat.person.gone:
            raise forbidden("user is deactivated")  # Client.cpp `check_chat_access`
        if chat.person.blocked:
            raise forbidden("bot was blocked by the user")  # Client.cpp: USER_IS_BLOCKED
        if not chat.person.started and not _asks_to_be_let_in(api, chat.person):
            raise forbidden("bot can't initiate conversation with a user")
    return chat


def _asks_to_be_let_in(api: BotApi, person: Person) -> bool:
    """Documentation, "ChatJoinRequest": user_chat_id may be written to for five minutes, until it is decided."""
    now = api.clock.now()
    return any(
        person.id in chat.asking and now - chat.asked_at[person.id] < FIVE_MINUTES for chat in api.world.chats.values()
    )


def _check_presence(api: BotApi, chat: Chat) -> None:
    if chat.person is not None or chat.migrated_to is not None:
        return
    kind = "supergroup" if chat.kind == "supergroup" else "group"
    bot = chat.members.get(api.world.bot.id)
    if bot is not None and bot.status == "kicked":
        raise forbidden(f"bot was kicked from the {kind} chat")
    if bot is None or not bot.present:
        raise forbidden(f"bot is not a member of the {kind} chat")


def message_in(chat: Chat, given: Parameters, what: str, name: str = "message_id") -> Message:
    """Client.cpp `check_message`: `what` not found."""
    message = chat.messages.get(given.integer(name))
    if message is None or message.deleted:
        raise bad_request(f"{what} not found")
    return message


def needs(api: BotApi, chat: Chat, right: str, words: str) -> None:
    """In a private chat everybody may; in a group an administrator with the right."""
    if chat.person is None and not chat.members[api.world.bot.id].may(right):
        raise bad_request(words)


def person_in(api: BotApi, given: Parameters, name: str = "user_id") -> Person:
    """Client.cpp `get_user_id` and `check_user`."""
    number = given.integer(name)
    if number <= 0:
        raise bad_request(f"invalid {name} specified")
    if number not in api.world.people:
        raise bad_request("user not found")
    return api.world.people[number]


def topic_to_write(api: BotApi, chat: Chat, given: Parameters) -> int | None:
    """The thread a message goes to; None is the chat itself, or General.

    Client.cpp `check_reply_parameters` asks for the message whose number the thread has. General has none, so that
    naming it by its number 1 fails; leaving the parameter out is how to write there.
    """
    thread = given.integer("message_thread_id")
    if thread < 0:
        raise bad_request("message thread not found")
    if thread == 0:
        topic = chat.general
    elif chat.forum and thread in chat.topics:
        topic = chat.topics[thread]
    else:
        raise bad_request("message thread not found")
    # Telegram Desktop `CanSendAnyOf`: a closed topic takes words from who may open it again.
    if topic.closed and not topic.by_bot and not chat.members[api.world.bot.id].may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return thread or None


def topic_to_manage(api: BotApi, chat: Chat, given: Parameters) -> Topic:
    """tdlib/td ForumTopicManager.cpp `edit_forum_topic`: a forum, the right or one's own, an existing topic."""
    forum_only(chat)
    topic = chat.topics.get(given.integer("message_thread_id"))
    if topic is None or not topic.by_bot:
        needs(api, chat, "can_manage_topics", "not enough rights to edit the topic")
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def forum_only(chat: Chat) -> None:
    if not chat.forum:
        raise bad_request("the chat is not a forum")
