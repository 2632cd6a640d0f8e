"""A process of its own that beats when it is told to: `python -m tests.bench.beating URL KEY-FILE`.

Each line it reads is a number of beats; it answers with what each took and its resident memory, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import psutil

from bot.channels.simulated import Phones, SimulatedChannel
from bot.clock import SystemClock
from bot.heartbeat import Heartbeat
from bot.loading import load_library, shipped_config
from bot.program import Program
from storage.dialect import engine_for
from storage.keyfile import read_key
from storage.store import Store


async def beat_when_told(url: str, key_file: str) -> None:
    clock = SystemClock()
    channel = SimulatedChannel("private", True, Phones(), clock)
    program = Program(
        Store(engine_for(url), read_key(Path(key_file))), load_library([shipped_config()]), {"private": channel}, clock
    )
    heartbeat = Heartbeat(program.line, clock, _nothing_changed)
    await program.start()
    await program.settle()
    for line in sys.stdin:
        took = []
        for _ in range(int(line)):
            begun = time.perf_counter()
            await heartbeat.beat()
            while await program.line.once():
                pass
            took.append(time.perf_counter() - begun)
        print(json.dumps({"took": took, "memory": psutil.Process().memory_info().rss}), flush=True)


async def _nothing_changed() -> None:
    """The files of the programme stay as they are."""


if __name__ == "__main__":
    asyncio.run(beat_when_told(*sys.argv[1:]))
