"""What a message has to be like: a text, a regular expression, buttons, and what it must not hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

WITHIN = timedelta(seconds=60)
APOSTROPHES = re.compile("[’‘`\u00b4]")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that is looked for, or (`/between slashes/`) a regular expression."""

    written: str

    @property
    def is_expression(self) -> bool:
        return len(self.written) > 2 and self.written.startswith("/") and self.written.endswith("/")

    def problem(self) -> str:
        """What is wrong with the regular expression, in words; nothing when it can be used."""
        try:
            self.found_in("")
        except re.error as error:
            return f"{self.written} is not a regular expression: {error}"
        return ""

    def found_in(self, text: str) -> bool:
        """Capitals, the kind of apostrophe and the kind of blank make no difference."""
        if self.is_expression:
            return re.search(self.written[1:-1], text, re.IGNORECASE | re.MULTILINE) is not None
        return flat(self.written) in flat(text)


@dataclass(frozen=True, slots=True)
class What:
    """A description of one message. It fits when everything in it does."""

    text: Wording | None = None
    buttons: tuple[str, ...] = ()
    absent: tuple[Wording, ...] = ()
    within: timedelta = WITHIN
    waits: bool = False  # `within` was written

    def fits(self, text: str, buttons: Iterable[str]) -> bool:
        labels = {flat(label) for label in buttons}
        return (
            (self.text is None or self.text.found_in(text))
            and all(flat(button) in labels for button in self.buttons)
            and not any(wording.found_in(text) for wording in self.absent)
        )


def flat(text: str) -> str:
    """Small letters, one kind of apostrophe, single blanks."""
    return " ".join(APOSTROPHES.sub("'", text).casefold().split())
