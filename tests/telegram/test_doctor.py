"""`handrail doctor` on Telegram: each thing that is not right is found, and the line says what mends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.telegram.opening import sign_in_with
from bot.doctor.finding import Finding, State
from bot.doctor.telegram import known, telegram
from flows.settings import PrivacySettings, Settings, TelegramSettings
from storage import people
from storage.invites import invite
from storage.people import NewPerson
from storage.sign_ins import keep_sign_in
from tests.fakes.telegram import Group
from tests.fakes.telegram.faults import error, reset_before
from tests.fakes.telegram.group import USUAL
from tests.fakes.telegram.world import Member
from tests.support.telegram import TelegramClinic
from tests.telegram.staff import ward

pytestmark = pytest.mark.slow
Ward = tuple[TelegramClinic, Group]
TOPICS = Settings(telegram=TelegramSettings(case_topics=True), privacy=PrivacySettings(words_on_public_channels=True))


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Ward]:
    async with ward(tmp_path) as (clinic, group):
        facts = await sign_in_with(clinic.telegram.token, clinic.telegram.root)
        with clinic.store.begin(clinic.program.clock.now()) as unit:
            keep_sign_in(unit, "telegram", facts)
        yield clinic, group


async def examined(clinic: TelegramClinic, settings: Settings = TOPICS) -> dict[str, list[Finding]]:
    """By name; looked at from beside the running program."""
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        found = known(unit)
    findings: dict[str, list[Finding]] = {}
    for one in await asyncio.to_thread(lambda: list(telegram(found, settings, ""))):
        findings.setdefault(one.name, []).append(one)
    return findings


def wrong(findings: dict[str, list[Finding]]) -> list[str]:
    return [one.says for group in findings.values() for one in group if one.state is not State.OK]


async def test_where_all_is_well_it_says_so(made: Ward) -> None:
    """Signed in, heard by asking, everybody connected, the group as it must be."""
    clinic, _ = made
    findings = await examined(clinic)
    assert wrong(findings) == []
    assert findings["Telegram's group"][0].says == "as it must be, with 1 of your staff in it"
    assert findings["Telegram's people"][0].says == "3 people are reached there"
    assert clinic.telegram.token not in str(findings)


async def test_what_the_bot_lacks_in_the_group_is_said_in_the_words_of_the_app(made: Ward) -> None:
    """Whoever reads it must find the switch."""
    clinic, group = made
    await group.promotes_bot(USUAL - {"can_manage_topics", "can_restrict_members"})
    assert wrong(await examined(clinic)) == ["In the staff's group the program may not: Manage Topics, Ban Users."]
    await group.demotes_bot()
    assert any("no administrator" in says for says in wrong(await examined(clinic)))
    group.chat.forum = False
    assert any("has no topics" in says for says in wrong(await examined(clinic)))
    await group.removes_bot()
    assert wrong(await examined(clinic)) == ["The program is not in the staff's group."]


async def test_a_stranger_in_the_group_is_counted(made: Ward) -> None:
    """Also one whom the bot was never shown."""
    clinic, group = made
    eve = clinic.telegram.user("Eve")
    group.chat.members[eve.id] = Member(eve.person)
    assert wrong(await examined(clinic)) == ["1 member of it nobody knows as staff: they read all topics."]


async def test_settings_that_do_nothing_are_told(made: Ward) -> None:
    """Topics without leave for words."""
    clinic, _ = made
    settings = Settings(telegram=TelegramSettings(case_topics=True))
    assert any("they have none" in says for says in wrong(await examined(clinic, settings)))


async def test_links_that_wait_and_links_that_ran_out_are_counted(made: Ward) -> None:
    """A therapist who never followed theirs is paged nowhere."""
    clinic, _ = made
    now = clinic.program.clock.now()
    new = [NewPerson(people.Role.THERAPIST, name, "en", "UTC", person_id=name) for name in ("jo", "lee")]
    for one, at in zip(new, (now, now - timedelta(days=9)), strict=True):
        with clinic.store.begin(at) as unit:
            people.add_person(unit, one)
            invite(unit, one.person_id, "telegram")
    findings = await examined(clinic)
    assert wrong(findings) == [
        "3 people are reached there; 1 link waits to be followed; 1 person has let their link run out."
    ]


async def test_a_refused_token_and_a_silent_server_are_told_apart(made: Ward) -> None:
    """The one needs a new token; the other needs patience."""
    clinic, _ = made
    clinic.telegram.faults.add("getMe", error(401, "Unauthorized"))
    assert "is refused" in wrong(await examined(clinic))[0]
    clinic.telegram.faults.add("getMe", reset_before())
    says = wrong(await examined(clinic))[0]
    assert "does not answer" in says
    assert clinic.telegram.token not in says


async def test_a_way_that_is_not_the_one_that_was_wanted_is_told(made: Ward) -> None:
    """A webhook of somebody else's takes everything; a wanted one that is not set brings nothing."""
    clinic, _ = made
    wanted = TOPICS.model_copy(update={"telegram": TelegramSettings(webhook="https://clinic.example.org/telegram")})
    assert "and does not" in wrong(await examined(clinic, wanted))[0]
