"""New messages: text, place, files, copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.access import chat_to_read, chat_to_write, message_in, topic_to_write
from tests.fakes.telegram.markup import inline, reply_markup
from tests.fakes.telegram.methods import method
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request
from tests.fakes.telegram.words import caption, message_text
from tests.fakes.telegram.world import Chat, Message

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

#: Documentation, "sendChatAction".
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
#: What is copied of a message; what happened to a group is not (documentation, "copyMessage").
CONTENT = {
    "text", "entities", "caption", "caption_entities", "location", "photo", "document", "voice", "sticker", "contact",
    "video", "audio", "video_note",
}  # fmt: skip


def send(api: BotApi, given: Parameters, content: dict[str, Any]) -> dict[str, Any]:
    """Client.cpp `do_send_message`, in its order: the markup, the chat, the message replied to, the thread."""
    markup = reply_markup(given)
    chat = chat_to_write(api, given)
    quoted = _replied_to(chat, given)
    thread = topic_to_write(api, chat, given)
    return _post(api, chat, given, content, markup, thread=thread, reply_to=quoted).as_json()


def _post(
    api: BotApi, chat: Chat, given: Parameters, content: dict[str, Any], markup: dict[str, Any] | None, **how: Any
) -> Message:
    message = api.world.post(
        chat,
        api.world.bot,
        api.clock.now(),
        content,
        buttons=inline(markup),
        protected=given.boolean("protect_content"),
        silent=given.boolean("disable_notification"),
        **how,
    )
    if markup and "keyboard" in markup:
        chat.keyboard = markup
    if markup and "remove_keyboard" in markup:
        chat.keyboard = None
    api.changed()
    return message


def _replied_to(chat: Chat, given: Parameters) -> Message | None:
    """Documentation, "ReplyParameters"."""
    reply = given.json("reply_parameters", "reply parameters")
    if reply is None:
        return None
    if not isinstance(reply, dict) or not isinstance(reply.get("message_id"), int):
        raise bad_request('can\'t parse reply parameters: Field "message_id" must be a Number')
    message = chat.messages.get(reply["message_id"])
    if message is not None and not message.deleted:
        return message
    if reply.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


@method("sendMessage")
def send_message(api: BotApi, given: Parameters) -> dict[str, Any]:
    return send(api, given, message_text(given))


@method("sendLocation")
def send_location(api: BotApi, given: Parameters) -> dict[str, Any]:
    """Client.cpp `get_location`."""
    latitude, longitude = given.number("latitude"), given.number("longitude")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request("wrong latitude or longitude specified")
    return send(api, given, {"location": {"latitude": latitude, "longitude": longitude}})


@method("sendDocument")
def send_document(api: BotApi, given: Parameters) -> dict[str, Any]:
    stored = api.files.given(given, "document", "documents")
    about = stored.as_json() | {"file_name": stored.name, "mime_type": stored.kind}
    return send(api, given, {"document": about} | caption(given))


@method("sendPhoto")
def send_photo(api: BotApi, given: Parameters) -> dict[str, Any]:
    stored = api.files.given(given, "photo", "photos")
    return send(api, given, {"photo": [stored.as_json() | {"width": 90, "height": 90}]} | caption(given))


@method("sendVoice")
def send_voice(api: BotApi, given: Parameters) -> dict[str, Any]:
    stored = api.files.given(given, "voice", "voice")
    about = stored.as_json() | {"duration": given.integer("duration"), "mime_type": stored.kind}
    return send(api, given, {"voice": about} | caption(given))


@method("copyMessage")
def copy_message(api: BotApi, given: Parameters) -> dict[str, int]:
    """Documentation, "copyMessage": as if sent anew, without a link to where it was; answers with the number only."""
    content = _taken_from(api, given, "message to copy")
    if not content:
        raise bad_request("message can't be copied")
    if given.has("caption") and "text" not in content:
        content = {key: value for key, value in content.items() if "caption" not in key} | caption(given)
    return {"message_id": send(api, given, content)["message_id"]}


@method("forwardMessage")
def forward_message(api: BotApi, given: Parameters) -> dict[str, Any]:
    content = _taken_from(api, given, "message to forward")
    source = chat_to_read(api, given, "from_chat_id").messages[given.integer("message_id")]
    if source.protected or not content:
        raise bad_request("message can't be forwarded")
    origin = {"type": "user", "date": source.date, "sender_user": source.author.as_user()}
    return send(api, given, content | {"forward_origin": origin})


def _taken_from(api: BotApi, given: Parameters, what: str) -> dict[str, Any]:
    source = message_in(chat_to_read(api, given, "from_chat_id"), given, what)
    if what == "message to copy" and source.protected:
        raise bad_request("message can't be copied")
    return {key: value for key, value in source.content.items() if key in CONTENT}


@method("sendChatAction")
def send_chat_action(api: BotApi, given: Parameters) -> bool:
    action = given.string("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat_to_write(api, given).doing.append(action)
    return True
