"""The bot about itself: who it is, its commands, its descriptions; and files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.access import chat_to_read
from tests.fakes.telegram.files import LARGEST_DOWN
from tests.fakes.telegram.methods import method
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

#: Documentation, "BotCommandScope".
SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
}  # fmt: skip
#: Documentation, "setMyName", "setMyDescription", "setMyShortDescription": the most characters.
LONGEST = {"name": 64, "description": 512, "short_description": 120}


@method("getMe")
def get_me(api: BotApi, given: Parameters) -> dict[str, Any]:
    can = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    more = {"can_connect_to_business": False, "has_main_web_app": False}
    return api.world.bot.as_user() | can | more


@method("setMyCommands")
def set_my_commands(api: BotApi, given: Parameters) -> bool:
    """Documentation, "BotCommand": at most 100; names of 1-32 small letters, digits and underscores."""
    commands = given.json("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not isinstance(command, dict) or not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    api.commands[_scope(api, given)] = [
        {"command": one["command"].lstrip("/"), "description": one["description"]} for one in commands
    ]
    return True


@method("getMyCommands")
def get_my_commands(api: BotApi, given: Parameters) -> list[dict[str, str]]:
    return api.commands.get(_scope(api, given), [])


@method("deleteMyCommands")
def delete_my_commands(api: BotApi, given: Parameters) -> bool:
    api.commands.pop(_scope(api, given), None)
    return True


def _scope(api: BotApi, given: Parameters) -> tuple[str, int, int, str]:
    scope = given.json("scope", "BotCommandScope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    chat = person = 0
    if kind in {"chat", "chat_administrators", "chat_member"}:
        chat = chat_to_read(api, Parameters({"chat_id": scope.get("chat_id")})).id
    if kind == "chat_member":
        person = Parameters(scope).integer("user_id")
    return kind, chat, person, _language(given)


def _language(given: Parameters) -> str:
    code = given.string("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("LANG_CODE_INVALID")
    return code


@method("setMyName")
def set_my_name(api: BotApi, given: Parameters) -> bool:
    return _describe(api, given, "name")


@method("setMyDescription")
def set_my_description(api: BotApi, given: Parameters) -> bool:
    return _describe(api, given, "description")


@method("setMyShortDescription")
def set_my_short_description(api: BotApi, given: Parameters) -> bool:
    return _describe(api, given, "short_description")


def _describe(api: BotApi, given: Parameters, what: str) -> bool:
    text = given.string(what)
    if len(text) > LONGEST[what]:
        raise bad_request(f"bot {what.replace('_', ' ')} is too long")
    api.described[what, _language(given)] = text
    return True


@method("getMyName")
def get_my_name(api: BotApi, given: Parameters) -> dict[str, str]:
    return {"name": api.described.get(("name", _language(given)), api.world.bot.first_name)}


@method("getMyDescription")
def get_my_description(api: BotApi, given: Parameters) -> dict[str, str]:
    return {"description": api.described.get(("description", _language(given)), "")}


@method("getMyShortDescription")
def get_my_short_description(api: BotApi, given: Parameters) -> dict[str, str]:
    return {"short_description": api.described.get(("short_description", _language(given)), "")}


@method("setChatMenuButton")
def set_chat_menu_button(api: BotApi, given: Parameters) -> bool:
    """Documentation, "MenuButton": for one private chat, or for all."""
    button = given.json("menu_button", "MenuButton") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in {"commands", "web_app", "default"}:
        raise bad_request("can't parse MenuButton: unsupported type specified")
    api.menu_buttons[given.integer("chat_id")] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(api: BotApi, given: Parameters) -> dict[str, Any]:
    return api.menu_buttons.get(given.integer("chat_id"), {"type": "commands"})


@method("getFile")
def get_file(api: BotApi, given: Parameters) -> dict[str, Any]:
    """Client.cpp `check_remote_file_id`, `do_get_file`."""
    if not given.has("file_id"):
        raise bad_request("file_id not specified")
    stored = api.files.by_id.get(given.string("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > LARGEST_DOWN:
        raise bad_request("file is too big")
    return stored.as_file()
