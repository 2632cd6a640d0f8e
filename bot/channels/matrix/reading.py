"""What somebody did in a room, as the line takes it: words, a place on the map, or something without either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from bot.channels.base import Inbound
from bot.channels.matrix.writing import POLL, TEXT
from flows.phi import Phi
from storage.inbox import UNREAD
from storage.letterbox import Letter

#: What a message is that has no words. Of any other kind, its words are words; without any it is "other".
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
    f"{POLL}.start": "other",
}
POLLS: Final = frozenset({"m.poll.start", f"{POLL}.start"})
BEACONS: Final = {"m.beacon": "m.location", "org.matrix.msc3672.beacon": "org.matrix.msc3488.location"}
VOTES: Final = {f"{POLL}.response": f"{POLL}.response", "m.poll.response": "m.selections"}
#: What apps put before a reply for those that cannot show one. Whoever begins a line with > by hand means their words.
_QUOTED: Final = re.compile(r"\A> (?:\* )?<@[^>\n]+> [^\n]*\n(?:> [^\n]*\n)*\n?")
_TAG: Final = re.compile(r"<[^>]*>")
#: What follows the id of a message, for the words that came with something without words.
BESIDE: Final = "/words"
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


def beside(letter: Letter, channel: str) -> Inbound | None:
    """The words that came with a picture, a file or a poll: they are heard like any others."""
    content = _content(letter.event)
    words = _asked(content) if letter.event.get("type") in POLLS else _caption(_meant(content))
    if not words or not letter.room_id:
        return None
    return Inbound(channel, f"{letter.event_id}{BESIDE}", str(letter.event.get("sender", "")), "text", Phi(words))


def device_key(letter: Letter) -> str:
    """The key of the device that encrypted it; nothing where it came in the clear."""
    return _device_key(letter.event)


def _device_key(event: Mapping[str, Any]) -> str:
    ours = event.get("handrail")
    return str(ours.get("device_key", "")) if isinstance(ours, dict) else ""


def replied_to(letter: Letter) -> str:
    """The event that this is a reply to; nothing where it is none."""
    return _replied_to(_content(letter.event))


def _replied_to(content: Mapping[str, Any]) -> str:
    """In a thread, apps name its newest message for those that know no threads; the first one is what is meant."""
    relation = content.get("m.relates_to")
    if isinstance(relation, dict) and relation.get("rel_type") == "m.thread" and relation.get("is_falling_back"):
        return str(relation.get("event_id", ""))
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
    kind, unsigned = event.get("type"), event.get("unsigned")
    if isinstance(unsigned, dict) and "redacted_because" in unsigned:
        return NOTHING  # taken back before we saw it
    if "state_key" in event:  # encrypted, it is nothing that any app means to send
        return ("unreadable", "", "") if _device_key(event) else NOTHING
    if kind == "m.room.encrypted" or not isinstance(kind, str):
        return "unreadable", "", ""
    return _of_kind(kind, event)


def _of_kind(kind: str, event: Mapping[str, Any]) -> Said:
    if kind == "m.room.message":
        return _message(_content(event))
    if kind in BEACONS:
        return _place(_content(event).get(BEACONS[kind]), "uri")
    if kind in VOTES:
        return _vote(_content(event), VOTES[kind])
    return ("wordless", EVENTS[kind], "") if kind in EVENTS else NOTHING


def _message(content: Mapping[str, Any]) -> Said:
    changed, meant = _changed(content), _meant(content)
    kind, words = str(meant.get("msgtype")), _words(meant)
    if kind == "m.location":
        return _place(meant, "geo_uri")
    if words and kind not in SHOWN:
        quotes = changed or _replied_to(content)
        return ("edit" if changed else "text"), _QUOTED.sub("", words) if quotes else words, changed
    return "wordless", SHOWN.get(kind, "other"), ""


def _meant(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands there now: of a change, what it was changed to."""
    new = content.get("m.new_content") if _changed(content) else None
    return new if isinstance(new, dict) else content


def _words(content: Mapping[str, Any]) -> str:
    """Whatever words there are, in whichever form."""
    body, formatted = content.get("body"), content.get("formatted_body")
    if isinstance(body, str):
        return body
    return unescape(_TAG.sub(" ", formatted)).strip() if isinstance(formatted, str) else ""


def _caption(content: Mapping[str, Any]) -> str:
    """Where the name of a file stands elsewhere, the body is what somebody wrote under it."""
    name, body = content.get("filename"), content.get("body")
    return body if isinstance(name, str) and isinstance(body, str) and body != name else ""


def _asked(content: Mapping[str, Any]) -> str:
    """A poll of their own as text, with its answers."""
    words = content.get(TEXT, content.get("m.text"))
    if isinstance(words, list):
        words = "\n".join(str(one.get("body", "")) for one in words if isinstance(one, dict))
    return words if isinstance(words, str) else ""


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
