"""The page and its door: loopback only, for this page only.

The page gets everything there is to see as one event whenever something changed, and posts what people do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.demo.casting import seat
from bot.demo.door import HEADERS, only_from_here, page_files
from bot.demo.playing import StoryPlayer
from bot.demo.stage import SPEEDS, NoSuchThing, Stage
from bot.loading import shipped_config
from bot.rehearsal.file import Rehearsal, read_rehearsal
from bot.rehearsal.rehearsing import library_for
from bot.rehearsal.stories import Story, stories
from bot.rehearsal.times import in_zone
from flows.errors import HandrailError

#: What one post may hold: as long a message as a phone takes.
LARGEST = 64 * 1024
#: Changes that come so close together (in seconds) are shown together.
TOGETHER = 0.03
#: The story whose people are there at the start, where there is one of that name.
FIRST = "hard-evening"
#: So long (in seconds) an answer to the page takes at most; a showing that was ended answers nothing any more.
PATIENCE = 20.0
#: An idle connection says so often that it is alive.
SIGN_OF_LIFE = 15.0

log = structlog.get_logger()

Act = Callable[["DemoServer", Mapping[str, Any]], Awaitable[None]]


class NoStories(HandrailError):
    """There are no stories to show in {0}. A story is a rehearsal in config/stories/."""


class NoSuchStory(HandrailError):
    """There is no story "{0}". There are: {1}."""


class PortTaken(HandrailError):
    """Port {0} is in use on this machine. Choose another one, or let the demo find one: handrail demo --port 0"""


class DemoServer:
    """One demo, from the first page to the last. `pace` is how long a playing story lets people read; 0 not at all."""

    def __init__(
        self, roots: Sequence[Path] = (), port: int = 0, story: str | None = None, *, pace: float = 1.0
    ) -> None:
        self.roots = tuple(roots) or (shipped_config(),)
        self.port = port
        self.pace = pace
        self.stories: dict[str, Story] = {one.name: one for one in stories(self.roots)}
        if not self.stories:
            raise NoStories(", ".join(str(root / "stories") for root in self.roots))
        if story is not None and story not in self.stories:
            raise NoSuchStory(story, ", ".join(self.stories))
        self.story = story or (FIRST if FIRST in self.stories else next(iter(self.stories)))
        self._stage: Stage | None = None
        self._playing: asyncio.Task[None] | None = None
        self._acting = ""
        self._version = 0
        self._news = asyncio.Condition()
        self._scene = asyncio.Lock()
        self._runner: web.AppRunner | None = None
        self._background: set[asyncio.Task[None]] = set()
        self.connections: set[asyncio.Task[Any]] = set()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def stage(self) -> Stage:
        """What is being shown. Only once the server has started."""
        if self._stage is None:
            raise RuntimeError("the demo has not started")
        return self._stage

    # -- up and down -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Set the stage and answer on the loopback interface. Raises PortTaken, BadFiles, NoStories."""
        await self.set_stage(self.story)
        app = web.Application(client_max_size=LARGEST, middlewares=[only_from_here])
        app.add_routes([*page_files(), web.get("/events", self._events), web.post("/do", self._do)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise PortTaken(self.port) from None
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Take everything down; the database and its folder are gone after this."""
        await self._stop_playing()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._stage is not None:
            await self._stage.close()
            self._stage = None

    async def set_stage(self, story: str) -> Rehearsal:
        """Start over with the people of a story, on an empty database."""
        rehearsal = await asyncio.to_thread(read_rehearsal, self.stories[story].path)
        library = await asyncio.to_thread(library_for, rehearsal, self.roots)
        starts = in_zone(rehearsal.starts, library.settings.programme.zone)
        async with self._scene:
            if self._stage is not None:
                await self._stage.close()
            self._stage = Stage(library, starts, lambda unit: seat(unit, rehearsal, library), self._changed)
            self.story = story
            await self._stage.open()
        self._changed()
        return rehearsal

    async def play(self, story: str) -> None:
        """Start over with a story's people, and let it play."""
        await self._stop_playing()
        rehearsal = await self.set_stage(story)
        self._playing = asyncio.create_task(self._run_story(rehearsal))
        self._changed()

    async def played(self) -> None:
        """Returns once the story that plays has come to its end."""
        if self._playing is not None:
            await self._playing

    def _changed(self) -> None:
        self._version += 1
        task = asyncio.ensure_future(self._announce())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _announce(self) -> None:
        async with self._news:
            self._news.notify_all()

    # -- what it answers -------------------------------------------------------------------------------------------

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Everything there is to see, now and whenever something changed."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 500\n\n")
        shown = -1
        if (task := asyncio.current_task()) is not None:
            self.connections.add(task)
            task.add_done_callback(self.connections.discard)
        with suppress(ConnectionResetError):
            while True:
                if shown == self._version:
                    await self._wait_for_news(shown)
                if shown == self._version:
                    await response.write(b": still here\n\n")
                    continue
                shown = self._version
                seen = json.dumps(await self.view(), ensure_ascii=False)
                await response.write(f"data: {seen}\n\n".encode())
        return response

    async def _wait_for_news(self, shown: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SIGN_OF_LIFE), self._news:
                await self._news.wait_for(lambda: self._version != shown)
            await asyncio.sleep(TOGETHER)

    async def view(self) -> dict[str, Any]:
        """Everything there is to see."""
        async with self._scene:
            seen = await self.stage.view()
        return seen | {
            "story": {
                "id": self.story,
                "playing": self._playing is not None,
                "acting": self._acting,
                "stories": [{"id": one.name, "title": one.title} for one in self.stories.values()],
            }
        }

    async def _do(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return _error("Send a JSON object.", 415)
        try:
            wanted = await request.json()
            act = ACTS[wanted["do"]]
        except (ValueError, KeyError, TypeError):
            return _error("That is nothing this page can do.")
        try:
            async with asyncio.timeout(PATIENCE):
                await act(self, wanted)
        except TimeoutError:
            return _error("The program did not answer. Please start over.", 503)
        except (NoSuchThing, KeyError, TypeError, ValueError):
            return _error("That is not there any more.", 409)
        except HandrailError as told:
            return _error(str(told), 409)
        return web.json_response({"ok": True})

    # -- what people do --------------------------------------------------------------------------------------------

    async def _say(self, wanted: Mapping[str, Any]) -> None:
        if words := str(wanted["words"]).strip():
            await self.stage.says(wanted["who"], words)

    async def _tap(self, wanted: Mapping[str, Any]) -> None:
        await self.stage.taps(wanted["who"], wanted["message"], wanted["choice"])

    async def _help(self, wanted: Mapping[str, Any]) -> None:
        await self.stage.calls_for_help(wanted["who"])

    async def _pace(self, wanted: Mapping[str, Any]) -> None:
        if wanted["speed"] not in SPEEDS:
            raise ValueError(wanted["speed"])
        self.stage.run_at(float(wanted["speed"]))

    async def _skip(self, wanted: Mapping[str, Any]) -> None:
        await self.stage.skip()

    async def _reach(self, wanted: Mapping[str, Any]) -> None:
        await self.stage.set_reachable(wanted["who"], reachable=bool(wanted["reachable"]))

    async def _again(self, wanted: Mapping[str, Any]) -> None:
        await self._stop_playing()
        await self.set_stage(wanted["story"])

    async def _play(self, wanted: Mapping[str, Any]) -> None:
        await self.play(wanted["story"])

    async def _stop(self, wanted: Mapping[str, Any]) -> None:
        await self._stop_playing()

    async def _run_story(self, rehearsal: Rehearsal) -> None:
        player = StoryPlayer(self.stage, rehearsal, self._is_acting, self.pace)
        try:
            await player.play()
        except Exception as failure:
            log.exception("a story could not go on", kind=type(failure).__name__)
            player.broke_off()
        finally:
            self._playing = None
            self._is_acting("")

    def _is_acting(self, who: str) -> None:
        self._acting = who
        self._changed()

    async def _stop_playing(self) -> None:
        if self._playing is not None:
            task, self._playing = self._playing, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._changed()


ACTS: dict[str, Act] = {
    "say": DemoServer._say,
    "tap": DemoServer._tap,
    "help": DemoServer._help,
    "pace": DemoServer._pace,
    "skip": DemoServer._skip,
    "reach": DemoServer._reach,
    "again": DemoServer._again,
    "play": DemoServer._play,
    "stop": DemoServer._stop,
}


def _error(words: str, status: int = 400) -> web.Response:
    return web.json_response({"error": words}, status=status)
