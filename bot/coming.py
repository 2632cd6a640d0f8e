"""Somebody follows a link: where it was made for them, they are reached there from now on. They are told so, or not."""

from __future__ import annotations

from flows.library import Library
from flows.message import Outbound, Urgency
from storage import invites, outbox, people
from storage.people import AlreadyThere
from storage.store import Unit


def come(unit: Unit, library: Library, channel: str, code: str, place: str) -> None:
    """If the code was made for somebody, this account is theirs from now on. Whoever came is answered in any case, once
    for each code that they come with."""
    try:
        followed = invites.follow(unit, channel, code, place)
    except AlreadyThere:  # it is somebody else's account, and stays theirs
        followed = None
    if followed is None:
        person_id = people.person_at(unit, channel, place)
        _say(unit, library, person_id, people.address_id_of(unit, person_id), "everyday.link_over")
    elif followed.new:
        welcome = "care.connected" if followed.works_here else "everyday.connected"
        _say(unit, library, followed.person_id, followed.address_id, welcome)


def _say(unit: Unit, library: Library, person_id: str, address_id: str, content: str) -> None:
    line = library.line("", content, {})
    message = Outbound(person_id, line.text, Urgency.REPLY, line.content, replaces=content)
    outbox.promise(unit, [(message, address_id, person_id)])
