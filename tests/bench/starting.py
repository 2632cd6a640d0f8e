"""From `handrail run` to the first answer on a phone, with 100,000 participants; and the memory it then has."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import psutil
from aiohttp import ClientSession, web

from tests.bench.figures import Figure, at_most
from tests.bench.filling import CHANNEL, place
from tests.bench.ground import Ground

MIB = 1024 * 1024
SETTINGS = """
[storage]
url = "{url}"
key_file = "{key_file}"

[server]
port = 0
phones = "{phones}"
"""


def first_answer(ground: Ground) -> list[Figure]:
    ground.copy(ground.large, "start")
    took, memory = asyncio.run(_measure(ground, 3 if ground.quick else 9))
    ground.drop("start")
    best, usual, most = min(took), median(took), max(memory)
    return [
        at_most("start, best", f"{best:.2f} s", "1.5 s", best / 1.5, 1, seconds=took),
        at_most("start, median", f"{usual:.2f} s", "1.5 s", usual / 1.5, 1),
        at_most("start, memory", f"{most:.0f} MiB", "150 MiB", most / 150, 1, MiB=memory),
    ]


async def _measure(ground: Ground, runs: int) -> tuple[list[float], list[float]]:
    answered: asyncio.Queue[float] = asyncio.Queue()

    async def take(_request: web.Request) -> web.Response:
        answered.put_nowait(time.perf_counter())
        return web.json_response({})

    app = web.Application()
    app.add_routes([web.post("/{rest:.*}", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    folder = _programme(ground, f"http://127.0.0.1:{runner.addresses[0][1]}")
    took, memory = [], []
    for number in range(runs + 1):
        seconds, resident = await _start_once(folder, number, answered)
        if number:  # the first one compiles the modules
            took.append(seconds)
            memory.append(resident)
    await runner.cleanup()
    return took, memory


def _programme(ground: Ground, phones: str) -> Path:
    folder = ground.folder / "programme"
    folder.mkdir()
    url = ground.url("start")
    (folder / "handrail.toml").write_text(SETTINGS.format(url=url, key_file=ground.key_file, phones=phones))
    return folder


async def _start_once(folder: Path, number: int, answered: asyncio.Queue[float]) -> tuple[float, float]:
    """Seconds from exec to the first answer on the phone, and MiB resident then."""
    handrail = Path(sys.executable).with_name("handrail")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    process = subprocess.Popen([handrail, "run", "--config", folder], stdout=subprocess.PIPE, text=True, env=kept)
    try:
        said = await asyncio.to_thread(process.stdout.readline)
        address = said.split()[-1]
        message = {"id": f"{number}", "kind": "text", "body": "could you tell me when the group meets"}
        where = f"{address}/{CHANNEL}/phones/{place(number)}"
        async with ClientSession() as session, session.post(where, json=message) as response:
            response.raise_for_status()
        shown = await asyncio.wait_for(answered.get(), 20)
        resident = psutil.Process(process.pid).memory_info().rss / MIB
        await asyncio.sleep(0.3)
    finally:
        process.send_signal(signal.SIGINT)
        await asyncio.to_thread(process.wait, 20)
    while not answered.empty():
        answered.get_nowait()
    return shown - begun, resident
