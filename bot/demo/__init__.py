"""`handrail demo`: a participant's phone, a staff phone, and what happened between them, on a page of this machine.

The real program; only the channel, the clock and the database are the demo's.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from bot.console import complain, say
from bot.demo.server import DemoServer, NoStories, NoSuchStory, PortTaken

__all__ = ["PORT", "DemoServer", "NoStories", "NoSuchStory", "PortTaken", "serve"]

PORT = 8470
FINE, WRONG_USE = 0, 2
DATABASE = "HANDRAIL_DATABASE"


def serve(
    port: int = PORT, story: str | None = None, *, roots: Sequence[Path] = (), database: str | None = None
) -> int:
    """Serve the page until Ctrl-C; returns the exit status. 0 as a port takes any free one.

    `roots` are the folders of configuration, the shipped one first. A `database`, given here or in the environment, is
    refused: the demo has its own, and throws it away.
    """
    if database or os.environ.get(DATABASE):
        named = "A database was named" if database else f"{DATABASE} is set"
        complain(
            f"{named}, and the demo never touches a real one: it makes its own and throws it away. "
            f"Leave {'it' if database else DATABASE} out, then start again: env -u {DATABASE} handrail demo"
        )
        return WRONG_USE
    return asyncio.run(_serve(DemoServer(roots, port, story)))


async def _serve(server: DemoServer) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await server.start()
    say(f"The demo is at {server.address} (Ctrl-C ends it, and deletes everything).")
    try:
        await stop.wait()
    finally:
        await server.stop()
    return FINE
