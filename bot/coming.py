"""Somebody follows the link that was made for them: from now on they are reached there, and are told so."""

from __future__ import annotations

from flows.library import Library
from flows.message import Outbound, Urgency
from storage import invites, outbox
from storage.people import AlreadyThere
from storage.store import Unit


def come(unit: Unit, library: Library, channel: str, code: str, place: str) -> bool:
    """Whether this account now is, or was already, the one of the person whom the code was made for."""
    try:
        followed = invites.follow(unit, channel, code, place)
    except AlreadyThere:  # it is somebody else's; whoever holds it is answered as that one
        return False
    if followed is not None and followed.new:
        line = library.line("", "care.connected" if followed.works_here else "everyday.connected", {})
        welcome = Outbound(followed.person_id, line.text, Urgency.REPLY, line.content)
        outbox.promise(unit, [(welcome, followed.address_id, followed.person_id)])
    return followed is not None
