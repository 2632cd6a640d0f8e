"""What one answer of the server brings into the letterbox: every event once, locked ones too, and the gaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from nio import Event, ForwardedRoomKeyEvent, MegolmEvent, RoomKeyEvent, SyncResponse

from bot.channels.matrix.noticing import note_member, note_put_out, note_receipts, note_sent, note_words
from storage.letterbox import Letter
from storage.schema import to_microseconds

if TYPE_CHECKING:
    from bot.channels.matrix.client import HardenedClient

#: What the letterbox calls the place up to which everything is kept.
POSITION: Final = "position"
NEW: Final = "new"
LOCKED: Final = "locked"


def keep(client: HardenedClient, response: SyncResponse) -> None:
    """Everything of one sync. Belongs into the transaction of the keys and the position."""
    before = client.box.known(POSITION)
    for room_id, room in response.rooms.join.items():
        for event in room.timeline.events:
            keep_event(client, event, room_id)
        if room.timeline.limited and before:
            client.box.note_gap(room_id, room.timeline.prev_batch, before)
    for session_id in _keys_in(response):
        unlock(client, session_id)
    note_receipts(client, response)
    note_put_out(client, response)


def keep_event(client: HardenedClient, event: Any, room_id: str) -> None:
    """One event of a timeline, decrypted where that was possible. Of our own, only what we sent is remembered."""
    if "event_id" not in event.source:
        return
    if event.source.get("sender") == client.user_id:
        note_sent(client, event.source)
        return
    if event.source.get("type") == "m.room.member" and not getattr(event, "decrypted", False):
        note_member(client, event.source, room_id)
    note_words(client, event.source)
    came_at = to_microseconds(client.clock.now())
    if isinstance(event, MegolmEvent):
        client.box.put(event.source, room_id, event.session_id or "", LOCKED, came_at)
    else:
        client.box.put(readable(event), room_id, "", NEW, came_at)


def readable(event: Event) -> dict[str, Any]:
    """An event as it goes on from here: what it said, and from which device if it was encrypted."""
    decrypted = getattr(event, "decrypted", False)  # not every bad one has that
    device_key = str(getattr(event, "sender_key", "") or "") if decrypted else ""
    return {**event.source, "handrail": {"device_key": device_key}}


def unlock(client: HardenedClient, session_id: str = "") -> int:
    """Try what is locked again, for one key or for all. Returns how many can be read now."""
    return sum(_unlocked(client, letter) for letter in client.box.locked(session_id))


def _unlocked(client: HardenedClient, letter: Letter) -> bool:
    event = MegolmEvent.from_dict(dict(letter.event))
    event.room_id = letter.room_id
    found = client.decrypted(event) if isinstance(event, MegolmEvent) else None
    if found is None:
        return False
    client.box.unlock(letter.event_id, readable(found))
    return True


def _keys_in(response: SyncResponse) -> Iterator[str]:
    for event in response.to_device_events:
        if isinstance(event, RoomKeyEvent | ForwardedRoomKeyEvent):
            yield event.session_id
