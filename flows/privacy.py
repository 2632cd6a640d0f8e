"""What may be said of a participant on whose phone. Whatever names or quotes one to staff asks here, and only here.

A name, a plan and the record are for channels that are end-to-end encrypted, whatever the settings say. Words go to no
channel that is less private than the one they were written on, unless the programme says that they may.
"""

from __future__ import annotations

from flows.people import Participant, StaffMember
from flows.phi import Phi
from flows.settings import Settings

#: Stands where a name may not: within a sentence, and at the beginning of one.
SOMEBODY, SOMEBODY_FIRST = "this participant", "A participant"


def may_name(reader: StaffMember | None) -> bool:
    """Whether a participant may be named on this phone, and their plan and record be shown."""
    return reader is not None and reader.private


def may_quote(reader: StaffMember | None, person: Participant | None, settings: Settings) -> bool:
    """Whether what this participant writes may be read on this phone; without their name, where that may not be."""
    if reader is None:
        return False
    as_private = reader.private or (person is not None and not person.private)
    return as_private or settings.privacy.words_on_public_channels


def may_move(*, about_a_participant: bool, is_page: bool, written_for: bool, goes_to: bool) -> bool:
    """Whether what was made for one channel may go out by another; `written_for` and `goes_to` say which of them is
    private. What staff are told on a private one stays there, but for pages, which tell nothing on any."""
    return goes_to or not written_for or is_page or not about_a_participant


def full_name(reader: StaffMember | None, person: Participant | None, instead: str = SOMEBODY) -> str:
    """The participant's whole name for this reader, or what stands in its place."""
    return shown(reader, person.name, instead) if person else instead


def first_name(reader: StaffMember | None, person: Participant | None, instead: str = SOMEBODY) -> str:
    """The name to use in talk, for this reader, or what stands in its place."""
    return person.first_name if person and may_name(reader) else instead


def shown(reader: StaffMember | None, words: Phi[str], instead: str = "") -> str:
    """What is for private channels alone, for this reader, or what stands in its place."""
    return words.reveal() if may_name(reader) else instead
