"""What the doctor says about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`LOOK`: somebody should look at this. `BROKEN`: Handrail cannot be relied on until it is mended."""

    OK = "ok"
    LOOK = "look at this"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `mend` is the command or the setting that mends it; of what is ok, advice, or nothing."""

    name: str
    state: State
    says: str
    mend: str = ""


def ok(name: str, says: str, advice: str = "") -> Finding:
    return Finding(name, State.OK, says, advice)


def look(name: str, says: str, mend: str) -> Finding:
    return Finding(name, State.LOOK, says, mend)


def broken(name: str, says: str, mend: str) -> Finding:
    return Finding(name, State.BROKEN, says, mend)
