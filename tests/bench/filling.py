"""A programme of any size, written straight into the tables and sealed as the program itself would have sealed it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Table, insert

from flows.message import Urgency
from flows.policy import Role
from storage import people
from storage import tables as t
from storage.dialect import engine_for
from storage.key_check import write_key_check
from storage.keyfile import MasterKey
from storage.people import NewPerson
from storage.schema import subject_key
from storage.store import Store, Unit
from storage.upgrade import create_throwaway
from storage.vault import Vault

CHANNEL = "private"
STAFF = ("okafor", "park", "lead", "ops")
#: So many rows go into the database at once.
BATCH = 5_000


def programme(url: str, master: MasterKey, now: datetime) -> Store:
    """A new database with its staff and their shifts, and nobody else."""
    store = Store(engine_for(url), master)
    create_throwaway(store.engine)
    with store.begin(now) as unit:
        write_key_check(unit.connection, unit.vault)
        for name, role in zip(STAFF, (Role.THERAPIST, Role.THERAPIST, Role.SUPERVISOR, Role.OPERATOR), strict=True):
            place = ((CHANNEL, f"phone-{name}", True),)
            people.add_person(unit, NewPerson(role, name.title(), "en", "UTC", person_id=name, places=place))
        people.add_shift(unit, "okafor", "primary", "always", "UTC")
        people.add_shift(unit, "park", "backup", "always", "UTC")
    return store


def person_id(number: int) -> str:
    """Ids as long as real ones."""
    return f"{number:032x}"


def place(number: int) -> str:
    return f"phone-{number}"


def enrol(
    store: Store,
    count: int,
    now: datetime,
    check_in_at: datetime,
    *,
    opens: bool = True,
    at: Callable[[int], str] = place,
) -> None:
    """So many participants, each with an address (which `at` names), the timer of their next check-in, and (with
    `opens`) their own key.

    Without it all have the first one's sealed fields, which is enough for whatever opens none.
    """
    with store.begin(now) as unit:
        rows = _participants(store, unit, count, check_in_at, opens=opens, place=at)
        while batch := list(islice(rows, BATCH)):
            for number, table in enumerate((subject_key, t.person, t.address, t.timer)):
                _put(unit, table, (parts[number] for parts in batch if parts[number]))


def _participants(
    store: Store, unit: Unit, count: int, at: datetime, *, opens: bool, place: Callable[[int], str]
) -> Iterator[tuple[dict, ...]]:
    profile = json.dumps({"name": "Maya Linden", "flags": [], "location": None})
    sealed: dict[str, bytes] = {}
    for number in range(count):
        person = person_id(number)
        keys = _SubjectKey()
        if opens or not sealed:
            vault = Vault(store.master, keys)
            sealed = {
                "profile": vault.seal(person, "person", "profile", person, profile),
                "place": vault.seal(person, "address", "place", person, place(number)),
            }
        yield (
            keys.row or {},
            _person(person, unit.now, at, sealed["profile"]),
            _address(person, unit.vault.blind(f"address.{CHANNEL}", place(number)), sealed["place"]),
            _timer(person, at),
        )


class _SubjectKey:
    """Catches the one key that the vault makes."""

    def __init__(self) -> None:
        self.row: dict[str, object] = {}

    def load(self, subject: str) -> list[tuple[int, str, bytes]]:
        return []

    def save(self, subject: str, generation: int, kek_id: str, wrapped: bytes) -> None:
        self.row = {"subject": subject, "generation": generation, "kek_id": kek_id, "wrapped": wrapped}


def _person(person: str, now: datetime, at: datetime, profile: bytes) -> dict[str, object]:
    return {
        "id": person,
        "role": Role.PARTICIPANT.value,
        "status": "active",
        "language": "en",
        "zone": "UTC",
        "therapist_id": "okafor",
        "check_in_at": f"{at:%H:%M}",
        "address_id": person,
        "profile": profile,
        "since": now,
    }


def _address(person: str, mark: bytes, sealed: bytes) -> dict[str, object]:
    return {
        "id": person,
        "person_id": person,
        "channel": CHANNEL,
        "rank": 0,
        "private": True,
        "state": "ok",
        "mark": mark,
        "place": sealed,
    }


def _timer(person: str, at: datetime) -> dict[str, object]:
    return {
        "person_id": person,
        "kind": "check_in",
        "key": at.date().isoformat(),
        "rank": 1,
        "wall": True,
        "due_at": at,
        "data": "{}",
    }


def promise_check_ins(store: Store, numbers: Iterable[int], now: datetime) -> None:
    """A first question of the check-in for each of these participants, waiting to be sent."""
    answers = [["0", "0"], ["10", "10"]]
    body = json.dumps(["How is your mood right now, from 0 (very low) to 10 (very good)?", answers, [], None])
    with store.begin(now) as unit:
        rows = (_check_in(unit, person_id(number), f"{number:031x}b", body, now) for number in numbers)
        while batch := list(islice(rows, BATCH)):
            _put(unit, t.outbox, batch)


def _check_in(unit: Unit, person: str, row_id: str, body: str, now: datetime) -> dict[str, object]:
    return {
        "id": row_id,
        "person_id": person,
        "subject_id": person,
        "address_id": person,
        "urgency": int(Urgency.BULK),
        "state": "waiting",
        "content": "check_in.mood@1",
        "question": "check_in.mood",
        "ref": "",
        "replaces": "",
        "sender_id": "",
        "body": unit.vault.seal(person, "outbox", "body", row_id, body),
        "attempts": 0,
        "unsure": False,
        "mark": "",
        "made_at": now,
        "due_at": now,
        "expires_at": now + timedelta(hours=3),
    }


def _put(unit: Unit, table: Table, rows: Iterable[dict]) -> None:
    if listed := list(rows):
        unit.connection.execute(insert(table), listed)
