"""The thread in which all work on the database is done, one piece after the other, in the order it was given.

An executor of the standard library readies each result for any thread that may want to wait for it. Here only the
event loop waits, and a message goes there and back twice: without all that, it is a tenth faster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread(Executor):
    """Runs from the start until it is shut down. As an executor, it can also be given work by whoever knows no more
    of it."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # A program that fails before it can shut this down must end all the same.
        self._thread = Thread(target=self._run, name="database", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, done here. What nobody waits for any more before it begins is not done."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def visit() -> None:
            if done.cancelled():
                return
            try:
                brought = work()
            except BaseException as failure:  # noqa: BLE001 - it is raised where somebody waits
                _tell(loop, done, done.set_exception, failure)
            else:
                _tell(loop, done, done.set_result, brought)

        self._work.put(visit)
        return await done

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As every executor does."""
        future: Future[T] = Future()

        def visit() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(*args, **kwargs))
            except BaseException as failure:  # noqa: BLE001 - it is raised where somebody waits
                future.set_exception(failure)

        self._work.put(visit)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """No more work after what was given; returns when all of it is done."""
        self._work.put(None)
        if wait:
            self._thread.join()

    def _run(self) -> None:
        while (visit := self._work.get()) is not None:
            visit()
            del visit  # what it holds must not outlive it until the next one comes


def _tell(loop: asyncio.AbstractEventLoop, done: asyncio.Future[T], how: Callable[[Any], None], what: object) -> None:
    """Told in the loop, or not at all where the loop is gone."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(_unless_left, done, how, what)


def _unless_left(done: asyncio.Future[T], how: Callable[[Any], None], what: object) -> None:
    if not done.done():
        how(what)
