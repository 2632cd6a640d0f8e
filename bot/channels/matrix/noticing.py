"""What one answer of the server says about people who said nothing: what they have read, that they left, that we were
put out. Each becomes a letter of our own, so that it is kept together with everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from nio import ReceiptEvent, SyncResponse

from storage.schema import to_microseconds

if TYPE_CHECKING:
    from bot.channels.matrix.client import HardenedClient

READ: Final = frozenset({"m.read", "m.read.private"})
GONE: Final = frozenset({"leave", "ban"})
WRITTEN: Final = frozenset({"m.room.message", "m.room.encrypted"})


def note_sent(client: HardenedClient, source: Mapping[str, Any]) -> None:
    """One of our own messages came back: its event and the key under which the outbox knows it belong together."""
    unsigned = source.get("unsigned")
    key = unsigned.get("transaction_id") if isinstance(unsigned, dict) else None
    if isinstance(key, str) and key:
        client.box.note_sent(str(source["event_id"]), key)


def note_receipts(client: HardenedClient, response: SyncResponse) -> None:
    """A receipt names the newest thing that somebody has seen. It is a hint, and no more: an app may send none."""
    for room in response.rooms.join.values():
        for event in room.ephemeral:
            for receipt in event.receipts if isinstance(event, ReceiptEvent) else ():
                key = client.box.sent_as(receipt.event_id) if receipt.receipt_type in READ else ""
                if key and receipt.user_id != client.user_id:
                    _put(client, f"seen/{receipt.user_id}/{key}", type="handrail.seen", sender=receipt.user_id, key=key)


def note_member(client: HardenedClient, source: Mapping[str, Any], room_id: str) -> None:
    """Somebody left the room that is theirs, or came (back) into it."""
    user, content = source.get("state_key"), source.get("content")
    if not isinstance(user, str) or not isinstance(content, dict) or client.box.known(room_of(user)) != room_id:
        return
    membership = str(content.get("membership"))  # in an event that fits no schema it may be anything
    if membership in GONE:
        client.box.know(gone_from(user), True)
        noticed(client, user, "left", str(source.get("event_id")))
    elif membership == "join" and client.box.known(gone_from(user)):
        client.box.know(gone_from(user), False)
        noticed(client, user, "returned", str(source.get("event_id")))


def note_words(client: HardenedClient, source: Mapping[str, Any]) -> None:
    """Whoever had left and writes, in whichever room, is back."""
    user = str(source.get("sender"))
    if source.get("type") in WRITTEN and client.box.known(gone_from(user)):
        client.box.know(gone_from(user), False)
        noticed(client, user, "returned", str(source.get("event_id")))


def note_put_out(client: HardenedClient, response: SyncResponse) -> None:
    """We were put out of a room, or left it: matrix-nio goes on believing that we are in it."""
    for room_id in response.rooms.leave:
        room = client.rooms.pop(room_id, None)
        for user in room.users if room is not None else ():
            if user != client.user_id and client.box.known(room_of(user)) == room_id:
                client.box.know(room_of(user), "")
                client.box.know(gone_from(user), True)
                noticed(client, user, "left", f"{room_id}/{response.next_batch}")


def room_of(user_id: str) -> str:
    """Under which name the letterbox knows somebody's room."""
    return f"room of {user_id}"


def shared_as(key: str) -> str:
    """Under which name the letterbox knows the shared room of that key."""
    return f"shared room {key}"


def key_of(room_id: str) -> str:
    return f"key of {room_id}"


def gone_from(user_id: str) -> str:
    return f"gone: {user_id}"


def noticed(client: HardenedClient, user: str, what: str, once_for: str) -> None:
    """Put a letter of our own about this person into the letterbox, once for each such thing."""
    _put(client, f"{what}/{user}/{once_for}", type="handrail.noticed", sender=user, what=what)


def _put(client: HardenedClient, event_id: str, **letter: str) -> None:
    now = to_microseconds(client.clock.now())
    client.box.put({"event_id": event_id, **letter}, "", "", "new", now)
