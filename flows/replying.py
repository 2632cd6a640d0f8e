"""Answering the staff member who acts."""

from __future__ import annotations

from flows import privacy
from flows.message import Room
from flows.policy import Grant
from flows.turn import Draft


def reply(
    draft: Draft, content: str, *, question: str = "", ref: str = "", room: Room | None = None, **slots: object
) -> None:
    """Answer the staff member who acts."""
    draft.tell(staff_id(draft), content, slots=slots, question=question, ref=ref, room=room)


def staff_id(draft: Draft) -> str:
    """The id of the staff member who acts."""
    return draft.situation.staff.id if draft.situation.staff else ""


def name(draft: Draft) -> str:
    """The participant's name for staff on a private channel; a neutral word elsewhere."""
    person, staff = draft.situation.participant, draft.situation.staff
    granted = isinstance(draft.situation.grant, Grant)
    return privacy.full_name(staff if granted else None, person)
