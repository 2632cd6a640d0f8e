"""What somebody did in a room, as the line takes it: words, a place on the map, or something without either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import Inbound
from bot.channels.matrix.writing import POLL
from flows.phi import Phi
from storage.inbox import UNREAD
from storage.letterbox import Letter

TEXTS: Final = frozenset({"m.text", "m.emote", "m.notice"})
#: What a message is that has no words; everything else of its kind is "other".
SHOWN: Final = {
    "m.audio": "voice",
    "m.image": "picture",
    "m.video": "picture",
    "m.file": "file",
    "m.key.verification.request": "verification",
}
#: The same for events that are no messages. What is in no table (who came, what a room is called) is not for the line.
EVENTS: Final = {
    "m.sticker": "sticker",
    "m.reaction": "reaction",
    "m.call.invite": "call",
    "m.call.notify": "call",
    "m.rtc.notification": "call",
    "org.matrix.msc4075.call.notify": "call",
    "org.matrix.msc4075.rtc.notification": "call",
    "m.poll.start": "other",
    "org.matrix.msc3381.poll.start": "other",
}
BEACONS: Final = {"m.beacon": "m.location", "org.matrix.msc3672.beacon": "org.matrix.msc3488.location"}
VOTES: Final = {f"{POLL}.response": f"{POLL}.response", "m.poll.response": "m.selections"}
_QUOTED: Final = re.compile(r"\A(?:> [^\n]*\n)+\n?")
_GEO: Final = re.compile(r"geo:(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")


def read(letter: Letter, channel: str) -> Inbound | None:
    """The letter for the line; None for what is no message of anybody."""
    event = letter.event
    kind, words, key = _said(event) if letter.room_id else _own(event)
    if not kind:
        return None
    # Told as unreadable under a name of its own: should the key come after all, the words are no repeat of that.
    external_id = f"{letter.event_id}{UNREAD}" if letter.state == "locked" else letter.event_id
    return Inbound(channel, external_id, str(event.get("sender", "")), kind, Phi(words), key)


def device_key(letter: Letter) -> str:
    """The key of the device that encrypted it; nothing where it came in the clear."""
    ours = letter.event.get("handrail")
    return str(ours.get("device_key", "")) if isinstance(ours, dict) else ""


def replied_to(letter: Letter) -> str:
    """The event that this is a reply to; nothing where it is none."""
    relation = _content(letter.event).get("m.relates_to")
    reply = relation.get("m.in_reply_to") if isinstance(relation, dict) else None
    return str(reply.get("event_id", "")) if isinstance(reply, dict) else ""


Said = tuple[str, str, str]
NOTHING: Final[Said] = ("", "", "")


def _own(event: Mapping[str, Any]) -> Said:
    """A letter that we wrote ourselves, about what we noticed. It came from no room; what anybody sends has one."""
    if event.get("type") == "handrail.noticed":
        return "noticed", str(event["what"]), ""
    if event.get("type") == "handrail.seen":
        return "seen", "", str(event["key"])
    return NOTHING


def _said(event: Mapping[str, Any]) -> Said:
    kind = event.get("type")
    if "state_key" in event:
        return NOTHING
    if kind == "m.room.encrypted" or not isinstance(kind, str):
        return "unreadable", "", ""
    if kind == "m.room.message":
        return _message(_content(event))
    if kind in BEACONS:
        return _place(_content(event).get(BEACONS[kind]), "uri")
    if kind in VOTES:
        return _vote(_content(event), VOTES[kind])
    return ("wordless", EVENTS[kind], "") if kind in EVENTS else NOTHING


def _message(content: Mapping[str, Any]) -> Said:
    changed = _changed(content)
    meant = content.get("m.new_content") if changed else content
    meant = meant if isinstance(meant, dict) else content
    kind, body = str(meant.get("msgtype")), meant.get("body")
    if kind == "m.location":
        return _place(meant, "geo_uri")
    if kind in TEXTS and isinstance(body, str):
        return ("edit" if changed else "text"), _QUOTED.sub("", body), changed
    return "wordless", SHOWN.get(kind, "other"), ""


def _vote(content: Mapping[str, Any], name: str) -> Said:
    """The answer that was chosen in a poll, and the event of that poll; taking a vote back is none."""
    chosen = content.get(name)
    chosen = chosen.get("answers") if isinstance(chosen, dict) else chosen
    relation = content.get("m.relates_to")
    if not isinstance(chosen, list) or not chosen or not isinstance(relation, dict):
        return NOTHING
    return "tap", str(chosen[0]), str(relation.get("event_id", ""))


def _changed(content: Mapping[str, Any]) -> str:
    """The event that this one replaces; nothing where it is no change."""
    relation = content.get("m.relates_to")
    if not isinstance(relation, dict) or relation.get("rel_type") != "m.replace":
        return ""
    return str(relation.get("event_id", ""))


def _place(where: object, name: str) -> Said:
    found = _GEO.match(str(where.get(name, ""))) if isinstance(where, dict) else None
    return ("location", f"{found[1]},{found[2]}", "") if found else ("wordless", "other", "")


def _content(event: Mapping[str, Any]) -> Mapping[str, Any]:
    content = event.get("content")
    return content if isinstance(content, dict) else {}
