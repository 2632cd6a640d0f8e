"""The people of a programme, as far as a decision may know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from flows.phi import Phi
from flows.policy import Role
from flows.rota import Hours


@dataclass(frozen=True, slots=True)
class Location:
    """Where a participant usually is, and the number that reaches help there (a caller's own 911 does not)."""

    label: str
    address: str
    emergency_number: str = ""
    verified: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    """A person in treatment. `private` says whether their channel is end-to-end encrypted, `rooms` whether several
    people can share a room on it, `files` whether a file can go there as private as words,
    `shares_place` whether they have a key there that says where they are, if we put it on their screen, `pins` whether
    a message can stay at the head of their chat."""

    id: str
    name: Phi[str]
    language: str
    zone: str
    status: str = "active"
    therapist_id: str = ""
    check_in_at: time | None = None
    private: bool = True
    flags: Phi[tuple[str, ...]] = Phi(())
    location: Phi[Location] | None = None
    rooms: bool = False
    files: bool = False
    shares_place: bool = False
    pins: bool = False

    @property
    def first_name(self) -> str:
        """The name to use in talk with people who may know it."""
        return self.name.reveal().split()[0]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works here. `hours` are the weekly working hours in the programme's zone. `pager`: they have a
    confirmed one, besides the channel they are met on; `channel` is that one."""

    id: str
    name: str
    role: Role
    zone: str
    hours: Hours = Hours()
    private: bool = True
    rooms: bool = False
    pager: bool = False
    channel: str = ""

    @property
    def first_name(self) -> str:
        return self.name.split()[0]
