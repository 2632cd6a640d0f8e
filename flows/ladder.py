"""Ladders as a clinic writes them (`config/escalation.yaml`): for each level who is told, and when the next one is.

Clocks are those of the clinical protocol 4.3. A name in a tier is a role to be filled at that moment, never a person,
so that a rota change reaches a ladder which is already being climbed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from pydantic import model_validator

from flows.durations import Duration, duration
from flows.level import Level
from flows.people import StaffMember
from flows.policy import Role
from flows.rota import Shift, who_is_on
from flows.strict import Strict

#: Whom a tier may name: the participant's own therapist, the same only during working hours, a layer of the rota,
#: or the operator (who gets an alarm without health content).
SEATS = ("therapist", "therapist_on_shift", "primary", "backup", "supervisor", "director", "operator")
_ROLE_OF = {"supervisor": Role.SUPERVISOR, "director": Role.DIRECTOR, "operator": Role.OPERATOR}


class Tier(Strict):
    """One rung: `page` asks everybody named, `first_of` only the first seat that somebody sits in, `tell` informs."""

    after: Duration = duration("0m")
    page: tuple[str, ...] = ()
    first_of: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_somebody(self) -> Tier:
        for seat in (*self.page, *self.first_of, *self.tell):
            if seat not in SEATS:
                raise ValueError(f"{seat!r} is nobody on a ladder; there are {', '.join(SEATS)}")
        if not self.page and not self.first_of:
            raise ValueError("this tier pages nobody; name somebody under page or first_of")
        return self


class FollowUpRule(Strict):
    """A task that a resolved case leaves behind, due `after` the resolution."""

    id: str
    after: Duration


class Ladder(Strict):
    """The tiers of one level, in order, and what follows them."""

    tiers: tuple[Tier, ...]
    repeat_every: Duration
    engage_within: Duration
    pager_after: Duration = duration("2m")
    remind_engaged_every: Duration = duration("2h")
    follow_ups: tuple[FollowUpRule, ...] = ()

    @model_validator(mode="after")
    def _clocks_run_forward(self) -> Ladder:
        starts = [tier.after for tier in self.tiers]
        if not starts:
            raise ValueError("a ladder needs at least one tier")
        if starts[0] != timedelta():
            raise ValueError("the first tier must start at 0m")
        if any(late <= early for early, late in pairwise(starts)):
            raise ValueError("each tier must start later than the one before it")
        if self.repeat_every < timedelta(minutes=1):
            raise ValueError("repeat_every must be at least 1m")
        return self


class Escalation(Strict):
    """The ladders of the two levels that page people."""

    urgent: Ladder
    emergency: Ladder
    follow_up_overdue_after: Duration = duration("2h")

    def of(self, level: Level) -> Ladder:
        """The ladder for `level`; watch has none, because nobody is paged for it."""
        return self.emergency if level is Level.EMERGENCY else self.urgent


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who works here and their shifts, as they stand now."""

    staff: tuple[StaffMember, ...] = ()
    shifts: tuple[Shift, ...] = ()

    def member(self, staff_id: str) -> StaffMember | None:
        return next((person for person in self.staff if person.id == staff_id), None)

    def name(self, staff_id: str) -> str:
        person = self.member(staff_id)
        return person.name if person else "somebody who has left"

    def first_name(self, staff_id: str) -> str:
        person = self.member(staff_id)
        return person.first_name if person else "your care team"


def sits(seat: str, roster: Roster, therapist_id: str, now: datetime) -> tuple[str, ...]:
    """The ids of the people who sit in `seat` at `now`; a role nobody has on the rota falls to all who hold it."""
    if seat in {"therapist", "therapist_on_shift"}:
        person = roster.member(therapist_id)
        at_work = person and (seat == "therapist" or person.hours.open_at(now, person.zone))
        return (therapist_id,) if at_work else ()
    on = who_is_on(roster.shifts, seat, now)
    if on or seat not in _ROLE_OF:
        return on
    return tuple(person.id for person in roster.staff if person.role is _ROLE_OF[seat])


def people_of(tier: Tier, roster: Roster, therapist_id: str, now: datetime) -> tuple[str, ...]:
    """Everybody whom `tier` pages at `now`, in order, nobody twice."""
    asked = [sits(seat, roster, therapist_id, now) for seat in tier.page]
    first = next((found for seat in tier.first_of if (found := sits(seat, roster, therapist_id, now))), ())
    return _once((*asked, first))


def told_of(tier: Tier, roster: Roster, therapist_id: str, now: datetime) -> tuple[str, ...]:
    """Everybody whom `tier` informs without paging them."""
    return _once(sits(seat, roster, therapist_id, now) for seat in tier.tell)


def _once(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person for group in groups for person in group))
