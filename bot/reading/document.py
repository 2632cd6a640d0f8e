"""A value as somebody wrote it, every part of it with the file and the line it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.reading.complaint import Complaint

Key = str | int
Place = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something was written. `near` is that line, without the spaces around it."""

    file: str
    line: int
    near: str


@dataclass(frozen=True, slots=True)
class Document:
    """A plain value (`dict`, `list`, text, …) and its parts by key or index, all the way down, each with its mark."""

    value: object
    mark: Mark
    parts: Mapping[Key, Document] = field(default_factory=dict)

    @classmethod
    def mapping(cls, parts: Mapping[str, Document], mark: Mark) -> Document:
        """Keys and their values, in the order written."""
        return cls({key: part.value for key, part in parts.items()}, mark, dict[Key, Document](parts.items()))

    @classmethod
    def sequence(cls, items: Sequence[Document], mark: Mark) -> Document:
        """A list."""
        return cls([item.value for item in items], mark, dict(enumerate(items)))

    def at(self, place: Place) -> Document:
        """The part at `place`, or where the way to it ends, its deepest part that is there."""
        part = self
        for key in place:
            if key not in part.parts:
                break
            part = part.parts[key]
        return part

    def holds(self, place: Place) -> bool:
        """Is something written at `place`?"""
        return not place or (place[0] in self.parts and self.parts[place[0]].holds(place[1:]))

    def places(self) -> Iterator[Place]:
        """Every place at which something is written, the whole first."""
        yield ()
        for key, part in self.parts.items():
            yield from ((key, *rest) for rest in part.places())

    def complaint(self, place: Place, what: str, hint: str = "") -> Complaint:
        """Something is wrong at `place` (or, if nothing is written there, right above it)."""
        mark = self.at(place).mark
        return Complaint(mark.file, mark.line, mark.near, what, hint)
