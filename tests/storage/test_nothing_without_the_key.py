"""Without the key the database tells nothing. One evening full of words nobody else uses, and then a search for them
in everything that was written."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine, insert, select, text

from bot.channels.base import Inbound
from bot.channels.simulated import Phones, SimulatedChannel
from bot.clock import VirtualClock
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.grant import Role
from flows.library import Library
from flows.people import Location
from flows.phi import Phi
from storage import people
from storage.dialect import engine_for
from storage.key_check import write_key_check
from storage.people import NewPerson
from storage.schema import DataClass, metadata, setting
from storage.store import Store, Unit
from storage.upgrade import upgrade
from tests.support.shelves import MASTER, NOW

CANARIES = {
    "first name": "Xanthippe",
    "last name": "Brzezinska",
    "address": "@quixotry:canary.example",
    "second address": "4915550199887",
    "medical flag": "phenelzine",
    "place": "Marmalade Wharf 77",
    "emergency number": "0118999881999",
    "plan": "polish the theodolite",
    "plan's person": "Uncle Bartholomew",
    "answer": "zwiebelfisch",
    "free words": "kumquats and gloaming",
    "crisis": "because of the harpsichord",
    "position": "47.12345",
    "said to a human": "thank you for the marzipan",
    "relayed": "breathe like a walrus",
    "note": "spoke about the trombone",
    "reason": "went to the lighthouse keeper",
    "closing reason": "bought a gyroscope",
    "therapist": "Featherstonehaugh",
    "therapist's address": "@nightingale:clinic.example",
    "stranger": "sesquipedalian hello",
    "stranger's address": "@passerby:elsewhere.example",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The shipped texts, with one more question in the check-in: the id of its answer is a canary too."""
    own = tmp_path_factory.mktemp("own")
    check_in = yaml.safe_load((shipped_config() / "content/en/check_in.yaml").read_text())
    pet = {
        "id": "pet",
        "say": "How is your pet?",
        "choices": [{"id": CANARIES["answer"], "label": "Fine"}, {"id": "other", "label": "Not fine"}],
    }
    check_in["steps"].insert(1, pet)
    (own / "content/en").mkdir(parents=True)
    (own / "content/en/check_in.yaml").write_text(yaml.safe_dump(check_in, sort_keys=False))
    return load_library([shipped_config(), own])


@dataclass
class Evening:
    """A programme with a participant and a therapist on call, each with a phone."""

    engine: Engine
    library: Library
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW))
    phones: Phones = field(default_factory=Phones)
    written: int = 0

    def __post_init__(self) -> None:
        upgrade(self.engine)
        self.store = Store(self.engine, MASTER)
        with self.store.begin(NOW) as unit:
            write_key_check(unit.connection, unit.vault)
            self._enrol(unit)
        channel = SimulatedChannel("matrix", True, self.phones, self.clock)
        self.program = Program(self.store, self.library, {"matrix": channel}, self.clock)

    def _enrol(self, unit: Unit) -> None:
        c = CANARIES
        location = Location("home", c["place"], c["emergency number"], "2025-01-01")
        places = (("matrix", c["address"], True), ("telegram", c["second address"], False))
        name = f"{c['first name']} {c['last name']}"
        how = {"therapist_id": "okafor", "check_in_at": "15:00", "flags": (c["medical flag"],), "location": location}
        people.add_person(unit, NewPerson(Role.PARTICIPANT, name, "en", "UTC", places=places, person_id="maya", **how))
        seats = (("matrix", c["therapist's address"], True),)
        people.add_person(
            unit,
            NewPerson(Role.THERAPIST, c["therapist"], "en", "UTC", hours="always", places=seats, person_id="okafor"),
        )
        people.add_shift(unit, "okafor", "primary", "always", "UTC")
        people.keep_plan(
            unit, "maya", {"internal_coping": [c["plan"]], "crisis_support": [c["plan's person"]]}, "okafor"
        )

    async def comes(self, who: str, kind: str, body: str, key: str = "") -> None:
        self.written += 1
        inbound = Inbound("matrix", str(self.written), CANARIES[who], kind, Phi(body), key)
        arriving = asyncio.create_task(self.program.receive(inbound))
        await asyncio.sleep(0)
        await self.program.settle()
        await arriving

    async def types(self, who: str, words: str) -> None:
        await self.comes(who, "text", words)

    async def taps(self, who: str, choice: str, question: str = "") -> None:
        """The newest button of this name on the screen."""
        for shown in reversed(self.phones.at(CANARIES[who]).screen):
            if any(choice == one.id for one in shown.message.choices) and question in shown.message.text:
                await self.comes(who, "tap", choice, shown.message.key)
                return
        raise AssertionError(f"no button {choice} on the screen of {who}")

    async def taps_any(self, who: str, *choices: str) -> None:
        """The first of these that the newest message offers."""
        offered = {one.id for one in self.phones.at(CANARIES[who]).screen[-1].message.choices}
        await self.taps(who, next(choice for choice in choices if choice in offered))


