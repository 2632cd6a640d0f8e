"""Whom to tell, and what time it is where they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flows.policy import Role
from flows.turn import Draft

BOT = "handrail"


def people_with(draft: Draft, role: Role) -> tuple[str, ...]:
    """Everybody of one role."""
    return tuple(person.id for person in draft.roster.staff if person.role is role)


def operators(draft: Draft) -> tuple[str, ...]:
    """Who hears of faults of the machine: operators, else supervisors, else directors, else whoever works here."""
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.DIRECTOR, Role.THERAPIST):
        if found := people_with(draft, role):
            return found
    return ()


def at_programme_time(draft: Draft, at: datetime) -> str:
    """A time of day as staff read it."""
    return _clock(at, draft.library.settings.programme.zone, draft.now)


def at_their_time(draft: Draft, at: datetime) -> str:
    """A time of day as the participant reads it."""
    person = draft.situation.participant
    return _clock(at, person.zone if person else draft.library.settings.programme.zone, draft.now)


def _clock(at: datetime, zone: str, now: datetime) -> str:
    local = at.astimezone(ZoneInfo(zone))
    far = at - now > timedelta(hours=20)
    return f"{local:%a} {local:%H:%M}" if far else f"{local:%H:%M}"


def therapist_id(draft: Draft) -> str:
    person = draft.situation.participant
    return person.therapist_id if person else ""
