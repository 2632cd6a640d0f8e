"""The staff's group: named by a code, kept to those who work here, and looked at before anybody relies on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from storage import people
from storage import tables as t
from storage.staff_group import StaffGroup, code_for_group, code_is_out, keep_group, use_code
from tests.fakes.telegram import Group, Phone
from tests.fakes.telegram.group import USUAL
from tests.support.shelves import NOW, store_at
from tests.support.telegram import TelegramClinic, telegram_clinic
from tests.telegram.staff import OLU, anas_group, code, connected, kept, named, until, ward

pytestmark = pytest.mark.slow  # Telegram lets a bot say one thing a second in a group
Ward = tuple[TelegramClinic, Group]


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Ward]:
    async with ward(tmp_path) as found:
        yield found


def olu(clinic: TelegramClinic) -> Phone:
    return clinic.telegram.phones["Olu"]


def strangers(clinic: TelegramClinic) -> int:
    """How many people are known to the database whom nobody has entered."""
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        wanted = select(func.count()).where(t.person.c.status == "stranger")
        return int(unit.connection.execute(wanted).scalar_one())


# -- naming it -----------------------------------------------------------------------------------------------------


async def test_a_group_is_named_by_the_code_from_somebody_who_works_here(tmp_path: Path) -> None:
    """Neither the code alone nor the person alone is enough; and a code is good once."""
    async with telegram_clinic(tmp_path) as clinic:
        group, eve = anas_group(clinic), clinic.telegram.user("Eve")
        secret = code(clinic)
        await eve.joins(group)
        await eve.says(f"/staff {secret}", where=group)
        await clinic.ana.says("/staff somethingelse", where=group)
        await until(lambda: not clinic.telegram.api.queue.events)
        assert kept(clinic).chat is None
        await clinic.ana.says(f"/start@handrail_test_bot {secret}", where=group)
        await until(lambda: kept(clinic).chat == group.id)
        second = anas_group(clinic, "Second")
        await clinic.ana.says(f"/staff {secret}", where=second)
        await until(lambda: "Handrail" not in second.members)
        assert kept(clinic).chat == group.id
        assert strangers(clinic) == 0


async def test_any_other_group_is_left(tmp_path: Path) -> None:
    """Whoever adds the bot to a group of their own learns nothing, and does not keep it."""
    async with telegram_clinic(tmp_path) as clinic:
        group = clinic.telegram.group("Somebody's", forum=True, rights=None)
        group.chat.members[clinic.telegram.api.world.bot.id].status = "left"
        clinic.telegram.api.turn_into(group.chat, clinic.telegram.api.world.bot, "member", by=group.owner)
        await until(lambda: "Handrail" not in group.members)
        assert [one for one in group.shown if one.by_bot and one.text] == []


async def test_while_a_code_is_out_a_group_waits_for_it_and_is_left_afterwards(tmp_path: Path) -> None:
    """A link that adds the bot adds it first, and brings the code a moment later."""
    async with telegram_clinic(tmp_path) as clinic:
        secret, group = code(clinic), clinic.telegram.group("Waits", forum=True, rights=None)
        clinic.telegram.api.turn_into(group.chat, clinic.telegram.api.world.bot, "member", by=group.owner)
        await until(lambda: kept(clinic).elsewhere == {group.id})
        await clinic.ana.says(f"/staff {secret}", where=(ours := anas_group(clinic)))
        await until(lambda: kept(clinic).chat == ours.id)
        await until(lambda: "Handrail" not in group.members)


def test_a_code_is_good_for_an_hour_and_only_its_mark_is_kept(sqlite_url: str) -> None:
    """Whoever reads the database cannot name a group."""
    with store_at(sqlite_url) as store:
        with store.begin(NOW) as unit:
            secret = code_for_group(unit, "telegram")
            keep_group(unit, "telegram", StaffGroup(chat=-1004711))
        with store.begin(NOW + timedelta(minutes=61)) as unit:
            assert not code_is_out(unit, "telegram")
            assert not use_code(unit, "telegram", secret)
        with store.begin(NOW) as unit:
            assert not use_code(unit, "telegram", "another")
            assert use_code(unit, "telegram", secret)
            assert not use_code(unit, "telegram", secret)
        file = Path(sqlite_url.removeprefix("sqlite:///"))
        written = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
        assert secret.encode() not in written
        assert b"1004711" not in written


# -- what is said there --------------------------------------------------------------------------------------------


async def test_in_general_only_commands_are_heard_and_answered_to_the_person(made: Ward) -> None:
    """Staff may talk there about anything; a command works everywhere, and shows its answer to nobody else."""
    clinic, group = made
    heard = len(clinic.ana.heard)
    await clinic.ana.says("shall we have lunch?", where=group)
    await clinic.ana.sends_photo(where=group)
    await clinic.ana.says("/cases@handrail_test_bot", where=group)
    await clinic.ana.sees("No open cases")
    assert len(clinic.ana.heard) == heard + 1
    assert [one for one in group.shown if one.by_bot and one.text] == []


async def test_whoever_does_not_work_here_is_not_obeyed_there(made: Ward) -> None:
    """Not even by a command, not even a participant of ours; and they are put out."""
    clinic, group = made
    for phone in (clinic.telegram.user("Eve"), clinic.maya):
        group.chat.members[phone.id] = replace(group.chat.members[clinic.ana.id], person=phone.person, status="member")
        await phone.says("/cases", where=group)
        await until(lambda phone=phone: phone.person.first_name not in group.members)
    await olu(clinic).sees("was put out")
    assert strangers(clinic) == 0
    assert not any("case" in words.casefold() for words in clinic.maya.heard)


# -- who is there --------------------------------------------------------------------------------------------------


async def test_who_comes_in_without_working_here_goes_out_again(made: Ward) -> None:
    """Any member reads every topic."""
    clinic, group = made
    eve = clinic.telegram.user("Eve")
    await eve.joins(group)
    await until(lambda: "Eve" not in group.members)
    said = await olu(clinic).sees("was put out")
    assert "Eve" not in said.text
    await until(lambda: group.chat.members[eve.id].status == "left")  # and not banned: they may be hired tomorrow
    await olu(clinic).joins(group)
    await until(lambda: str(olu(clinic).id) in kept(clinic).met)
    assert "Olu" in group.members


async def test_where_the_setting_says_so_a_stranger_is_only_told_of(tmp_path: Path) -> None:
    """A clinic may have a guest."""
    async with ward(tmp_path, "[telegram]\ngroup_for_staff_only = false\n") as (clinic, group):
        await clinic.telegram.user("Eve").joins(group)
        await olu(clinic).sees("who does not work here")
        assert "Eve" in group.members


async def test_who_ceases_to_work_here_is_out_at_the_next_look(made: Ward) -> None:
    """Taken off the list of staff, they would go on reading from home."""
    clinic, group = made
    await olu(clinic).joins(group)
    await until(lambda: str(olu(clinic).id) in kept(clinic).met)
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        unit.connection.execute(update(t.person).where(t.person.c.id == "olu").values(status="inactive"))
        people.bump_roster(unit)
    await clinic.channel.group.look(audit=True)
    assert group.members == ["Handrail", "Ana"]


async def test_somebody_whom_nobody_can_name_is_told_of(made: Ward) -> None:
    """Bots are not shown who is in a group. They can count."""
    clinic, group = made
    eve = clinic.telegram.user("Eve")
    group.chat.members[eve.id] = replace(group.chat.members[clinic.ana.id], person=eve.person, status="member")
    await clinic.channel.group.look(audit=True)
    await olu(clinic).sees("who does not work here")
    told = len(olu(clinic).heard)
    await clinic.channel.group.look(audit=True)
    await clinic.ana.says("/cases")
    await clinic.ana.sees("No open cases")
    assert len(olu(clinic).heard) == told  # once, and not every day


# -- whether it can be relied on -----------------------------------------------------------------------------------


async def test_a_right_that_is_taken_away_is_told_and_so_is_the_next_time(made: Ward) -> None:
    """Without Manage Topics the relay falls back, and nobody would know why."""
    clinic, group = made
    await group.promotes_bot(USUAL - {"can_manage_topics"})
    await olu(clinic).sees("not as it must be")
    told = len(olu(clinic).heard)
    await group.promotes_bot()
    await until(lambda: not clinic.channel.group._told)
    await group.demotes_bot()
    await until(lambda: len(olu(clinic).heard) == told + 1)


async def test_a_group_that_becomes_another_one_is_followed(tmp_path: Path) -> None:
    """A group that gets topics gets a new number as well; the old one takes nothing any more."""
    async with telegram_clinic(tmp_path, others=(OLU,)) as clinic:
        await connected(clinic, "Olu", "olu")
        group = anas_group(clinic, forum=False, supergroup=False)
        await named(clinic, group)
        await olu(clinic).sees("not as it must be")  # it has no topics yet
        new = await group.becomes_supergroup()
        await until(lambda: kept(clinic).chat == new.id)
        await clinic.ana.says("/cases", where=new)
        await clinic.ana.sees("No open cases")
        assert "Handrail" in new.members
