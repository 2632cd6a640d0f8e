"""Rooms that several people share: the team's, a case's, and a private one for two.

The program listens in all of them. In the last two it says next to nothing: people speak there.
"""

from __future__ import annotations

from flows import asking, crisis, escalation, everyday
from flows.case import Case
from flows.event import Said
from flows.level import Level
from flows.message import Outbound, Room, Urgency
from flows.people import StaffMember
from flows.policy import RULES, Action
from flows.turn import Draft

TEAM = "team"
_PRIVATE = "private/"


def of_case(
    draft: Draft, case: Case, staff: StaffMember | None, *, ends: bool = False, rests: bool = False
) -> Room | None:
    """The room of a case, where the programme wants one on the channel that this person is on."""
    wanted = staff is not None and draft.library.settings.case_rooms_on(staff.channel)
    return Room(f"case {case.number}", ends=ends, rests=rests) if wanted else None


def of_two(participant_id: str, staff_id: str, *, ends: bool = False) -> Room:
    """A private room for a participant and somebody who works here."""
    return Room(f"{_PRIVATE}{participant_id}/{staff_id}", (staff_id,), ends)


def is_of_two(key: str) -> bool:
    """Whether this is the room of a participant and one person who works here."""
    return key.startswith(_PRIVATE)


def is_among_people(key: str) -> bool:
    """Whether people speak with each other in this room, and with the program only by a command."""
    return key == TEAM or is_of_two(key)


def overheard(draft: Draft, event: Said) -> None:
    """What a participant says to somebody in a room of their own is heard like everything else. The program answers
    danger alone, with numbers, where only the participant reads it; and people are asked, whoever is there already."""
    signals = event.assessment.signals
    if everyday.is_stop(event.text.reveal()):
        everyday.stop_questions(draft)
    if everyday.is_call_for_help(event.text.reveal()):
        signals = (*signals, crisis.asked_for_help(event.text.reveal()))
    if any(signal.level >= Level.URGENT for signal in signals):
        asking.numbers_only(draft)
    escalation.listen(draft, signals, event.text)


def tell_team(draft: Draft) -> None:
    """One line in the team's room when a case that pages people changes hands or state: no name, no words."""
    case, before = draft.case, draft.situation.case
    if not draft.library.settings.matrix.team_room or case is None or case.level < Level.URGENT:
        return
    if before is not None and _shown(before) == _shown(case):
        return
    people = _team(draft)
    if not people:
        return
    holder = draft.roster.name(case.holder_id) if case.holder_id else "nobody yet"
    line = draft.staff_line(
        "care.team", case=case.number, level=case.level.word.upper(), state=case.state, holder=holder
    )
    others = tuple(person.id for person in people[1:])
    draft.send(Outbound(people[0].id, line.text, Urgency.REPLY, line.content, room=Room(TEAM, others)))


def _shown(case: Case) -> tuple[Level, str, str]:
    return case.level, case.state, case.holder_id


def _team(draft: Draft) -> list[StaffMember]:
    """Everybody on such a channel who may ask for the list of cases."""
    return [person for person in draft.roster.staff if person.rooms and Action.LIST_CASES in RULES[person.role]]
