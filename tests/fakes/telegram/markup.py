"""Buttons: those under a message, and the keyboard in place of the phone's own."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request

#: Documentation, "InlineKeyboardButton": callback_data is 1-64 bytes, not characters.
LONGEST_DATA = 64
#: tdlib/td reply markups: more than this the server does not take.
MOST_BUTTONS = 100
KINDS = {"inline_keyboard", "keyboard", "remove_keyboard", "force_reply"}
ACTIONS = {"callback_data", "url", "web_app", "login_url", "switch_inline_query", "copy_text", "pay"}


def reply_markup(given: Parameters) -> dict[str, Any] | None:
    """Client.cpp `get_reply_markup`."""
    markup = given.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict) or not KINDS & set(markup):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _check_inline(_rows(markup["inline_keyboard"]))
    if "keyboard" in markup:
        _check_keyboard(_rows(markup["keyboard"]))
    return markup


def inline(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """What hangs under a message; a keyboard without buttons is none."""
    return markup if markup and any(markup.get("inline_keyboard", [])) else None


def _rows(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be an Array of Arrays')
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def _check_inline(rows: list[list[Any]]) -> None:
    for button in (button for row in rows for button in row):
        if not isinstance(button, dict):
            raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
        if not isinstance(button.get("text"), str) or not button["text"]:
            raise bad_request('can\'t parse inline keyboard button: Field "text" must be a non-empty String')
        if not ACTIONS & set(button):
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        _check_data(button)


def _check_data(button: dict[str, Any]) -> None:
    if "callback_data" not in button:
        return
    data = button["callback_data"]
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_keyboard(rows: list[list[Any]]) -> None:
    if not any(rows):
        raise bad_request("keyboard must be non-empty")
    for button in (button for row in rows for button in row):
        words = button if isinstance(button, str) else button.get("text") if isinstance(button, dict) else None
        if not isinstance(words, str) or not words:
            raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object with a text")


def labels(markup: dict[str, Any] | None) -> list[list[str]]:
    """The words on the buttons, row by row."""
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    return [[button if isinstance(button, str) else button["text"] for button in row] for row in rows]
