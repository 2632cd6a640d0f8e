"""`handrail run`: the program on its database, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.channels.base import Channel, Door
from bot.channels.http_phones import LARGEST, HttpPhones
from bot.channels.pager.opening import pager_channel, pager_door
from bot.clock import SystemClock
from bot.database_thread import DatabaseThread
from bot.heartbeat import Heartbeat
from bot.line import Line
from bot.loading import load_library
from bot.program import Program
from bot.reload import Reload
from bot.unswept import unswept
from storage import clocks
from storage.dialect import AlreadyRunning, OneProcess, refuse_unless_durable
from storage.key_check import check_key
from storage.sign_ins import sign_in
from storage.store import Store
from storage.upgrade import refuse_unless_current

log = structlog.get_logger()

#: So long, in seconds, a message that is just coming in may take to be stored when the program is stopped.
PATIENCE = 5.0
#: How often, in seconds, we make sure that the database is still ours.
LOOK_AT_LOCK = 2.0


def open_safely(store: Store) -> OneProcess:
    """Everything that must be true before a message may be taken; raises what is not, and changes nothing.

    Raises AlreadyRunning, a migration's complaint, WrongKey, NotDurable, ClockIsWrong.
    """
    lock = OneProcess(store.engine)
    lock.take()
    try:
        with store.engine.connect() as connection:
            refuse_unless_current(connection)
            refuse_unless_durable(connection)
            check_key(connection, store.master)
    except BaseException:
        lock.release()
        raise
    return lock


async def run(store: Store, roots: Sequence[Path], port: int, phones: str, letterboxes: Path) -> None:
    """Run until SIGINT or SIGTERM. A part that dies takes the program with it: the service manager starts it again."""
    lock = open_safely(store)  # before all the reading: a second process is sent away at once
    try:
        await _run(store, lock, roots, port, phones, letterboxes)
    finally:
        store.close()
        lock.release()


async def _run(
    store: Store, lock: OneProcess, roots: Sequence[Path], port: int, phones: str, letterboxes: Path
) -> None:
    with unswept():
        library = load_library(roots)
    clock = SystemClock()
    with store.begin(clock.now()) as unit:
        clocks.catch_up(unit)
        signed_in = {network: facts for network in NETWORKS if (facts := sign_in(unit, network)) is not None}
    simulated = _simulated(clock, phones) if phones or not signed_in else []
    channels: dict[str, Channel] = {one.name: one for one in simulated}
    with DatabaseThread() as executor:
        program = Program(store, library, channels, clock, executor)
        for network, facts in signed_in.items():
            channels[network] = NETWORKS[network](facts, letterboxes, program)
        channels["pager"] = pager = pager_channel(program)
        heartbeat = Heartbeat(program.line, clock, Reload(program, roots).look)
        stop = _asked_to_stop()
        try:
            await program.start()
            # What is there by now stays. Looking through it all again took a tenth of a second, in which a page waited.
            gc.freeze()
            heartbeat.start()
            parts = [
                program.line.run(),
                _keep(lock, program.line),
                *(one.run(program.receive) for one in channels.values()),
            ]
            # The door closes before the line ends: whoever stands in it is still served.
            async with _going(parts) as going:
                doors = [one for one in channels.values() if isinstance(one, Door)]
                async with _served(doors, program, port), pager_door(pager, program):
                    await _until(stop, going)
                heartbeat.stop()
                await _finish(program)
        finally:
            heartbeat.stop()
            for channel in channels.values():
                await channel.close()
    log.info("handrail has stopped")


def _matrix(signed_in: Mapping[str, str], letterboxes: Path, program: Program) -> Channel:
    from bot.channels.matrix.opening import matrix_channel  # noqa: PLC0415 - only who uses it waits for it

    return matrix_channel(signed_in, letterboxes, program)


def _telegram(signed_in: Mapping[str, str], _letterboxes: Path, program: Program) -> Channel:
    from bot.channels.telegram.opening import telegram_channel  # noqa: PLC0415 - the same

    return telegram_channel(signed_in, program)


#: Where we may be signed in, and what makes the channel of it.
NETWORKS: Mapping[str, Callable[[Mapping[str, str], Path, Program], Channel]] = {
    "matrix": _matrix,
    "telegram": _telegram,
}


def _simulated(clock: SystemClock, phones: str) -> list[HttpPhones]:
    """For trying things out. Where there is a real channel, nobody reads them: what could not be said there would count
    as said here."""
    return [HttpPhones(name, name == "private", clock, phones) for name in ("private", "public")]


async def _finish(program: Program) -> None:
    """What is on its way is waited for and marked: after the next start nobody need ask whether it arrived."""
    try:
        async with asyncio.timeout(PATIENCE):
            await program.finish()
    except Exception as failure:  # noqa: BLE001 - nothing is lost: the next start looks at what was under way
        log.warning("stopped before everything was marked", kind=type(failure).__name__)


async def _keep(lock: OneProcess, line: Line) -> None:
    """Until cancelled. Ends with AlreadyRunning when another process works on this database: then we must not."""
    while True:
        await asyncio.sleep(LOOK_AT_LOCK)
        try:
            await line.run_in_store(lock.keep)
        except AlreadyRunning:
            raise
        except Exception as failure:  # noqa: BLE001 - it comes back, and until then nothing can be done twice
            log.warning("the server of the database is away", kind=type(failure).__name__)


@asynccontextmanager
async def _served(doors: Sequence[Door], program: Program, port: int) -> AsyncIterator[None]:
    app = web.Application(client_max_size=LARGEST)
    for door in doors:
        app.add_routes(door.routes())

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "configuration": program.library.version})

    app.add_routes([web.get("/health", health)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=PATIENCE)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    where = runner.addresses[0]
    log.info("handrail is running", port=where[1], version=program.library.version)
    simulated = "Simulated phones" if any(isinstance(one, HttpPhones) for one in doors) else "Its health is told at"
    path = "" if simulated == "Simulated phones" else "/health"
    speaks = f"Speaks on {', '.join(real)}. " if (real := sorted(set(program.channels) & NETWORKS.keys())) else ""
    print(f"Handrail is running. {speaks}{simulated}: http://127.0.0.1:{where[1]}{path}", flush=True)  # noqa: T201
    try:
        yield
    finally:
        await runner.cleanup()


def _asked_to_stop() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM. Listened for before anybody can know that we are running."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def _going(parts: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until(stop: asyncio.Event, going: Sequence[asyncio.Task[None]]) -> None:
    """Ends when a signal says so, or with the error of the first part that dies."""
    waiter = asyncio.create_task(_wait(stop.wait()))
    done, _ = await asyncio.wait([*going, waiter], return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    for task in done:
        if task is not waiter and (failure := task.exception()) is not None:
            raise failure


async def _wait(until: Awaitable[Any]) -> None:
    await until
