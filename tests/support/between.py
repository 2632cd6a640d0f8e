"""Stands between a client and its homeserver, and breaks what it is told to break."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web

HOP = {"transfer-encoding", "content-encoding", "content-length", "connection", "date", "server"}


@dataclass
class Between:
    """`broken` says what happens to a request whose path holds this: a status, or `drop` (no answer), or `late` (the
    server does it, and no answer comes)."""

    behind: str
    url: str = ""
    broken: dict[str, int | str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    one_more: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_asked(self, what: str, times: int) -> None:
        """Until so many requests have come whose path ends with this."""
        while self.asked[what] < times:
            self.one_more.clear()
            await self.one_more.wait()

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path.rpartition("/")[2]] += 1
        self.paths.append(request.path)
        self.one_more.set()
        fault = next((what for part, what in self.broken.items() if part in request.path), None)
        if isinstance(fault, int):
            code = "M_UNKNOWN_TOKEN" if fault == 401 else "M_UNKNOWN"
            return web.json_response({"errcode": code, "error": "broken on purpose"}, status=fault)
        if fault == "drop":
            request.transport.close()
            return web.Response()
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        body = await request.read()
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                self.behind + request.raw_path,
                data=body,
                headers=headers,
                skip_auto_headers=("Accept",),
            ) as answer,
        ):
            said = await answer.read()
            if fault == "late":
                request.transport.close()
            kept = {
                name: value for name, value in answer.headers.items() if name.lower() not in HOP - {"content-encoding"}
            }
            return web.Response(body=said, status=answer.status, headers=kept)


@asynccontextmanager
async def between(behind: str) -> AsyncIterator[Between]:
    """A proxy in front of `behind`."""
    one = Between(behind)
    app = web.Application(client_max_size=1 << 24)
    app.router.add_route("*", "/{rest:.*}", one.pass_on)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield one
    finally:
        await runner.cleanup()
