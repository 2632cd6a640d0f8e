"""The door behind the links: looking changes nothing, one button acknowledges.

It has a port of its own, on this machine only, for a web server with TLS to pass on to. On the port of the simulated
phones one careless line in that server's settings would let everybody write in anybody's name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.channels.base import Inbound
from bot.channels.pager.link import Link, Links
from bot.channels.pager.patience import Patience
from bot.channels.pager.screen import screen
from bot.program import Program
from flows.phi import Phi
from storage.pagers import Asked, asked_by

log = structlog.get_logger()

#: Nobody has anything to send us; a form without fields is empty.
LARGEST = 1024
LONGEST_LINE = 2048
PATIENCE = 5.0


@dataclass(slots=True)
class Door:
    """Takes the answers to links, and hands them over like everything else that arrives."""

    program: Program
    links: Links
    patience: Patience

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/a/{token}", self._look),
            web.post("/a/{token}", self._press),
            web.route("*", "/{anything:.*}", self._nothing),
        ]

    async def _look(self, request: web.Request) -> web.Response:
        link, asked, refusal = await self._asked_by(request)
        if link is None or asked is None:
            return refusal
        if asked.case_state != "open":
            return self._standing(asked)
        line = self.program.library.line("", "care.door", {"case": asked.page.case_number})
        button = next(choice.label for choice in line.choices if choice.id == "acknowledge")
        return screen(line.text, button=button)

    async def _press(self, request: web.Request) -> web.Response:
        link, asked, refusal = await self._asked_by(request)
        if link is None or asked is None:
            return refusal
        tap = Inbound("pager", link.key, asked.place, "tap", Phi("acknowledge"), link.key)
        try:
            await self.program.receive(tap)
        except Exception as failure:
            log.exception("an answer could not be kept", channel="pager", kind=type(failure).__name__)
            return self._say("care.door_busy", status=503)
        return self._standing(await self._asked(link) or asked)

    async def _asked_by(self, request: web.Request) -> tuple[Link | None, Asked | None, web.Response]:
        """The link, and the page it went out with; or what is said instead. A link answers once."""
        link, refusal = self._link(request)
        asked = await self._asked(link) if link is not None else None
        if link is not None and asked is None:
            refusal = self._say("care.door_unknown", status=404)
        elif asked is not None and asked.answered:
            asked, refusal = None, self._say("care.door_used", status=410)
        return link, asked, refusal

    def _standing(self, asked: Asked) -> web.Response:
        """How it stands, without anybody's name: who has a case is told where people are known."""
        number = asked.page.case_number
        if asked.holder_id == asked.person_id:
            return self._say("care.door_yours", case=number)
        if asked.holder_id:
            return self._say("care.door_somebody", case=number)
        return self._say("care.door_received", case=number)

    def _link(self, request: web.Request) -> tuple[Link | None, web.Response]:
        """The link, or what is said instead. Nothing is looked up for one that is not ours."""
        link = self.links.read(request.match_info["token"])
        if link is None:
            return None, self._stranger(request)
        if link.ended(self.program.clock.now()):
            return None, self._say("care.door_expired", status=410)
        return link, screen("")

    async def _nothing(self, request: web.Request) -> web.Response:
        return self._stranger(request)

    def _stranger(self, request: web.Request) -> web.Response:
        status = 429 if self.patience.ended(_from(request)) else 404
        return self._say("care.door_unknown", status=status)

    async def _asked(self, link: Link) -> Asked | None:
        def look() -> Asked | None:
            with self.program.store.begin(self.program.clock.now()) as unit:
                return asked_by(unit, link.key)

        return await self.program.line.run_in_store(look)

    def _say(self, content: str, *, status: int = 200, **slots: object) -> web.Response:
        return screen(self.program.library.line("", content, slots).text, status=status)


def _from(request: web.Request) -> str:
    """Whom the web server in front of us let in: the last address that it wrote down, none that the caller made up."""
    written = request.headers.getall("X-Forwarded-For", [])
    return written[-1].rpartition(",")[2].strip()[:64] if written else request.remote or ""


@asynccontextmanager
async def opened(door: Door, port: int) -> AsyncIterator[int]:
    """Serve it on this machine; yields the port."""
    app = web.Application(client_max_size=LARGEST)
    app.add_routes(door.routes())
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=PATIENCE, max_line_size=LONGEST_LINE, max_field_size=LONGEST_LINE
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
