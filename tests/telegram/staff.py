"""A clinic whose staff have a group on Telegram, named as an operator names it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from flows.grant import Role
from storage.people import NewPerson
from storage.staff_group import StaffGroup, code_for_group, staff_group
from tests.fakes.telegram import Group, Phone
from tests.fakes.telegram.world import Member
from tests.support.clinic import ZONE
from tests.support.telegram import TelegramClinic, telegram_clinic

OLU = NewPerson(Role.OPERATOR, "Olu Ade", "en", ZONE.key, person_id="olu")
TOPICS = "[privacy]\nwords_on_public_channels = true\n[telegram]\ncase_topics = true\n"


async def until(done: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not done():  # noqa: ASYNC110 - not everything has a bell
            await asyncio.sleep(0.02)


async def connected(clinic: TelegramClinic, name: str, person_id: str) -> Phone:
    phone = clinic.telegram.user(name)
    await phone.start(clinic.invite(person_id))
    await phone.sees("You are connected")
    return phone


def kept(clinic: TelegramClinic) -> StaffGroup:
    """What is known of the group, as it would be found after a crash."""
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        return staff_group(unit, "telegram")


def code(clinic: TelegramClinic) -> str:
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        return code_for_group(unit, "telegram")


def anas_group(clinic: TelegramClinic, title: str = "Tuesday", **how: object) -> Group:
    """A forum of Ana's own, in which the bot is an administrator."""
    group = clinic.telegram.group(title, **{"forum": True, **how})
    del group.chat.members[group.owner.id]
    group.chat.members[clinic.ana.id] = Member(clinic.ana.person, "creator")
    group.owner = clinic.ana.person
    return group


async def named(clinic: TelegramClinic, group: Group) -> None:
    await clinic.ana.says(f"/staff {code(clinic)}", where=group)
    await until(lambda: kept(clinic).chat == group.id)


@asynccontextmanager
async def ward(folder: Path, settings: str = TOPICS) -> AsyncIterator[tuple[TelegramClinic, Group]]:
    """Ana's group is the staff's; Olu, who hears of faults, is connected as `Olu`."""
    root = folder / "own"
    root.mkdir(exist_ok=True)
    (root / "handrail.toml").write_text(settings)
    async with telegram_clinic(folder, roots=[root], others=(OLU,)) as clinic:
        await connected(clinic, "Olu", "olu")
        group = anas_group(clinic)
        await named(clinic, group)
        yield clinic, group
