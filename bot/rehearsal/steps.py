"""The steps of a rehearsal, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TypeAlias

from bot.reading import Mark
from bot.rehearsal.what import WITHIN, What
from flows.level import Level


@dataclass(frozen=True, slots=True)
class Says:
    """Somebody sends a message."""

    mark: Mark
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Taps:
    """Somebody presses the newest button of that name."""

    mark: Mark
    who: str
    label: str


@dataclass(frozen=True, slots=True)
class SendsLocation:
    """Somebody shares where they are, in degrees."""

    mark: Mark
    who: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Sees:
    """A message like that reaches somebody's screen, in time and after the last one matched for them."""

    mark: Mark
    who: str
    what: What


@dataclass(frozen=True, slots=True)
class DoesNotSee:
    """No message like that has been on somebody's screen since the start."""

    mark: Mark
    who: str
    what: What


@dataclass(frozen=True, slots=True)
class IsPaged:
    """An urgent notification for a case reaches somebody in time; `level` None is any level."""

    mark: Mark
    who: str
    level: Level | None = None
    within: timedelta = WITHIN


@dataclass(frozen=True, slots=True)
class IsNotPaged:
    """No urgent notification since the last time that somebody was paged or did something."""

    mark: Mark
    who: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes: for a length of it, or until a time of day or a moment."""

    mark: Mark
    length: timedelta | None = None
    until: time | datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseOf:
    """The open case of a participant is so. What is None does not matter; `there` False says that there is none."""

    mark: Mark
    who: str
    there: bool = True
    level: Level | None = None
    state: str | None = None
    holder: str | None = None  # a person, or nothing for nobody


@dataclass(frozen=True, slots=True)
class Breakage:
    """What breaks, or works again."""

    people: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    pager: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something breaks until it is mended."""

    mark: Mark
    what: Breakage = field(default_factory=Breakage)


@dataclass(frozen=True, slots=True)
class Mend:
    """It works again."""

    mark: Mark
    what: Breakage = field(default_factory=Breakage)


@dataclass(frozen=True, slots=True)
class Restart:
    """The program is killed without warning and started again on the same database."""

    mark: Mark


Step: TypeAlias = (
    Says | Taps | SendsLocation | Sees | DoesNotSee | IsPaged | IsNotPaged | Wait | CaseOf | Fault | Mend | Restart
)
