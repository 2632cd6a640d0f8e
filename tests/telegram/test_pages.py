"""Pages on the phones of staff: whoever presses, whenever, however often, the database decides what it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.channels.simulated import Phones, SimulatedChannel
from flows.grant import Role
from storage import people
from storage import tables as t
from storage.people import NewPerson
from tests.fakes.telegram import Phone, Shown
from tests.fakes.telegram.faults import error
from tests.fakes.telegram.methods.callbacks import TOO_OLD
from tests.support.clinic import ZONE
from tests.support.telegram import TelegramClinic, telegram_clinic

JO = NewPerson(Role.THERAPIST, "Jo Park", "en", ZONE.key, person_id="jo")
LEE = NewPerson(Role.THERAPIST, "Lee Wong", "en", ZONE.key, person_id="lee", places=(("spare", "lee", True),))
MONTH = {"days": 31}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    """Jo is on call, and Lee behind her."""
    async with telegram_clinic(tmp_path, others=(JO, LEE)) as made:
        with made.store.begin(made.program.clock.now()) as unit:
            people.add_shift(unit, "jo", "primary", "always", ZONE.key)
            people.add_shift(unit, "lee", "backup", "always", ZONE.key)
        yield made


async def connected(clinic: TelegramClinic, name: str, person_id: str) -> Phone:
    phone = clinic.telegram.user(name)
    await phone.start(clinic.invite(person_id))
    await phone.sees("You are connected")
    return phone


def case(clinic: TelegramClinic) -> Any:
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        return unit.connection.execute(select(t.care_case)).one()


def button(phone: Phone, message: Shown) -> str:
    """What its first button carries."""
    markup = phone.chat.messages[message.id].buttons
    assert markup is not None
    return str(markup["inline_keyboard"][0][0]["callback_data"])


async def until(done: Any) -> None:
    async with asyncio.timeout(8):
        while not done():  # noqa: ASYNC110 - the database has no bell
            await asyncio.sleep(0.02)


async def test_of_two_who_take_it_at_the_same_moment_one_has_it(clinic: TelegramClinic) -> None:
    """Two people who each believe the other has it is how a page gets lost; each must know."""
    jo = await connected(clinic, "Jo", "jo")
    await clinic.maya.says("I need help now")
    for phone in (clinic.ana, jo):
        await phone.sees("needs you")
    async with clinic.program.line.alone():  # no cycle runs: both presses lie there when the next one begins
        await asyncio.gather(clinic.ana.taps("Acknowledge"), jo.taps("Acknowledge"))
        await asyncio.sleep(0.3)
    await until(lambda: case(clinic).state == "acknowledged")
    holder, other = (clinic.ana, jo) if case(clinic).holder_id == "ana" else (jo, clinic.ana)
    name = "Ana Lopez" if holder is clinic.ana else "Jo Park"
    await holder.sees("can be read only on a private channel")
    await other.sees(f"{name} has case 1")
    assert not any("can be read only" in words for words in other.heard)


async def test_a_press_after_a_month_tells_how_it_stands(clinic: TelegramClinic) -> None:
    """Telegram keeps buttons for ever. An old one takes nothing over and opens nothing; whoever pressed is told."""
    await clinic.maya.says("I need help now")
    page = await clinic.ana.sees("needs you")
    old = button(clinic.ana, page)
    await clinic.ana.taps("Acknowledge", page)
    await clinic.ana.taps("Resolve", await clinic.ana.sees("can be read only"))
    await clinic.ana.taps("Reached, safe with their plan", await clinic.ana.sees("Why is case 1 resolved"))
    await clinic.ana.taps("Close", await clinic.ana.sees("Case 1 is resolved"))
    await clinic.ana.taps("Follow-up done and plan reviewed", await clinic.ana.sees("Why is case 1 closed"))
    await clinic.ana.sees("Case 1 is closed")
    clinic.telegram.clock.forward(**MONTH)
    clinic.telegram.faults.add("answerCallbackQuery", error(400, f"Bad Request: {TOO_OLD}"))
    clinic.ana._tap(clinic.ana.chat.messages[page.id], old)
    await clinic.ana.sees("That case is not open any more")
    assert case(clinic).state == "closed"


async def test_a_press_on_a_page_of_last_month_counts_while_the_case_is_open(clinic: TelegramClinic) -> None:
    """Where nobody has taken it, the oldest page is as good as the newest."""
    await clinic.maya.says("I need help now")
    page = await clinic.ana.sees("needs you")
    clinic.telegram.clock.forward(**MONTH)
    clinic.telegram.faults.add("answerCallbackQuery", error(400, f"Bad Request: {TOO_OLD}"))
    await clinic.ana.taps("Acknowledge", page)
    await until(lambda: case(clinic).holder_id == "ana")


async def test_whoever_does_not_work_here_any_more_can_press_what_they_like(clinic: TelegramClinic) -> None:
    """Their phone still shows the page. The role is looked up when they press, not when they were asked."""
    await clinic.maya.says("I need help now")
    page = await clinic.ana.sees("needs you")
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        unit.connection.execute(update(t.person).where(t.person.c.id == "ana").values(status="inactive"))
        people.bump_roster(unit)
    heard = len(clinic.ana.heard)
    await clinic.ana.taps("Acknowledge", page)
    await until(lambda: len(clinic.ana.heard) > heard)
    assert case(clinic).state == "open"
    assert case(clinic).holder_id == ""
    assert "Case 1" not in " ".join(clinic.ana.heard[heard:])


async def test_somebody_elses_button_does_nothing(clinic: TelegramClinic) -> None:
    """A page that was forwarded, or a button made by a changed app: it belongs to whom it was sent."""
    jo = await connected(clinic, "Jo", "jo")
    await clinic.maya.says("I need help now")
    page = await clinic.ana.sees("needs you")
    await jo.sees("needs you")
    stranger = clinic.telegram.user("Eve")
    await stranger.start()
    await stranger.sees("911")
    for phone in (jo, stranger, clinic.maya):
        phone._tap(clinic.ana.chat.messages[page.id], button(clinic.ana, page))
    await jo.sees("I did not catch that")
    assert case(clinic).state == "open"


async def test_a_page_into_a_blocked_chat_goes_by_the_next_address_at_once(clinic: TelegramClinic) -> None:
    """Not after a minute of trying: what Telegram refuses for good, it refuses again."""
    phones = Phones()
    clinic.program.channels["spare"] = SimulatedChannel("spare", True, phones, clinic.program.clock)
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        people.add_shift(unit, "lee", "primary", "always", ZONE.key)
    lee = await connected(clinic, "Lee", "lee")
    await lee.blocks()
    await clinic.maya.says("I need help now")
    await until(lambda: phones.at("lee").screen)
    assert phones.at("lee").screen[0].message.page is not None
    assert not any("needs you" in words for words in lee.heard)


async def test_a_page_that_reaches_nobody_goes_to_the_next_person_at_once(clinic: TelegramClinic) -> None:
    """Everybody of the first tier has blocked the bot: the second is asked now, and not in five minutes."""
    jo, lee = await connected(clinic, "Jo", "jo"), await connected(clinic, "Lee", "lee")
    for phone in (clinic.ana, jo):
        await phone.blocks()
    await clinic.maya.says("I need help now")
    await lee.sees("needs you")
    assert case(clinic).tier == 1
