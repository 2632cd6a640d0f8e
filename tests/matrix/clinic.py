"""A programme that is signed in to Matrix as an operator does it, with participants who write from their own phones."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from storage.lookup import whose_address
from storage.sign_ins import sign_in
from tests.faults.process import running, spawn
from tests.faults.programme import Programme, found
from tests.matrix.phone import Phone
from tests.support.between import Between, between
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import stock

PEOPLE = ("maya", "sam", "noor", "eli")


@dataclass
class Clinic:
    """The programme, its participants' phones by the ids of the people, and what stands between it and the server."""

    programme: Programme
    bot: Account
    phones: Mapping[str, Phone]
    proxy: Between

    def token(self) -> str:
        """The one of our own device: only that is told under which transaction something was said."""
        store = self.programme.store()
        with store.begin(datetime.now(UTC)) as unit:
            facts = sign_in(unit, "matrix")
        store.close()
        return facts["token"] if facts else ""


async def signed_in(url: str, account: Account, programme: Programme, *more: str) -> tuple[int, str]:
    """What `handrail matrix sign-in` ended with, and what it said."""
    command = [sys.executable, "-m", "bot.cli", "matrix", "sign-in", "--config", str(programme.folder)]
    where = ["--homeserver", url, "--user", account.user_id, *more]
    process = await spawn([*command, *where], {"HANDRAIL_MATRIX_PASSWORD": account.password})
    status = await process.gone()
    return status, bytes(process.said).decode()


async def enrol(programme: Programme, accounts: Mapping[str, Account]) -> dict[str, str]:
    """With the people file, as an operator would; returns everybody's id."""
    people = {"ana": {"role": "therapist", "name": "Ana Lopez"}}
    for name, account in accounts.items():
        participant = {"role": "participant", "name": name.title(), "therapist": "ana", "check_in": "12:00"}
        people[name] = {**participant, "matrix": account.user_id}
    file = programme.write("people.yaml", yaml.safe_dump({"people": people}))
    command = [sys.executable, "-m", "bot.cli", "init", "--config", str(programme.folder), "--people", str(file)]
    process = await spawn(command)
    assert await process.gone() == 0, bytes(process.said)
    store = programme.store()
    with store.begin(datetime.now(UTC)) as unit:
        ids = {name: whose_address(unit, "matrix", account.user_id) for name, account in accounts.items()}
    store.close()
    return {name: str(person) for name, person in ids.items()}


@asynccontextmanager
async def open_clinic(
    server: Homeserver, newcomer: Callable[[str], Awaitable[Account]], folder: Path
) -> AsyncIterator[Clinic]:
    """Everybody is enrolled, has met us in an encrypted room, and looks at the phone all the time."""
    programme, bot = found(folder / "clinic"), await newcomer("handrail")
    accounts = {name: await newcomer(name) for name in PEOPLE}
    ids = await enrol(programme, accounts)
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(between(server.url))
        status, said = await signed_in(proxy.url, bot, programme)
        assert status == 0, said
        phones = {}
        for name, account in accounts.items():
            app = await stack.enter_async_context(stock(server, account, folder / name))
            phones[ids[name]] = Phone(app)
        async with running(programme):
            for phone in phones.values():
                await phone.meets(bot.user_id)
        for phone in phones.values():
            await stack.enter_async_context(phone.switched_on())
        yield Clinic(programme, bot, phones, proxy)


async def patiently(true: Callable[[], object], seconds: float) -> bool:
    """Whether it comes to be true."""
    for _ in range(int(seconds / 0.2)):
        if true():
            return True
        await asyncio.sleep(0.2)
    return bool(true())
