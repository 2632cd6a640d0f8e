"""The real process: started on a programme, watched from outside, killed without a word."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.programme import Programme

HOUSE = Path(__file__).resolve().parents[2]
READY = b"Handrail is running"
PATIENCE = 30.0


class NotReady(AssertionError):
    """The process did not come up."""


@dataclass
class Process:
    """One life of the process. Times are seconds since 1970, as this machine counts them."""

    child: asyncio.subprocess.Process
    started: float
    ready: float = 0.0
    ended: float = 0.0
    said: bytearray = field(default_factory=bytearray)
    _is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    _readers: list[asyncio.Task[None]] = field(default_factory=list)

    async def until_ready(self) -> Process:
        """Returns once it says that it is running. Raises NotReady with what it said instead."""
        try:
            await asyncio.wait_for(self._is_ready.wait(), PATIENCE)
        except TimeoutError:
            raise NotReady(bytes(self.said).decode(errors="replace")) from None
        if not self.ready:
            raise NotReady(bytes(self.said).decode(errors="replace"))
        return self

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is written."""
        self._signal(signal.SIGKILL)

    async def stop(self, patience: float = 10.0) -> int:
        """SIGTERM, as a service manager does it; returns the exit status."""
        self._signal(signal.SIGTERM)
        return await asyncio.wait_for(self.gone(), patience)

    def _signal(self, number: signal.Signals) -> None:
        if self.child.returncode is None:
            self.child.send_signal(number)

    async def gone(self) -> int:
        """Waits for its end; returns the exit status."""
        status = await self.child.wait()
        self.ended = self.ended or time.time()
        await asyncio.gather(*self._readers)
        return status

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while piece := await stream.read(65536):
            self.said += piece
            if not self.ready and READY in self.said:
                self.ready = time.time()
                self._is_ready.set()
        self._is_ready.set()


def console(programme: Programme) -> list[str]:
    """The command that a service manager would start."""
    return [sys.executable, "-m", "bot.cli", "run", "--config", str(programme.folder)]


async def spawn(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Process:
    """Start a process and listen to all it says."""
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=HOUSE,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
    )
    process = Process(child, time.time())
    process._readers = [asyncio.create_task(process._read(stream)) for stream in (child.stdout, child.stderr) if stream]
    return process


@asynccontextmanager
async def running(programme: Programme, command: Sequence[str] = ()) -> AsyncIterator[Process]:
    """The process while it is up; gone afterwards, whatever happened."""
    process = await spawn(command or console(programme))
    try:
        yield await process.until_ready()
    finally:
        process.kill()
        await process.gone()
