"""Rooms that several people share, with real apps in them: the team's, a case's, a private one for two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text

from flows.settings import MatrixSettings
from tests.support.apps import StockApp, stock_app
from tests.support.clinic import Clinic, Signup, clinic
from tests.support.matrix import writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
CRISIS = "I am going to end it tonight"


@pytest.fixture
async def people(signup: Signup) -> AsyncIterator[Clinic]:
    """A clinic that wants a room for the team and one for each case."""
    async with clinic(signup, lambda maya: stock_app(signup.server, maya, signup.folder / "maya")) as made:
        settings = made.program.library.settings.model_copy(
            update={"matrix": MatrixSettings(team_room=True, case_rooms=True)}
        )
        object.__setattr__(made.program.library, "settings", settings)
        yield made


def phones(people: Clinic) -> tuple[StockApp, StockApp]:
    assert isinstance(people.maya, StockApp)
    return people.maya, people.ana


async def room_called(app: StockApp, name: str) -> str:
    """The room of this name on their screen, once there is one."""
    for _ in range(200):
        await app.look()
        for room in app.client.rooms.values():
            if room.name == name:
                return str(room.room_id)
        await asyncio.sleep(0.1)
    raise AssertionError(f"there is no room {name}")


async def until(app: StockApp, done: Callable[[], object]) -> None:
    for _ in range(200):
        await app.look()
        if done():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came true")


async def is_out_of(app: StockApp, room_id: str) -> None:
    """As the homeserver has it: matrix-nio goes on believing that it is in."""
    for _ in range(100):
        if room_id not in (await app.client.joined_rooms()).rooms:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("they are still in it")


async def test_a_case_is_followed_in_the_teams_room_and_worked_on_in_its_own(people: Clinic) -> None:
    """Numbers for everybody, words for whoever has taken it; what they write there goes to the participant, and from
    the room of another case it would not."""
    maya, ana = phones(people)
    await maya.opens(people.bot_id)
    await maya.says(CRISIS)
    await ana.reads("needs you")
    own = next(room.room_id for room in ana.client.rooms.values() if room.name is None and people.bot_id in room.users)
    await until(ana, lambda: any("Case 1 is open, with nobody yet" in one for one in ana.seen))
    await writes(ana.client, own, "Acknowledge")
    await ana.reads("Maya Rivers")
    of_case = await room_called(ana, "Case 1")
    team = await room_called(ana, "Team")
    assert ana.client.rooms[of_case].encrypted
    assert ana.client.rooms[team].encrypted
    await writes(ana.client, of_case, "Take over")
    await ana.reads("You are speaking with Maya")
    await writes(ana.client, of_case, "Hi Maya, are you alone?")
    await maya.reads("are you alone?")
    await maya.says("my sister is here")
    await ana.reads("Maya: my sister is here")
    await writes(ana.client, own, "Hand back")
    await maya.reads("I am the program again")


async def test_a_private_room_for_two_is_made_and_ended_by_command(people: Clinic) -> None:
    """What is said in it is theirs: the program hears it, and says nothing. When it ends, both are out of it."""
    maya, ana = phones(people)
    await maya.opens(people.bot_id)
    await maya.says("hello")
    await maya.reads("kept this")
    own = maya.room
    await ana.opens(people.bot_id)
    anas_own = ana.room
    await writes(ana.client, anas_own, "/breakout maya")
    await ana.reads("A private room for you and Maya is open")
    await maya.reads("This is a private room for you and Ana Lopez")
    shared = maya.room
    assert shared != own
    await until(ana, lambda: shared in ana.client.rooms)
    await until(maya, lambda: ana.client.user_id in maya.client.rooms[shared].users)
    await until(maya, lambda: not maya.client.rooms[shared].invited_users)
    seen = len(maya.seen)
    await writes(maya.client, shared, "I can talk better here")
    await ana.reads("I can talk better here")
    await writes(ana.client, shared, "good, go on")
    await maya.reads("good, go on")
    assert maya.seen[seen:] == ["good, go on"]
    await writes(maya.client, shared, CRISIS)
    await maya.reads("Call 911")
    await ana.reads("needs you")
    await writes(ana.client, anas_own, "/breakout maya end")
    await maya.reads("has ended. You find me here")
    await ana.reads("The private room with Maya has ended")
    for app in (maya, ana):
        await is_out_of(app, shared)
    with people.program.store.engine.connect() as connection:
        kept = connection.execute(text("select count(*) from inbox where kind = 'text' and person_id = 'maya'"))
        assert kept.scalar() == 3
