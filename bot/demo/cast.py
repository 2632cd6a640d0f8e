"""Who is in a demo: the people of a story, each with one phone, and what each is called beside it."""

from __future__ import annotations

from dataclasses import dataclass

from flows.grant import Role


@dataclass(frozen=True, slots=True)
class Character:
    """One person of the story. `seat` says in plain words what they are here, `short` the same in a word or two."""

    key: str
    person_id: str
    name: str
    role: Role
    channel: str
    place: str
    seat: str
    short: str
    therapist_id: str = ""

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def takes_part(self) -> bool:
        """Whether this is a participant; everybody else works here, or is somebody's contact."""
        return self.role is Role.PARTICIPANT


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, in the order of the story."""

    people: tuple[Character, ...]

    @property
    def participants(self) -> tuple[Character, ...]:
        return tuple(one for one in self.people if one.takes_part)

    def by_id(self, person_id: str) -> Character | None:
        return next((one for one in self.people if one.person_id == person_id), None)

    def by_key(self, key: str) -> Character:
        """Raises KeyError for somebody who is not in the story."""
        found = next((one for one in self.people if one.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def name(self, person_id: str) -> str:
        """The full name; the program itself where nobody is named."""
        found = self.by_id(person_id)
        return found.name if found else "The program"

    def therapist_of(self, person_id: str) -> str:
        """The id of a participant's own therapist."""
        found = self.by_id(person_id)
        return found.therapist_id if found else ""
