"""Stands between a client and its homeserver, and breaks what it is told to break."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientConnectionError, ClientSession, web

HOP = {"transfer-encoding", "content-encoding", "content-length", "connection", "date", "server"}


@dataclass
class Between:
    """`broken` says what happens to a request whose path holds this: a status, or `drop` (no answer), `late` (the
    server does it, and no answer comes), `wait` (the server does it once `let_go` is set), `held` (it does it, and the
    answer comes once `let_go` is set), or `hang` (nothing happens any more). `watch` is told of every request twice, by
    its path: when it comes (what it breaks then, is broken for this one), and when the server has done it. `shorten` is
    given the path and what the server answered, and says what is passed on."""

    behind: str
    url: str = ""
    broken: dict[str, int | str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    one_more: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    watch: Callable[[str, bool], None] | None = None
    shorten: Callable[[str, bytes], bytes] = lambda _path, read: read
    meant: Callable[[str], str] = lambda asked: asked  # what the server is asked instead
    retry_after_ms: int = 100  # what a request that is broken with the status 429 is told

    async def until_asked(self, what: str, times: int) -> None:
        """Until so many requests have come whose path ends with this."""
        while self.asked[what] < times:
            self.one_more.clear()
            await self.one_more.wait()

    def cut(self) -> None:
        """From now on nothing gets through, either way."""
        self.broken = {"": "drop"}

    def mend(self) -> None:
        self.broken.clear()

    def _fault(self, path: str) -> int | str | None:
        return next((what for part, what in self.broken.items() if part in path), None)

    def _tell(self, path: str, *, done: bool) -> None:
        if self.watch is not None:
            self.watch(path, done)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Where there is nobody behind us, there is nobody here either."""
        try:
            return await self._pass_on(request)
        except ClientConnectionError:
            return self._hang_up(request)

    def _hang_up(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path.rpartition("/")[2]] += 1
        self.paths.append(request.path)
        self.one_more.set()
        self._tell(request.path, done=False)
        fault = self._fault(request.path)
        if isinstance(fault, int):
            code = {401: "M_UNKNOWN_TOKEN", 429: "M_LIMIT_EXCEEDED"}.get(fault, "M_UNKNOWN")
            said = {"errcode": code, "error": "broken on purpose", "retry_after_ms": self.retry_after_ms}
            return web.json_response(said, status=fault)
        if fault == "drop":
            return self._hang_up(request)
        if fault == "hang":
            await asyncio.Event().wait()
        if fault == "wait":
            await self.let_go.wait()
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        body = await request.read()
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                self.behind + self.meant(request.raw_path),
                data=body,
                headers=headers,
                skip_auto_headers=("Accept",),
            ) as answer,
        ):
            read = await answer.read()
            self._tell(request.path, done=True)
            if fault == "held":
                await self.let_go.wait()
            if fault == "late" or self._fault(request.path) == "drop":  # cut off while the server thought
                return self._hang_up(request)
            kept = {
                name: value for name, value in answer.headers.items() if name.lower() not in HOP - {"content-encoding"}
            }
            return web.Response(body=self.shorten(request.path, read), status=answer.status, headers=kept)


@asynccontextmanager
async def between(behind: str) -> AsyncIterator[Between]:
    """A proxy in front of `behind`."""
    one = Between(behind)
    app = web.Application(client_max_size=1 << 24)
    app.router.add_route("*", "/{rest:.*}", one.handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield one
    finally:
        await runner.cleanup()
