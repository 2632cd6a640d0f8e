"""What is wrong with a file, where, and what to do next, ready to paste into a message to whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flows.errors import HandrailError

LONGEST_LINE = 100

# Secrets belong in the environment. Whoever put one into a file by mistake should not find it in a log as well.
SECRET = re.compile(r"^([\w.\"'-]*(?:token|secret|password|passphrase|_key)[\w.\"'-]*\s*[:=]\s*)\S.*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong. `near` is the line as it was written; `hint` says what to do and may be empty."""

    file: str
    line: int | None
    near: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        near = f"    {_shortened(self.near)}" if self.near else ""
        sentences = "\n".join(f"  {line}" for line in f"{self.what} {self.hint}".strip().splitlines())
        return "\n".join(part for part in (where, near, sentences) if part)


class BadFiles(HandrailError):
    """{0}"""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n\n".join(str(complaint) for complaint in self.complaints))


def _shortened(line: str) -> str:
    line = SECRET.sub(r"\1…", line)
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
