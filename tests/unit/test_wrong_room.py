"""What staff write in a room that several people share: never to a participant who is not meant, never a yes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.channels.base import Inbound
from bot.channels.simulated import Phones, SimulatedChannel
from bot.clock import VirtualClock
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.message import Outbound, Room, Urgency
from flows.phi import Phi
from storage import outbox, people
from tests.support.shelves import MAYA, NOW, OKAFOR, SAM, store_at

ADA, HER, HIM = "@ada:example.org", "@maya:example.org", "@sam:example.org"
CRISIS = "I am going to end it tonight"


@dataclass
class Clinic:
    program: Program
    phones: Phones
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def writes(self, who: str, words: str, room: str = "") -> None:
        await self._does(Inbound("matrix", str(next(self.numbers)), who, "text", Phi(words), room=room))

    async def reads(self, who: str, key: str) -> None:
        await self._does(Inbound("matrix", str(next(self.numbers)), who, "seen", key=key))

    async def _does(self, inbound: Inbound) -> None:
        stored = asyncio.create_task(self.program.receive(inbound))
        await asyncio.sleep(0)
        await self.program.settle()
        await stored

    def saw(self, who: str, words: str) -> bool:
        return any(words in shown.message.text for shown in self.phones.at(who).screen)

    def facts(self, kind: str) -> int:
        with self.program.store.engine.connect() as connection:
            question = text("select count(*) from case_fact where kind = :kind")
            return int(connection.execute(question, {"kind": kind}).scalar_one())

    def state(self, number: int) -> str:
        with self.program.store.engine.connect() as connection:
            question = text("select state from care_case where number = :number")
            return str(connection.execute(question, {"number": number}).scalar())


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    with store_at(f"sqlite:///{tmp_path / 'handrail.db'}") as store:
        with store.begin(NOW) as unit:
            for person in (OKAFOR, MAYA, SAM):
                people.add_person(unit, person)
        clock, phones = VirtualClock(NOW), Phones()
        channel = SimulatedChannel("matrix", True, phones, clock)
        program = Program(store, load_library([shipped_config()]), {"matrix": channel}, clock)
        yield Clinic(program, phones)


@pytest.mark.parametrize("room", ["team", "case 2"])
async def test_what_is_said_to_colleagues_does_not_go_to_the_participant(clinic: Clinic, room: str) -> None:
    """Ada speaks with Maya. What she writes to her team, or in the room of another case, is not for Maya."""
    for who in (HER, HIM):
        await clinic.writes(who, CRISIS)
    await clinic.writes(ADA, "/case 1")
    await clinic.writes(ADA, "Take over")
    await clinic.writes(ADA, "are you alone?", room="case 1")
    assert clinic.saw(HER, "are you alone?")
    await clinic.writes(ADA, "his mother called me", room=room)
    assert not clinic.saw(HER, "his mother")
    assert not clinic.saw(HIM, "his mother")
    await clinic.writes(ADA, "I am still here")
    assert clinic.saw(HER, "I am still here")


async def test_a_yes_among_colleagues_takes_no_case(clinic: Clinic) -> None:
    """Only a yes to the page itself stops the ladder."""
    await clinic.writes(HER, CRISIS)
    await clinic.writes(ADA, "ok", room="team")
    assert clinic.state(1) == "open"
    await clinic.writes(ADA, "ok")
    assert clinic.state(1) == "acknowledged"


async def test_talk_among_colleagues_is_no_reason(clinic: Clinic) -> None:
    """A reason was asked for, and somebody writes to the team first: that is not it."""
    await clinic.writes(HER, CRISIS)
    await clinic.writes(ADA, "ok")
    await clinic.writes(ADA, "Resolve")
    await clinic.writes(ADA, "who has the late shift?", room="team")
    assert clinic.state(1) == "acknowledged"
    await clinic.writes(ADA, "she is with her sister now")
    assert clinic.state(1) == "resolved"


async def test_a_command_works_among_colleagues(clinic: Clinic) -> None:
    """And is answered where only its writer reads."""
    await clinic.writes(ADA, "/oncall", room="team")
    assert clinic.saw(ADA, "primary")


async def test_what_is_read_in_a_shared_room_says_nothing_of_a_page(clinic: Clinic) -> None:
    """The page stands in another room. Whoever looks at the case would wait for somebody who has not seen it."""
    await clinic.writes(HER, CRISIS)
    with clinic.program.store.begin(NOW) as unit:
        registry = clinic.program.line.cycle.decider.registry(unit)
        said = Outbound("okafor", "Case 1 is open.", Urgency.REPLY, "care.team", room=Room("team"))
        outbox.promise(unit, [(said, registry.address_of["okafor"], "okafor")])
    await clinic.program.settle()
    *_, page, in_team = clinic.phones.at(ADA).screen
    for shown, times in ((in_team, 0), (page, 1)):
        await clinic.reads(ADA, shown.message.key)
        assert clinic.facts("page_read") == times
