"""How an account becomes somebody's: by a link that was made for them, once, for some days, and for nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import invites
from storage import tables as t
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path, connected=False) as people:
        yield people


async def test_a_link_works_once_and_for_whoever_follows_it_first(clinic: TelegramClinic) -> None:
    """A link that was passed on, or found later, opens nothing."""
    code = clinic.invite("maya")
    await clinic.maya.start(code)
    await clinic.maya.sees("You are connected")
    somebody = clinic.telegram.user("Somebody")
    await somebody.start(code)
    await somebody.sees("This link was used")
    await clinic.maya.says("?")
    await clinic.maya.sees("Words that always work")


async def test_pressing_start_twice_says_it_once(clinic: TelegramClinic) -> None:
    """The same link again, on the same phone."""
    code = clinic.invite("maya")
    await clinic.maya.start(code)
    await clinic.maya.sees("You are connected")
    await clinic.maya.start(code)
    await clinic.maya.says("?")
    await clinic.maya.sees("Words that always work")
    assert sum("You are connected" in text for text in clinic.maya.heard) == 1


async def test_a_link_that_is_too_old_or_replaced_is_none(clinic: TelegramClinic) -> None:
    """Whoever comes with it is answered like any stranger, crisis numbers and all."""
    with clinic.store.begin(clinic.program.clock.now() - timedelta(days=4)) as unit:
        old = invites.invite(unit, "maya", "telegram")
    replaced, newest = clinic.invite("maya"), clinic.invite("maya")
    for code in (old, replaced, "no-such-code"):
        stranger = clinic.telegram.user(code[:5])
        await stranger.start(code)
        assert "911" in (await stranger.sees("is not good any more")).text
    await clinic.maya.start(newest)
    await clinic.maya.sees("You are connected")


async def test_a_new_phone_takes_the_place_of_the_old_one(clinic: TelegramClinic) -> None:
    """A lost phone: what is said from then on goes to the new account, and the old one is a stranger's."""
    await clinic.maya.start(clinic.invite("maya"))
    await clinic.maya.sees("You are connected")
    new = clinic.telegram.user("Maya's new phone")
    await new.start(clinic.invite("maya"))
    await new.sees("You are connected")
    await new.says("?")
    await new.sees("Words that always work")
    await clinic.maya.says("hello")
    await clinic.maya.sees("I do not know this account")


async def test_somebody_elses_link_changes_nothing_about_an_account(clinic: TelegramClinic) -> None:
    """Ana opens Maya's link, to see what it is: she stays Ana, and the link stays Maya's."""
    await clinic.ana.start(clinic.invite("ana"))
    await clinic.ana.sees("You are connected")
    code = clinic.invite("maya")
    await clinic.ana.start(code)
    await clinic.ana.says("/cases")
    await clinic.ana.sees("No open cases", within=10)
    await clinic.maya.start(code)
    await clinic.maya.sees("You are connected")


async def test_whoever_wrote_before_they_were_known_is_known_then(clinic: TelegramClinic) -> None:
    """They found the bot by its name, and opened the link afterwards."""
    await clinic.maya.start()
    await clinic.maya.sees("I do not know this account")
    await clinic.maya.start(clinic.invite("maya"))
    await clinic.maya.sees("You are connected")
    await clinic.maya.says("I need help now")
    await clinic.ana.start(clinic.invite("ana"))
    await clinic.maya.sees("Are you safe")


async def test_a_code_is_kept_nowhere(clinic: TelegramClinic) -> None:
    """Neither in the database, nor among what was heard."""
    code = clinic.invite("maya")
    await clinic.maya.start(code)
    await clinic.maya.sees("You are connected")
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        rows = [str(row) for table in t.metadata.sorted_tables for row in unit.connection.execute(select(table))]
    assert rows
    assert not any(code in row for row in rows)