async def play(evening: Evening) -> None:
    """A check-in that turns into a crisis, a human being who takes over, and an end with reasons."""
    c, maya, okafor = CANARIES, "address", "therapist's address"
    await evening.program.start()
    await evening.program.advance(evening.clock, NOW + timedelta(hours=1, minutes=1))
    await evening.taps(maya, "3", "mood")
    while "pet" not in evening.phones.at(c[maya]).screen[-1].message.text:
        await evening.taps_any(maya, "skip", "no", "other", "5")
    await evening.taps(maya, c["answer"], "pet")
    await evening.types(maya, f"Just {c['free words']}")
    await evening.types(maya, f"I want to kill myself {c['crisis']}")
    await evening.comes(maya, "location", f"{c['position']},-1.5")
    await evening.taps(maya, "not_safe", "safe right now")
    await evening.taps(okafor, "acknowledge")
    await evening.types(okafor, f"/plan {c['first name']}")
    await evening.types(okafor, f"/note {c['last name']} {c['note']}")
    await evening.taps(okafor, "take_over")
    await evening.types(okafor, c["relayed"])
    await evening.types(maya, c["said to a human"])
    await evening.taps(maya, c["answer"], "pet")  # an old button, while a human speaks
    await evening.taps(okafor, "hand_back")
    await evening.taps(okafor, "resolve")
    await evening.types(okafor, c["reason"])
    await evening.taps(okafor, "close")
    await evening.types(okafor, c["closing reason"])
    await evening.types("stranger's address", c["stranger"])


# -- looking for words ---------------------------------------------------------------------------------------------


def disguises(word: str) -> Iterator[bytes]:
    """The ways in which a word may lie in a file."""
    for plain in {word, word.casefold(), word.upper()}:
        for encoded in (plain.encode(), plain.encode("utf-16-le"), plain.encode("utf-16-be")):
            yield encoded
            yield encoded.hex().encode()
            yield encoded.hex().upper().encode()
            for shift in range(
                3
            ):  # base64 looks different at every third place; what touches the neighbours is cut off
                whole = base64.b64encode(b"\0" * shift + encoded)
                middle = whole[4 if shift else 0 : -4 if (shift + len(encoded)) % 3 else None]
                yield middle
                yield middle.translate(bytes.maketrans(b"+/", b"-_"))


def found(written: bytes) -> set[str]:
    """Which of the words can be read in there. Each word of several is looked for by itself too."""
    words = {part for canary in CANARIES.values() for part in (canary, *canary.split()) if len(part) >= 6}
    return {word for word in words if any(disguise in written for disguise in disguises(word))}


def everything_written(engine: Engine) -> bytes:
    """The file, its journal and whatever else lies beside it; of PostgreSQL, every value of every table."""
    if engine.dialect.name == "sqlite":
        files = sorted(Path(str(engine.url.database)).parent.iterdir())
        assert {".db", ".db-wal", ".db-shm"} <= {"." + file.name.partition(".")[2] for file in files}
        return b"\n".join(file.read_bytes() for file in files)
    with engine.connect() as connection:
        names = connection.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars().all()
        assert set(metadata.tables) < set(names)
        return b"\n".join(
            value if isinstance(value, bytes) else str(value).encode()
            for name in names
            for row in connection.execute(text(f'select * from "{name}"'))
            for value in row
        )


def everything_sealed(store: Store) -> bytes:
    """What the key opens."""
    opened = []
    with store.begin(NOW) as unit:
        for table in metadata.sorted_tables:
            for column in (one for one in table.columns if one.info["data"] is DataClass.SEALED):
                for row in unit.connection.execute(select(table).where(column.is_not(None))).mappings():
                    whose = row.get("subject_id") or row.get("person_id") or row.get("id", "system")
                    key = row["id"] if "id" in row else row["key"]
                    opened.append(unit.vault._opened(whose, table.name, column.name, key, row[column.name]))
    return b"\n".join(opened)


async def test_without_the_key_the_database_tells_nothing(database_url: str, library: Library) -> None:
    """A stolen disk, a backup on the wrong shelf, a curious hand on the server: no name, no number, no word."""
    evening = Evening(engine_for(database_url), library)
    await play(evening)
    assert found(everything_written(evening.engine)) == set()
    assert found(everything_sealed(evening.store)) >= {word for word in CANARIES.values() if len(word) >= 6}
    evening.store.close()


@pytest.mark.parametrize("word", CANARIES.values())
def test_the_search_finds_what_lies_open(word: str) -> None:
    """A search that finds nothing anywhere proves nothing."""
    for shift in range(3):
        noise = b"\x07" * shift
        for encoded in (word.encode(), word.casefold().encode("utf-16-le"), word.upper().encode("utf-16-be")):
            for hidden in (encoded, encoded.hex().encode(), base64.b64encode(noise + encoded + b"\x07\x07")):
                assert word in found(b"page " + hidden + b" page")


def test_an_open_word_in_the_database_is_found(database_url: str) -> None:
    """In the journal as well: it was written a moment ago."""
    engine = engine_for(database_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(setting), {"key": "left open", "value": CANARIES["last name"]})
    assert found(everything_written(engine)) == {CANARIES["last name"]}
    engine.dispose()
