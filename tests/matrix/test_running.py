"""`handrail matrix sign-in` and `handrail run`, as an operator uses them; and killed, again and again."""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nio import AsyncClient, MegolmEvent, RoomMessageText
from sqlalchemy import text

from storage.lookup import whose_address
from tests.faults.process import console, running, spawn
from tests.faults.programme import Programme, found
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import ENCRYPTED, stock, writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
KILLS, MESSAGES = 12, 60
KEPT = "select count(*) from inbox where person_id = :who"
SENT = "select count(*) from outbox where person_id = :who and state = 'sent'"
LEFT = "select count(*) from outbox where person_id = :who and state in ('waiting', 'later', 'sending')"


async def signed_in(server: Homeserver, account: Account, programme: Programme, *more: str) -> tuple[int, str]:
    """What `handrail matrix sign-in` ended with, and what it said."""
    command = [sys.executable, "-m", "bot.cli", "matrix", "sign-in", "--config", str(programme.folder)]
    where = ["--homeserver", server.url, "--user", account.user_id, *more]
    process = await spawn([*command, *where], {"HANDRAIL_MATRIX_PASSWORD": account.password})
    status = await process.gone()
    return status, bytes(process.said).decode()


PEOPLE = """
people:
  maya: {{role: participant, name: Maya Rivers, therapist: ana, check_in: "12:00", matrix: "{}"}}
  ana: {{role: therapist, name: Ana Lopez}}
"""


async def enrol(programme: Programme, maya: Account) -> str:
    """With the people file, as an operator would; returns her id."""
    file = programme.write("people.yaml", PEOPLE.format(maya.user_id))
    command = [sys.executable, "-m", "bot.cli", "init", "--config", str(programme.folder), "--people", str(file)]
    process = await spawn(command)
    assert await process.gone() == 0, bytes(process.said)
    store = programme.store()
    with store.begin(datetime.now(UTC)) as unit:
        found_there = whose_address(unit, "matrix", maya.user_id)
    store.close()
    assert found_there
    return found_there


async def looks(app: AsyncClient, shown: dict[str, str], unread: set[str]) -> None:
    """One look at the phone: what can be read, by the id of the event, and what cannot."""
    answer = await app.sync(100, {"room": {"timeline": {"limit": 100}}})
    if app.should_upload_keys:
        await app.keys_upload()
    if app.should_query_keys:
        await app.keys_query()
    for room in answer.rooms.join.values():
        for event in room.timeline.events:
            if isinstance(event, RoomMessageText) and event.sender != app.user_id:
                shown[event.event_id] = event.body
            elif isinstance(event, MegolmEvent):
                unread.add(event.event_id)


async def meet(app: AsyncClient, bot_id: str) -> str:
    made = await app.room_create(is_direct=True, invite=[bot_id], initial_state=[ENCRYPTED])
    for _ in range(200):
        await looks(app, {}, set())
        room = app.rooms.get(made.room_id)
        if room is not None and room.encrypted and not room.invited_users and bot_id in room.users:
            return made.room_id
        await asyncio.sleep(0.1)
    raise AssertionError("we did not come")


async def test_signing_in_keeps_a_token_and_never_the_password(
    server: Homeserver, newcomer: Any, tmp_path: Path
) -> None:
    """Once; a second time only when it is meant; and a wrong password keeps nothing."""
    account, programme = await newcomer("handrail"), found(tmp_path / "clinic")
    wrong = Account(account.user_id, "another password", "", "")
    status, said = await signed_in(server, wrong, programme)
    assert status == 1
    assert "Nothing was kept" in said
    status, said = await signed_in(server, account, programme)
    assert (status, "own identity: yes" in said) == (0, True), said
    status, said = await signed_in(server, account, programme)
    assert status == 1
    assert "--again" in said
    status, said = await signed_in(server, account, programme, "--again")
    assert status == 0, said
    stored = b"".join(path.read_bytes() for path in (tmp_path / "clinic").rglob("*") if path.is_file())
    for secret in (account.password, "syt_"):
        assert secret.encode() not in stored


async def test_killed_again_and_again_while_somebody_writes(server: Homeserver, newcomer: Any, tmp_path: Path) -> None:
    """Nothing is lost, nothing is said twice, and everything that is said can be read."""
    dice = random.Random()
    programme, shown, unread = found(tmp_path / "clinic"), {}, set()
    account, maya = await newcomer("handrail"), await newcomer("maya")
    who = await enrol(programme, maya)
    assert (await signed_in(server, account, programme))[0] == 0
    async with stock(server, maya, tmp_path / "app") as app:
        async with running(programme):
            room = await meet(app, account.user_id)
        writing = asyncio.create_task(_writes_all(app, room, dice))
        for _ in range(KILLS):
            process = await spawn(console(programme))
            await process.until_ready()
            await asyncio.sleep(dice.uniform(0.1, 2.5))
            await looks(app, shown, unread)
            process.kill()
            await process.gone()
        async with running(programme):
            await writing
            for _ in range(200):
                await looks(app, shown, unread)
                if _all_answered(programme, who):
                    break
                await asyncio.sleep(0.1)
            for _ in range(5):
                await looks(app, shown, unread)
    store = programme.store()
    with store.engine.connect() as connection:
        kept, sent = (connection.execute(text(question), {"who": who}).scalar() for question in (KEPT, SENT))
    store.close()
    assert kept == MESSAGES
    assert unread == set()
    assert len(shown) == sent


async def _writes_all(app: AsyncClient, room: str, dice: random.Random) -> None:
    for number in range(MESSAGES):
        await writes(app, room, f"the tram was late, number {number}")
        await asyncio.sleep(dice.uniform(0, 0.6))


def _all_answered(programme: Programme, who: str) -> bool:
    store = programme.store()
    with store.engine.connect() as connection:
        kept, left = (connection.execute(text(question), {"who": who}).scalar() for question in (KEPT, LEFT))
    store.close()
    return kept == MESSAGES and not left
