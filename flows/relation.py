"""What ties a staff member to a participant right now: the facts that the one door decides on."""

from __future__ import annotations

from datetime import datetime

from flows.case import Case
from flows.ladder import Roster
from flows.people import Participant, StaffMember
from flows.policy import Relation, Role
from flows.rota import LAYERS, who_is_on

#: Roles whose team is the whole programme.
LEADERS = frozenset({Role.SUPERVISOR, Role.DIRECTOR})


def relation(staff: StaffMember, person: Participant, case: Case | None, roster: Roster, now: datetime) -> Relation:
    """Own caseload, on the ladder of the open case (paged, or on call now), holder of it."""
    open_case = case is not None
    on_call = any(staff.id in who_is_on(roster.shifts, layer, now) for layer in LAYERS)
    return Relation(
        caseload=person.therapist_id == staff.id or staff.role in LEADERS,
        on_ladder=open_case and (on_call or staff.id in (case.paged if case else ())),
        holder=case is not None and staff.id in {case.holder_id, case.speaker_id},
    )
