"""Messages that are there already: edited, deleted, pinned, reacted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.access import chat_to_read, chat_to_write, message_in, needs
from tests.fakes.telegram.markup import inline, reply_markup
from tests.fakes.telegram.methods import method
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.reactions import EMOJI, plain
from tests.fakes.telegram.refusal import bad_request
from tests.fakes.telegram.words import caption, message_text
from tests.fakes.telegram.world import Chat, Message

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

#: Documentation, "deleteMessage": a message can only be deleted if it was sent less than 48 hours ago.
TWO_DAYS = 48 * 3600
#: Client.cpp `fail_query_with_error`: MESSAGE_NOT_MODIFIED.
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


@method("editMessageText")
def edit_message_text(api: BotApi, given: Parameters) -> dict[str, Any]:
    # An edit that is too long keeps the network's own word: only sending has a sentence for it.
    content = message_text(given, too_long="MESSAGE_TOO_LONG")
    message = _own(api, given)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _edit(api, message, content, _inline(given))


@method("editMessageCaption")
def edit_message_caption(api: BotApi, given: Parameters) -> dict[str, Any]:
    words = caption(given)
    message = _own(api, given)
    if not {"photo", "document", "voice"} & set(message.content):
        raise bad_request("there is no caption in the message to edit")
    kept = {key: value for key, value in message.content.items() if "caption" not in key}
    return _edit(api, message, kept | words, _inline(given))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(api: BotApi, given: Parameters) -> dict[str, Any]:
    message = _own(api, given)
    return _edit(api, message, message.content, _inline(given))


def _inline(given: Parameters) -> dict[str, Any] | None:
    """Documentation, "editMessageText": only an inline keyboard; and none takes away the one that was there."""
    markup = reply_markup(given)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return inline(markup)


def _own(api: BotApi, given: Parameters) -> Message:
    if not given.has("chat_id") and given.has("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    message = message_in(chat_to_write(api, given), given, "message to edit")
    if message.author is not api.world.bot:
        raise bad_request("message can't be edited")
    return message


def _edit(api: BotApi, message: Message, content: dict[str, Any], buttons: dict[str, Any] | None) -> dict[str, Any]:
    if content == message.content and buttons == message.buttons:
        raise bad_request(NOT_MODIFIED)
    message.before.append(message.content)
    message.content, message.buttons = content, buttons
    message.edited = int(api.clock.now())
    api.changed()
    return message.as_json()


@method("deleteMessage")
def delete_message(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    message = message_in(chat, given, "message to delete")
    _check_deletable(api, chat, message)
    message.deleted = True
    api.changed()
    return True


@method("deleteMessages")
def delete_messages(api: BotApi, given: Parameters) -> bool:
    """Documentation: 1-100; those not found are skipped. tdlib/td checks them all before it deletes any."""
    ids = given.message_ids()
    chat = chat_to_write(api, given)
    found = [chat.messages[one] for one in ids if one in chat.messages and not chat.messages[one].deleted]
    for message in found:
        _check_deletable(api, chat, message)
    for message in found:
        message.deleted = True
    api.changed()
    return True


def _check_deletable(api: BotApi, chat: Chat, message: Message) -> None:
    """Documentation, "deleteMessage", its list of limitations; the sentences are those of tdlib/td."""
    if "forum_topic_created" in message.content:
        raise bad_request("message can't be deleted")
    own = message.author is api.world.bot
    if chat.person is None and not own and not chat.members[api.world.bot.id].may("can_delete_messages"):
        raise bad_request("message can't be deleted")
    if api.clock.now() - message.date >= TWO_DAYS:
        raise bad_request("message can't be deleted for everyone")


@method("pinChatMessage")
def pin_chat_message(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    message = message_in(chat, given, "message to pin")
    needs(api, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        api.note(chat, api.world.bot, {"pinned_message": message.as_json(quoting=False)}, thread=message.thread)
    return True


@method("unpinChatMessage")
def unpin_chat_message(api: BotApi, given: Parameters) -> bool:
    """Documentation: without a number, the newest pinned one."""
    chat = chat_to_write(api, given)
    needs(api, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    if not given.has("message_id"):
        if not chat.pinned:
            raise bad_request("message to unpin not found")
        chat.pinned.pop()
    else:
        message = message_in(chat, given, "message to unpin")
        chat.pinned = [one for one in chat.pinned if one != message.id]
    api.changed()
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(api: BotApi, given: Parameters) -> bool:
    chat = chat_to_write(api, given)
    needs(api, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    chat.pinned.clear()
    api.changed()
    return True


@method("setMessageReaction")
def set_message_reaction(api: BotApi, given: Parameters) -> bool:
    """Documentation: a bot may leave one reaction; an empty list takes it back. Client.cpp `get_reaction_types`."""
    reactions = given.json("reaction", "reaction types") or []
    if not isinstance(reactions, list):
        raise bad_request("expected an Array of ReactionType")
    if not all(isinstance(one, dict) and one.get("type") == "emoji" and one.get("emoji") for one in reactions):
        raise bad_request("can't parse ReactionType: invalid reaction type specified")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if not all(plain(one["emoji"]) in EMOJI for one in reactions):
        raise bad_request("REACTION_INVALID")
    message = message_in(chat_to_read(api, given), given, "message to react")
    message.reactions[api.world.bot.id] = [one["emoji"] for one in reactions]
    api.changed()
    return True
