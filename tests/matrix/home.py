"""An empty home in which somebody sets Matrix up by typing commands."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession
from nio import AsyncClient

from bot.opening import opened
from storage.sign_ins import keep_sign_in, sign_in
from tests.faults.process import Process, spawn
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import app_hears

#: So long, in seconds, a command may take that is not to run on: the machine may be busy.
PATIENCE = 60
SCRIPT = Path(sys.executable).with_name("handrail")
PEOPLE = """\
people:
  maya: {{role: participant, name: Maya Rivers, therapist: jo, zone: UTC, check_in: "{at}", matrix: "{maya}"}}
  jo: {{role: therapist, name: Jo Park, on_call: primary, matrix: "{jo}"}}
  dee: {{role: director, name: Dee Reyes}}
"""
#: What the doctor says about Matrix, by name.
OURS = {
    "encryption", "Matrix", "letterbox", "homeserver", "clocks", "token", "identity", "keys", "addresses", "limit",
}  # fmt: skip


@dataclass
class Clinic:
    """An empty home in which somebody types commands; and the accounts that were made on the homeserver."""

    home: Path
    server: Homeserver
    bot: Account
    maya: Account
    jo: Account

    async def types(self, *words: str, password: str | None = None) -> tuple[int, str]:
        """A command in a process of its own: its status, and all that it said."""
        process = await self.starts(*words, password=password)
        try:
            status = await asyncio.wait_for(process.gone(), PATIENCE)
        finally:
            process.kill()
        said = bytes(process.said).decode()
        assert "Traceback" not in said
        return status, said

    async def starts(self, *words: str, password: str | None = None) -> Process:
        environment = {"HOME": str(self.home), "HANDRAIL_CONFIG": str(self.home / "handrail")}
        if password is not None:
            environment["HANDRAIL_MATRIX_PASSWORD"] = password
        return await spawn([str(SCRIPT), *words], environment)

    def people(self, at: str = "03:00", **others: str) -> str:
        file = self.home / "people.yaml"
        file.write_text(PEOPLE.format(at=at, **{"maya": self.maya.user_id, "jo": self.jo.user_id, **others}))
        return str(file)

    async def init(self, *words: str, url: str = "", password: str | None = None) -> tuple[int, str]:
        where = ("--matrix-homeserver", url or self.server.url, "--matrix-user", self.bot.user_id)
        said = await self.types("init", *where, *words, password=password or self.bot.password)
        settings = self.home / "handrail" / "handrail.toml"
        settings.write_text(settings.read_text().replace("#port = 8460", "port = 0"))
        return said

    async def doctor(self) -> dict[str, tuple[str, str, str]]:
        """What the doctor says about Matrix: (state, what, what mends it), by name. Never the token."""
        _, said = await self.types("doctor", "--json")
        facts = self.facts()
        for secret in (facts["token"], facts["seeds"]) if facts else ():
            assert secret not in said
        found = [json.loads(line) for line in said.splitlines()]
        return {one["name"]: (one["state"], one["says"], one["mend"]) for one in found if one["name"] in OURS}

    def facts(self) -> dict[str, str] | None:
        with opened(self.home / "handrail", None) as programme, programme.unit() as unit:
            return sign_in(unit, "matrix")

    def now_signed_in(self, **facts: str) -> None:
        """As if it had been signed in so."""
        with opened(self.home / "handrail", None) as programme, programme.unit() as unit:
            keep_sign_in(unit, "matrix", {**(sign_in(unit, "matrix") or {}), **facts})

    @property
    def letterboxes(self) -> list[str]:
        folder = self.home / "handrail" / "data" / "matrix"
        return [path.name for path in folder.glob("*.db")] if folder.is_dir() else []

    async def devices(self) -> set[str]:
        """Those of the programme's account, as the homeserver lists them."""
        headers = {"Authorization": f"Bearer {self.bot.token}"}
        url = f"{self.server.url}/_matrix/client/v3/devices"
        async with ClientSession(headers=headers) as session, session.get(url) as answer:
            return {one["device_id"] for one in (await answer.json())["devices"]}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Process]:
        process = await self.starts("run")
        try:
            yield await process.until_ready()
        finally:
            await process.stop()


async def shown(app: AsyncClient, words: str, seconds: float = 30) -> bool:
    """Whether these words come to be read in the app, which accepts whatever it is invited to."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        if any(words in said for said in await app_hears(app)):
            return True
        for room_id in list(app.invited_rooms):
            await app.join(room_id)
        await asyncio.sleep(0.2)
    return False
