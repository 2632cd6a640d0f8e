"""A conversation together with the file it was read from, so that a complaint knows its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.reading import Complaint, Document, Key
from flows.content import Conversation, Step
from flows.lines import LINES


@dataclass(frozen=True)
class Written:
    """One conversation in one language. For a translation, what it leaves out is there in English."""

    language: str
    conversation: Conversation
    document: Document

    @property
    def name(self) -> str:
        return self.conversation.conversation

    @property
    def lines(self) -> Mapping[str, tuple[str, ...]]:
        """The lines that the code says from this conversation; none for a script."""
        return LINES.get(self.name, {})

    @property
    def numbered(self) -> Iterator[tuple[int, Step]]:
        return iter(enumerate(self.conversation.steps))

    def complaint(self, number: int, place: tuple[Key, ...], what: str, hint: str = "") -> Complaint:
        """Something is wrong at `place` in step `number`."""
        return self.document.complaint(("steps", number, *place), what, hint)
