"""What cannot be decided, or not even be opened, costs one thing and not the evening: a person is told, whoever wrote
gets the numbers, and the next message of everybody is served."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.faults.hands import Hands, hands
from tests.faults.phones import Phones
from tests.faults.process import Process, running
from tests.faults.programme import Programme, found

KEPT = "I have kept this for your team"
SAFE = "Are you safe right now?"
NUMBERS = "call 911"
UNREAD = "I could not read that"
UNOPENED = "could not be opened"

#: A check-in of the programme's own, which is taken away again while somebody is in the middle of it.
EVENING = """
conversation: evening
version: 1
title: Evening
kind: everyday
steps:
  - id: tea
    say: Did you have tea?
    choices:
      - {id: "yes", label: "Yes"}
      - {id: "no", label: "No"}
    skip: Skip
  - id: bye
    say: Good night.
"""


@pytest.fixture
async def clinic(request: pytest.FixtureRequest, tmp_path: Path, phones: Phones) -> Programme:
    """A programme on SQLite; on both databases for the tests that say so."""
    url = request.getfixturevalue("postgres_url") if getattr(request, "param", "sqlite") == "postgresql" else ""
    return found(tmp_path / "clinic", url=url, phones=phones.address)


on_both = pytest.mark.parametrize("clinic", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def process(clinic: Programme) -> AsyncIterator[Process]:
    async with running(clinic) as process:
        yield process
        assert process.child.returncode is None


@pytest.fixture
async def people(clinic: Programme) -> AsyncIterator[Hands]:
    async with hands(clinic) as fingers:
        yield fingers


def change(programme: Programme, statement: str, **values: Any) -> None:
    """From beside the program: what a bad disk, or a bad hand, would do."""
    store = programme.store()
    with store.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount
    store.close()


def corrupt(programme: Programme, table: str, column: str, where: str) -> None:
    """Flip one bit in the last byte of a sealed field."""
    store = programme.store()
    with store.engine.begin() as connection:
        rows = connection.execute(text(f"select {column} from {table} where {where}")).scalars().all()
        assert rows
        for value in rows:
            spoiled = bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])
            spoil = text(f"update {table} set {column} = :new where {column} = :old")
            connection.execute(spoil, {"new": spoiled, "old": value})
    store.close()


async def everybody_is_served(phones: Phones, people: Hands, *names: str) -> None:
    for who in names:
        before = len(phones.screen(who))
        await people.says(who, "the tram was late")
        await phones.until(lambda who=who, before=before: len(phones.screen(who)) > before)


def pages(phones: Phones, start: int = 0) -> set[str]:
    return {one.place for one in phones.shown[start:] if one.page}


async def told_once(phones: Phones, words: str = UNOPENED) -> None:
    """The operator hears of it, and is not told again with every message."""
    await phones.sees("oper", words)
    assert sum(words in text for text in phones.texts("oper")) == 1


@on_both
async def test_a_message_that_nobody_can_decide(process: Process, phones: Phones, people: Hands) -> None:
    """The numbers for whoever sent it, a page for whoever must look; then life goes on for both."""
    await people.does("p00", "location", "no place at all")
    await phones.sees("p00", UNREAD)
    await phones.sees("p00", NUMBERS)
    await phones.until(lambda: pages(phones))
    await everybody_is_served(phones, people, "p00", "p01", "tess")
    await people.says("p00", "I want to die")
    await phones.sees("p00", SAFE)


@on_both
async def test_a_plan_that_cannot_be_opened(process: Process, clinic: Programme, phones: Phones, people: Hands) -> None:
    """Their crisis is handled without it: numbers, a page, the question, and something that steadies everybody."""
    corrupt(clinic, "plan", "body", "person_id = 'p00'")
    await everybody_is_served(phones, people, "p00", "p01")
    await people.says("p00", "I want to die")
    safe = await phones.sees("p00", SAFE)
    assert any(NUMBERS in said for said in phones.texts("p00"))
    await phones.until(lambda: "tess" in pages(phones))
    await people.taps("p00", safe.key, "safe")
    await phones.sees("p00", "five things that you see")
    await everybody_is_served(phones, people, "p00", "p01")
    await told_once(phones)


@pytest.mark.parametrize(
    "state", ["{broken", "[]", '{"step": "x", "nobody_knows_this": 1}', "null", '{"unclear": "many"}']
)
async def test_a_conversation_that_cannot_be_read(
    process: Process, clinic: Programme, phones: Phones, people: Hands, state: str
) -> None:
    """It begins anew; what is said is heard as ever."""
    await everybody_is_served(phones, people, "p00")
    change(clinic, "update talk set state = :state where person_id = 'p00'", state=state)
    await everybody_is_served(phones, people, "p00", "p01")
    await people.says("p00", "I want to die")
    await phones.sees("p00", SAFE)
    await phones.until(lambda: pages(phones))


async def test_a_name_that_cannot_be_opened(process: Process, clinic: Programme, phones: Phones, people: Hands) -> None:
    """Who it is can be looked up; that somebody wants to die cannot wait."""
    corrupt(clinic, "person", "profile", "id = 'p00'")
    await people.says("p00", "I want to die")
    await phones.sees("p00", SAFE)
    page = await phones.until(lambda: [one for one in phones.shown if one.page and one.place == "tess"])
    await people.taps("tess", page[0].key, "acknowledge")
    await phones.sees("p00", "has seen this")
    await phones.sees("tess", "I want to die")
    await everybody_is_served(phones, people, "p01", "p02")
    await told_once(phones)


async def test_a_colleague_who_cannot_be_opened(
    process: Process, clinic: Programme, phones: Phones, people: Hands
) -> None:
    """One broken row among the staff must not stop the program for everybody."""
    corrupt(clinic, "person", "profile", "id = 'back'")
    change(clinic, "update setting set value = 'changed' where key = 'roster_version'")
    await everybody_is_served(phones, people, "p00", "tess")
    await people.says("p00", "I want to die")
    await phones.sees("p00", SAFE)
    await phones.until(lambda: {"tess", "back"} <= pages(phones))
    await told_once(phones)


@on_both
async def test_a_promise_that_cannot_be_opened(
    process: Process, clinic: Programme, phones: Phones, people: Hands
) -> None:
    """One broken row in the outbox must not stop everything that is said to anybody."""
    phones.trouble.at["p00"] = "refuse"
    await people.says("p00", "the tram was late")
    await phones.until(lambda: [one for one in phones.tries if one[1] == "p00"])
    corrupt(clinic, "outbox", "body", "person_id = 'p00'")
    phones.trouble.at.clear()
    await everybody_is_served(phones, people, "p01", "p00", "tess")
    await people.says("p00", "I want to die")
    await phones.sees("p00", SAFE)
    await told_once(phones)


async def test_a_page_that_cannot_be_opened_climbs(
    process: Process, clinic: Programme, phones: Phones, people: Hands
) -> None:
    """Like one that no channel takes: the next tier is asked at once."""
    phones.trouble.at["tess"] = "refuse"
    await people.says("p00", "I want to die")
    await phones.until(lambda: [one for one in phones.tries if one[1] == "tess"])
    corrupt(clinic, "outbox", "body", "person_id = 'tess'")
    await phones.until(lambda: "back" in pages(phones), patience=4.5)
    await told_once(phones)


async def test_an_address_that_cannot_be_opened(
    process: Process, clinic: Programme, phones: Phones, people: Hands
) -> None:
    """Their phone cannot be reached; whoever has the case hears that another way is needed."""
    corrupt(clinic, "address", "place", "person_id = 'p00'")
    await people.says("p00", "I want to die")
    await phones.until(lambda: "tess" in pages(phones))
    await phones.sees("tess", "cannot reach the participant of case")
    await everybody_is_served(phones, people, "p01", "tess")


@on_both
async def test_a_key_that_cannot_be_opened(process: Process, clinic: Programme, phones: Phones, people: Hands) -> None:
    """Nothing can be kept for them: so nothing is confirmed, and the operator is told at once."""
    await people.says("p01", "good evening")
    corrupt(clinic, "subject_key", "wrapped", "subject = 'p00'")
    status, _ = await people.post("p00", {"id": "1", "body": "I want to die"})
    assert status == 500
    await phones.sees("oper", "could not be kept")
    await everybody_is_served(phones, people, "p01", "tess")
    assert b"I want to die" not in process.said


async def test_a_conversation_that_was_taken_away(tmp_path: Path, phones: Phones) -> None:
    """The programme's files changed under somebody who was in the middle of a question."""
    clinic = found(tmp_path / "clinic", phones=phones.address, clocks="", check_ins_within=timedelta(seconds=1))
    settings = (clinic.folder / "handrail.toml").read_text()
    clinic.write("handrail.toml", settings + '\n[check_in]\nconversation = "evening"\n')
    evening = clinic.write("content/en/evening.yaml", EVENING)
    async with running(clinic) as process, hands(clinic) as people:
        tea = await phones.sees("p00", "Did you have tea?")
        evening.unlink()
        clinic.write("handrail.toml", settings)
        await phones.until(lambda: b"the configuration was changed" in process.said)
        await people.says("p00", "yes")
        await phones.sees("p00", UNREAD)
        await phones.until(lambda: "tess" in pages(phones))
        await people.says("p00", "the tram was late")
        await phones.sees("p00", KEPT)
        await people.taps("p01", tea.key, "yes")
        await everybody_is_served(phones, people, "p02", "p01")
