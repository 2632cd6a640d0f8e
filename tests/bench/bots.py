"""Bots to be measured side by side, each a process of its own, so that we know what it costs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession

from flows.grant import Role
from storage.people import NewPerson, add_person
from tests.bench import maubot
from tests.faults.process import Process, console, spawn
from tests.faults.programme import Programme, found
from tests.matrix.clinic import signed_in
from tests.support.homeserver import Account, Homeserver

TICKS = os.sysconf("SC_CLK_TCK")
#: Modules are compiled once, as where a program is installed, and not at every start.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
#: So long, in seconds, a bot may take until its keys are on the homeserver.
PATIENCE = 60


@dataclass
class Bot:
    """One account and the command that answers for it."""

    name: str
    account: Account
    command: list[str]
    process: Process | None = field(default=None, repr=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bot]:
        self.process = await spawn(self.command, COMPILED)
        try:
            yield self
        finally:
            self.process.kill()
            await self.process.gone()

    def cpu(self) -> float:
        """Seconds of processor time so far, of all its threads."""
        stat = Path(f"/proc/{self.process.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    async def has_keys(self, server: Homeserver, devices: int = 1) -> None:
        """Until others can send keys to it, on so many devices. Raises TimeoutError."""
        headers = {"Authorization": f"Bearer {self.account.token}"}
        wanted = {"device_keys": {self.account.user_id: []}}
        url = f"{server.url}/_matrix/client/v3/keys/query"
        async with ClientSession(headers=headers) as session, asyncio.timeout(PATIENCE):
            while True:
                async with session.post(url, json=wanted) as answer:
                    shown = (await answer.json())["device_keys"].get(self.account.user_id, {})
                if len(shown) >= devices:
                    return
                await asyncio.sleep(0.1)


async def handrail(server: Homeserver, account: Account, folder: Path, people: list[Account]) -> Bot:
    """The whole program, with all of these people in it and nothing due."""
    programme = found(folder, participants=0)
    status, said = await signed_in(server.url, account, programme)
    if status:
        raise RuntimeError(said)
    _enrol(programme, people)
    return Bot("ours", account, console(programme))


def _enrol(programme: Programme, people: list[Account]) -> None:
    store = programme.store()
    with store.begin(datetime.now(UTC)) as unit:
        for one in people:
            places = (("matrix", one.user_id, True),)
            add_person(unit, NewPerson(Role.PARTICIPANT, "Maya", "en", "UTC", therapist_id="tess", places=places))
    store.close()


def client_alone(server: Homeserver, account: Account, folder: Path) -> Bot:
    """Our client, without anything that keeps."""
    folder.mkdir()
    return Bot("client alone", account, _python("tests.bench.answering", server, account, folder))


def stock(server: Homeserver, account: Account, folder: Path) -> Bot:
    """matrix-nio as its documentation shows it."""
    folder.mkdir()
    return Bot("stock matrix-nio", account, _python("tests.support.echo", server, account, folder, "stock"))


def _python(module: str, server: Homeserver, account: Account, folder: Path, *how: str) -> list[str]:
    who = [account.user_id, account.device_id, account.token]
    return [sys.executable, "-m", module, *how, server.url, str(folder), *who]


def with_maubot(python: Path, server: Homeserver, account: Account, folder: Path) -> Bot:
    return Bot("maubot", account, maubot.command(python, folder, server.url, account))
