"""A thread of its own for each ring.

Not a pool: Apprise's own has six threads, and as many services that answer a byte a minute would hold up every page.
And not one that is waited for at the end: the program must be able to stop while a service hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable

from bot.channels.base import DeliveryError

#: So many rings of one pager may be under way: one may hang for ever, and the next one is tried all the same.
AT_ONCE = 3


class Threads:
    """Runs what blocks, and remembers for which pager it still does."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()

    async def run(self, place: str, work: Callable[[], None]) -> None:
        """Returns or raises as `work` does. Cancelled, it leaves the thread to itself. Raises DeliveryError where too
        many of this pager's rings hang."""
        if self._under_way[place] >= AT_ONCE:
            raise DeliveryError("the service still holds earlier pages")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._under_way[place] += 1

        def finish(failure: BaseException | None) -> None:
            self._under_way[place] -= 1
            if self._under_way[place] <= 0:
                del self._under_way[place]
            if done.done():
                return
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)

        def in_thread() -> None:
            failure: BaseException | None = None
            try:
                work()
            except BaseException as found:  # noqa: BLE001 - it is raised where it is waited for
                failure = found
            with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
                loop.call_soon_threadsafe(finish, failure)

        threading.Thread(target=in_thread, name="pager", daemon=True).start()
        await done
