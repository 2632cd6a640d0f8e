"""What a channel noticed about somebody who said nothing: they left, came back, or use a new device or new keys.

It is no evidence about how they are. It says whether the program still reaches them, and who may be reading.
"""

from __future__ import annotations

from flows import privacy, telling
from flows.event import Noticed
from flows.level import Level
from flows.message import Urgency
from flows.turn import Draft


def about_participant(draft: Draft, event: Noticed) -> None:
    """Whoever can use another way to reach them is told; a new device, they are told as well, where they still read."""
    draft.note(telling.BOT, f"noticed_{event.what}")
    if draft.case is not None:
        draft.happened(f"noticed_{event.what}")
    pressing = draft.case is not None and draft.open_case.level >= Level.URGENT
    urgency = Urgency.CRISIS if pressing else Urgency.REPLY
    for reader in _readers(draft):
        slots = {"name": _name_for(draft, reader)}
        draft.tell(
            reader, f"care.{event.what}", urgency=urgency, slots=slots, replaces=f"noticed:{draft.participant_id}"
        )
    if event.what == "new_device":
        draft.say("everyday.new_device")


def about_staff(draft: Draft, event: Noticed) -> None:
    """A page to somebody who left reaches nobody: whoever runs the machine is told at once, before there is one."""
    staff = draft.situation.staff
    if staff is None:
        return
    draft.note(telling.BOT, f"noticed_{event.what}", "staff", staff.id)
    told = [person for person in telling.operators(draft) if person != staff.id] or [staff.id]
    for person in told:
        draft.tell(
            person,
            f"care.{event.what}",
            urgency=Urgency.CRISIS,
            slots={"name": staff.name},
            replaces=f"noticed:{staff.id}",
        )


def _name_for(draft: Draft, reader: str) -> str:
    """A name is shown on a private channel only."""
    return privacy.first_name(draft.roster.member(reader), draft.situation.participant, privacy.SOMEBODY_FIRST)


def _readers(draft: Draft) -> tuple[str, ...]:
    """Whoever has the case; else the therapist; else whoever runs the machine."""
    if draft.case is not None and draft.open_case.holder_id:
        return (draft.open_case.holder_id,)
    therapist = telling.therapist_id(draft)
    return (therapist,) if draft.roster.member(therapist) else telling.operators(draft)
