"""A programme that speaks on Telegram as an operator sets it up, run as a process of its own, with people at phones."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from storage import invites
from storage import tables as t
from tests.fakes.telegram import Phone, Telegram, bot_api
from tests.faults.process import running, spawn
from tests.faults.programme import Programme, found


@dataclass
class Ward:
    """The programme, and everybody's phone by their id."""

    programme: Programme
    telegram: Telegram
    phones: Mapping[str, Phone]

    @property
    def participants(self) -> dict[str, Phone]:
        return {name: self.phones[name] for name in self.programme.participants}

    def rows(self, table: str) -> list[Mapping[str, Any]]:
        """All rows of the inbox or the outbox, in their order."""
        kept = t.metadata.tables[table]
        store = self.programme.store()
        with store.begin(datetime.now(UTC)) as unit:
            found_there = unit.connection.execute(select(kept).order_by(kept.c.seq)).mappings().all()
        store.close()
        return [dict(row) for row in found_there]


async def command(programme: Programme, *words: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """What a command of `handrail` ended with, and what it said."""
    line = [sys.executable, "-m", "bot.cli", *words, "--config", str(programme.folder)]
    process = await spawn(line, environment)
    status = await process.gone()
    return status, bytes(process.said).decode()


async def signed_in(programme: Programme, telegram: Telegram) -> None:
    """As an operator does it."""
    status, said = await command(
        programme,
        "telegram",
        "sign-in",
        "--server",
        telegram.root,
        environment={"HANDRAIL_TELEGRAM_TOKEN": telegram.token},
    )
    assert status == 0, said


def invited(programme: Programme, person_id: str) -> str:
    """The code of a link for somebody."""
    store = programme.store()
    with store.begin(datetime.now(UTC)) as unit:
        code = invites.invite(unit, person_id, "telegram")
    store.close()
    return code


@asynccontextmanager
async def open_ward(folder: Path, *, participants: int = 8, staff: tuple[str, ...] = ("prim",)) -> AsyncIterator[Ward]:
    """Everybody has followed their link; the program is down again."""
    programme = found(folder / "clinic", participants=participants)
    async with bot_api() as telegram:
        await signed_in(programme, telegram)
        phones = {name: telegram.user(name) for name in (*programme.participants, *staff)}
        async with running(programme) as process:
            for name, phone in phones.items():
                await phone.start(invited(programme, name))
            for phone in phones.values():
                await phone.sees("You are connected", within=20)
            assert await process.stop() == 0
        yield Ward(programme, telegram, phones)
