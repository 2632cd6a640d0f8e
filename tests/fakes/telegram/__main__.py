"""The server as a process of its own: `python -m tests.fakes.telegram --port 8081 --token 1:test`.

It says where it listens, in one line, and runs until it is ended. /control (see control.py) is how a test acts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from tests.fakes.telegram.telegram import bot_api


async def run(token: str, port: int) -> None:
    async with bot_api(token, port) as telegram:
        print(telegram.root, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--token", default="1:test")
    given = options.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(given.token, given.port))
