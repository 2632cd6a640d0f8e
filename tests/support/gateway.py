"""Services that ring people, small and real: a webhook over HTTP and a mail server, each with its faults."""

from __future__ import annotations

import asyncio
import email
import email.policy
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Gateway:
    """A webhook. `fault`: a status to answer with, `hang` (never answers), or `drip` (a byte a second)."""

    fault: str | int = ""
    rung: list[dict[str, Any]] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)  # every byte of every request, as far as HTTP shows them
    tries: int = 0
    port: int = 0
    _release: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "") -> str:
        """As a pager's address."""
        return f"json://127.0.0.1:{self.port}/{path}"

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.tries += 1
        body = await request.read()
        self.heard += f"{request.method} {request.raw_path} {dict(request.headers)} ".encode() + body
        if self.fault == "hang":
            await self._release.wait()
        if self.fault == "drip":
            return await self._drip(request)
        if isinstance(self.fault, int):
            return web.Response(status=self.fault, headers={"Location": f"http://127.0.0.1:{self.port}/elsewhere"})
        self.rung.append({"path": request.path, **(await request.json())})
        return web.Response()

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000000"})
        await answer.prepare(request)
        while not self._release.is_set():
            await answer.write(b".")
            await asyncio.sleep(0.2)
        return answer

    @property
    def texts(self) -> list[str]:
        return [one["message"] for one in self.rung]

    async def until(self, seen: Callable[[], object], patience: float = 15.0) -> None:
        """Returns once `seen` is true; fails when it never is."""
        await until(seen, patience)


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """A webhook on a free port."""
    made = Gateway()
    app = web.Application()
    app.add_routes([web.route("*", "/{path:.*}", made._take)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    try:
        yield made
    finally:
        made._release.set()
        await runner.cleanup()


@dataclass
class MailServer:
    """Takes mail. `fault`: what it answers to a recipient instead, such as `550 no such user`."""

    fault: str = ""
    letters: list[email.message.EmailMessage] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)
    port: int = 0

    def url(self) -> str:
        """As a pager's address."""
        return f"mailto://127.0.0.1:{self.port}?from=pager@example.org&to=jo@example.org"

    @property
    def texts(self) -> list[str]:
        bodies = (letter.get_body(("plain", "html")) for letter in self.letters)
        return [str(body.get_content()) for body in bodies if body is not None]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 here")
        while line := await reader.readline():
            self.heard += line
            word = line.split()[0].upper() if line.split() else b""
            if word == b"RCPT" and self.fault:
                say(self.fault)
            elif word == b"DATA":
                say("354 go on")
                await self._letter(reader)
                say("250 taken")
            elif word == b"QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        writer.close()

    async def _letter(self, reader: asyncio.StreamReader) -> None:
        lines = []
        while (line := await reader.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        whole = b"".join(lines)
        self.heard += whole
        letter = email.message_from_bytes(whole, policy=email.policy.default)
        assert isinstance(letter, email.message.EmailMessage)
        self.letters.append(letter)


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server on a free port."""
    made = MailServer()
    server = await asyncio.start_server(made._talk, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


async def until(seen: Callable[[], object], patience: float = 15.0) -> None:
    """Returns once `seen` is true; fails when it never is."""
    end = time.monotonic() + patience
    while not seen():
        if time.monotonic() > end:
            raise AssertionError(f"not seen in {patience} s")
        await asyncio.sleep(0.02)
