"""Topics of a forum: made, renamed, closed, opened, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.access import chat_to_write, forum_only, needs, topic_to_manage
from tests.fakes.telegram.methods import method
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request
from tests.fakes.telegram.words import units
from tests.fakes.telegram.world import Chat, Topic

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

#: Documentation, "createForumTopic": 1-128 characters, and six colours.
LONGEST_NAME = 128
COLOURS = {0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F}


@method("createForumTopic")
def create_forum_topic(api: BotApi, given: Parameters) -> dict[str, Any]:
    """tdlib/td ForumTopicManager.cpp `create_forum_topic`; the bot is told of it as of any message."""
    chat = chat_to_write(api, given)
    forum_only(chat)
    needs(api, chat, "can_manage_topics", "not enough rights to create a topic")
    topic = Topic(
        0, _name(given), given.integer("icon_color", 0x6FB9F0), given.string("icon_custom_emoji_id"), by_bot=True
    )
    if topic.color not in COLOURS:
        raise bad_request("invalid icon color specified")
    created = {"forum_topic_created": {"name": topic.name, "icon_color": topic.color}}
    message = api.note(chat, api.world.bot, created, opens_topic=True)
    topic.id = message.id
    chat.topics[topic.id] = topic
    about = {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.color}
    return about | ({"icon_custom_emoji_id": topic.icon} if topic.icon else {})


@method("editForumTopic")
def edit_forum_topic(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    topic = topic_to_manage(api, chat, given)
    name = _name(given) if given.has("name") else topic.name
    icon = given.string("icon_custom_emoji_id", topic.icon)
    if not given.has("name") and "icon_custom_emoji_id" not in given.values:
        return True
    if (name, icon) == (topic.name, topic.icon):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name, topic.icon = name, icon
    api.note(chat, api.world.bot, {"forum_topic_edited": {"name": name}}, thread=topic.id)
    return True


@method("closeForumTopic")
def close_forum_topic(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    return _shut(api, chat, topic_to_manage(api, chat, given), closed=True)


@method("reopenForumTopic")
def reopen_forum_topic(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    return _shut(api, chat, topic_to_manage(api, chat, given), closed=False)


@method("closeGeneralForumTopic")
def close_general_forum_topic(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    forum_only(chat)
    needs(api, chat, "can_manage_topics", "not enough rights to edit the topic")
    return _shut(api, chat, chat.general, closed=True)


@method("reopenGeneralForumTopic")
def reopen_general_forum_topic(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    forum_only(chat)
    needs(api, chat, "can_manage_topics", "not enough rights to edit the topic")
    return _shut(api, chat, chat.general, closed=False)


def _shut(api: BotApi, chat: Chat, topic: Topic, *, closed: bool) -> bool:
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    event = "forum_topic_closed" if closed else "forum_topic_reopened"
    api.note(chat, api.world.bot, {event: {}}, thread=topic.id if topic is not chat.general else None)
    return True


@method("deleteForumTopic")
def delete_forum_topic(api: BotApi, given: Parameters) -> bool:
    """Documentation: "along with all its messages"; the right is that of deleting messages."""
    chat = chat_to_write(api, given)
    forum_only(chat)
    needs(api, chat, "can_delete_messages", "not enough rights to delete the topic")
    thread = given.integer("message_thread_id")
    if thread not in chat.topics:
        raise bad_request("TOPIC_ID_INVALID")
    remove_topic(chat, thread)
    api.changed()
    return True


def remove_topic(chat: Chat, thread: int) -> None:
    """By whoever may: the bot is told nothing of it."""
    del chat.topics[thread]
    for message in chat.messages.values():
        if thread in {message.thread, message.id}:
            message.deleted = True


def _name(given: Parameters) -> str:
    name = given.string("name").strip()
    if not name:
        raise bad_request("title must be non-empty")
    if units(name) > LONGEST_NAME:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    return name
