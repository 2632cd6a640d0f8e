"""A small clinic of its own for one test: a folder, a key, a database, people, and ladders with clocks of seconds."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from flows.grant import Role
from flows.plan import SECTIONS
from flows.schedule import local_date
from flows.turn import SetTimer
from storage import people, timers
from storage.dialect import engine_for
from storage.key_check import write_key_check
from storage.keyfile import MasterKey, make_key_file
from storage.people import NewPerson
from storage.store import Store
from storage.upgrade import upgrade

ZONE = "America/New_York"
#: Who sits where, and the ladder by seconds: a climb must fit between two kills.
STAFF = {
    "tess": Role.THERAPIST,
    "theo": Role.THERAPIST,
    "prim": Role.THERAPIST,
    "back": Role.THERAPIST,
    "supe": Role.SUPERVISOR,
    "dire": Role.DIRECTOR,
    "oper": Role.OPERATOR,
}
ON_CALL = {"primary": "prim", "backup": "back"}
LADDER: dict[str, Any] = {
    "emergency": {
        "tiers": [
            {"after": "0s", "page": ["primary", "therapist"], "tell": ["supervisor"]},
            {"after": "4s", "page": ["backup"]},
            {"after": "9s", "page": ["supervisor"]},
            {"after": "15s", "page": ["director"], "tell": ["operator"]},
        ],
        "repeat_every": "1m",
        "engage_within": "12s",
        "remind_engaged_every": "20s",
    },
    "urgent": {
        "tiers": [
            {"after": "0s", "first_of": ["therapist_on_shift", "primary", "backup"]},
            {"after": "5s", "page": ["backup"]},
            {"after": "11s", "page": ["supervisor"]},
            {"after": "17s", "page": ["director"]},
        ],
        "repeat_every": "1m",
        "engage_within": "12s",
        "remind_engaged_every": "20s",
    },
}
#: Short clocks of the participant's side, so that timers fall due between kills as well.
CLOCKS = """
[check_in]
reminders_after = ["10s", "20s"]
expires_after = "2m"

[crisis]
quiet_after = "4s"
try_for = "4s"
check_back_after = "10s"
"""


@dataclass(frozen=True)
class Programme:
    """Where everything of it is."""

    folder: Path
    url: str
    port: int
    phones: str
    master: MasterKey
    participants: tuple[str, ...]
    therapist_of: Mapping[str, str]
    channel: str = "private"

    @property
    def door(self) -> str:
        """Where what people do is posted."""
        return f"http://127.0.0.1:{self.port}/{self.channel}/phones"

    @property
    def health(self) -> str:
        return f"http://127.0.0.1:{self.port}/health"

    @property
    def file(self) -> Path:
        """The database file, where there is one."""
        return Path(self.url.removeprefix("sqlite:///"))

    def store(self) -> Store:
        """The same database with the key, for a look from beside the program."""
        return Store(engine_for(self.url), self.master)

    def write(self, name: str, text: str) -> Path:
        """A file of the programme's own, laid over the shipped one."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def name_of(person: str) -> str:
    """A name that is found again wherever it does not belong."""
    return f"Quillonzarembra{person} Vexlomire"


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def found(
    folder: Path,
    *,
    url: str = "",
    phones: str = "",
    participants: int = 3,
    ladder: Mapping[str, Any] | None = None,
    clocks: str = CLOCKS,
    check_ins_within: timedelta | None = None,
) -> Programme:
    """Make a programme as `handrail init` would, with `participants` people in it and everybody on call."""
    url = url or f"sqlite:///{folder / 'data' / 'handrail.db'}"
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    master = make_key_file(folder / "secrets" / "handrail.key")
    names = tuple(f"p{number:02}" for number in range(participants))
    therapists = {name: ("tess", "theo")[number % 2] for number, name in enumerate(names)}
    made = Programme(folder, url, port, phones, master, names, therapists)
    made.write("handrail.toml", _settings(made) + clocks)
    made.write("escalation.yaml", yaml.safe_dump(dict(ladder or LADDER)))
    store = made.store()
    upgrade(store.engine)
    _enrol(store, made, check_ins_within)
    store.close()
    return made


def _settings(made: Programme) -> str:
    return (
        f'[programme]\nname = "Riverside"\nzone = "{ZONE}"\nhours = "always"\n'
        f'[storage]\nurl = "{made.url}"\n[server]\nport = {made.port}\nphones = "{made.phones}"\n'
    )


def _enrol(store: Store, made: Programme, check_ins_within: timedelta | None) -> None:
    now = datetime.now(UTC)
    with store.begin(now) as unit:
        write_key_check(unit.connection, unit.vault)
        for name, role in STAFF.items():
            people.add_person(unit, _person(name, role, made.channel, hours="always"))
        for layer, name in ON_CALL.items():
            people.add_shift(unit, name, layer, "always", ZONE)
        for name in made.participants:
            therapist = made.therapist_of[name]
            people.add_person(
                unit, _person(name, Role.PARTICIPANT, made.channel, therapist_id=therapist, check_in_at="12:00")
            )
            people.keep_plan(unit, name, {section: [f"{section} of {name}"] for section in SECTIONS}, therapist)
        if check_ins_within is not None:
            timers.change(unit, list(_check_ins(made.participants, now, check_ins_within)))


def _person(name: str, role: Role, channel: str, **more: str) -> NewPerson:
    places = ((channel, name, True),)
    return NewPerson(role, name_of(name), "en", ZONE, person_id=name, places=places, **more)


def _check_ins(names: tuple[str, ...], now: datetime, within: timedelta) -> list[SetTimer]:
    day = local_date(now, ZONE).isoformat()
    step = within / max(1, len(names))
    return [
        SetTimer(name, "check_in", day, now + step * number, wall=True) for number, name in enumerate(names, start=1)
    ]
