"""What somebody did in a room, as the line takes it: words, a place on the map, or something that we cannot take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import Inbound
from flows.phi import Phi
from storage.letterbox import Letter

#: What people write in a room. Everything else (who came, who left, what it is called) is not for the line.
MESSAGES: Final = frozenset({"m.room.message", "m.sticker", "m.room.encrypted"})
TEXTS: Final = frozenset({"m.text", "m.emote", "m.notice"})
_QUOTED: Final = re.compile(r"\A(?:> [^\n]*\n)+\n?")
_GEO: Final = re.compile(r"geo:(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")


def read(letter: Letter, channel: str) -> Inbound | None:
    """The letter for the line; None for what is no message. A message without words is `unreadable`."""
    event = letter.event
    if event.get("type") not in MESSAGES or "state_key" in event:
        return None
    kind, words = _said(event)
    # Told as unreadable under a name of its own: should the key come after all, the words are no repeat of that.
    external_id = f"{letter.event_id}/locked" if letter.state == "locked" else letter.event_id
    return Inbound(channel, external_id, str(event.get("sender", "")), kind, Phi(words))


def _said(event: Mapping[str, Any]) -> tuple[str, str]:
    content = _meant(event)
    kind, body = content.get("msgtype"), content.get("body")
    if kind == "m.location" and (place := _GEO.match(str(content.get("geo_uri", "")))):
        return "location", f"{place[1]},{place[2]}"
    if kind in TEXTS and isinstance(body, str):
        return "text", _QUOTED.sub("", body)
    return "unreadable", ""


def _meant(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content; of an edit, what it says now."""
    content = event.get("content")
    if not isinstance(content, dict):
        return {}
    relation, newer = content.get("m.relates_to"), content.get("m.new_content")
    edited = isinstance(relation, dict) and relation.get("rel_type") == "m.replace"
    return newer if edited and isinstance(newer, dict) else content
