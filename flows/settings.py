"""A programme's settings (`config/handrail.toml`): one frozen object, read once, passed in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from flows.durations import Duration, duration
from flows.risk.switches import Screening
from flows.rota import Hours, read_hours
from flows.strict import Strict


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is not a time zone; write it like America/New_York") from None
    return name


def _hours(written: object) -> object:
    return read_hours(written) if isinstance(written, str) else written


def _or_nothing(written: object) -> timedelta | None:
    return None if written in (None, "") else duration(written)


def _public(written: str) -> str:
    address = written.strip().rstrip("/")
    if address and not PUBLIC.fullmatch(address):
        raise ValueError(
            f"{written!r} is no address that people can open safely; write it like https://pages.example.org"
        )
    return address


#: What can be opened from outside, encrypted; or on this machine alone, for trying things out.
PUBLIC = re.compile(r"https://[^/\s?#@]+(/[^\s?#]*)?|http://(127\.0\.0\.1|localhost)(:\d+)?")
PublicUrl = Annotated[str, AfterValidator(_public)]
Zone = Annotated[str, AfterValidator(_zone)]
OpeningHours = Annotated[Hours, BeforeValidator(_hours)]


class ProgrammeSettings(Strict):
    """The clinic's own facts."""

    name: str = "the programme"
    zone: Zone = "America/New_York"
    country: str = "US"
    language: str = "en"
    phone: str = ""
    hours: OpeningHours = read_hours("Mon-Fri 09:00-17:00")


class CheckInSettings(Strict):
    """The daily check-in."""

    conversation: str = "check_in"
    reminders_after: tuple[Duration, ...] = Field((duration("45m"), duration("90m")), max_length=2)
    expires_after: Duration = duration("3h")
    too_late_after: Duration = duration("2h")


class CrisisSettings(Strict):
    """The participant's side of a crisis."""

    try_for: Duration = duration("5m")
    quiet_after: Duration = duration("2m")
    check_back_after: Duration = duration("30m")
    conversation_ends_after: Duration = duration("12h")


class PrivacySettings(Strict):
    """What may travel on channels that are not end-to-end encrypted."""

    words_on_public_channels: bool = False


class MatrixSettings(Strict):
    """How Matrix is used: whose devices may read, and how long the homeserver is asked to keep what was said."""

    devices: Literal["all", "signed"] = "all"
    team_room: bool = False
    case_rooms: bool = False
    keep_messages_for: Annotated[timedelta | None, BeforeValidator(_or_nothing)] = None


class TelegramSettings(Strict):
    """How Telegram is used."""

    protect: bool = True
    discreet: bool = True
    delete_after: Annotated[timedelta | None, BeforeValidator(_or_nothing)] = duration("36h")
    case_topics: bool = False
    group_for_staff_only: bool = True
    webhook: str = Field("", pattern=r"^(https?://\S+)?$")

    @field_validator("delete_after")
    @classmethod
    def _before_it_is_too_late(cls, length: timedelta | None) -> timedelta | None:
        """It is done once a night, and Telegram lets nobody take away what is 48 hours old."""
        if length is not None and not duration("26h") <= length <= duration("46h"):
            raise ValueError("from 26h to 46h, or empty for never")
        return length


class StorageSettings(Strict):
    """Where the database and the key are; the key never lies beside the data."""

    url: str = "sqlite:///data/handrail.db"
    key_file: str = "secrets/handrail.key"


class ServerSettings(Strict):
    """Where `handrail run` listens for the simulated channel: the loopback interface only."""

    port: int = Field(8460, ge=0, le=65535)
    phones: str = ""
    public_url: PublicUrl = ""


class PagerSettings(Strict):
    """Pages by other services, and the small door behind the links in them."""

    port: int = Field(8461, ge=0, le=65535)
    links_for: Duration = duration("2h")


class Settings(Strict):
    """Everything in `handrail.toml`, with a safe default for every key."""

    programme: ProgrammeSettings = ProgrammeSettings()
    check_in: CheckInSettings = CheckInSettings()
    crisis: CrisisSettings = CrisisSettings()
    screening: Screening = Screening()
    privacy: PrivacySettings = PrivacySettings()
    matrix: MatrixSettings = MatrixSettings()
    telegram: TelegramSettings = TelegramSettings()
    storage: StorageSettings = StorageSettings()
    server: ServerSettings = ServerSettings()
    pager: PagerSettings = PagerSettings()

    def case_rooms_on(self, channel: str) -> bool:
        """Whether a case has a room of its own for whoever works on this channel. Where everybody in a group reads it,
        the programme must have said that words may be read there."""
        topics = self.telegram.case_topics and self.privacy.words_on_public_channels
        return {"matrix": self.matrix.case_rooms, "telegram": topics}.get(channel, False)
