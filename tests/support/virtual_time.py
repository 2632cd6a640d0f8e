"""An event loop whose clock stands still while something can be done, and then jumps to when the next thing is due.

A minute of waiting takes no time at all, and comes out the same on every machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from selectors import SelectSelector
from typing import Any, TypeVar

T = TypeVar("T")
#: So much further, in seconds, than was asked for: a sum of floats may fall short of it, and nothing would be due yet.
BEYOND = 1e-7


class WaitsForEver(Exception):
    """Nothing is due, and nothing ever will be."""


class _Jump(SelectSelector):
    """Where the loop would sleep, its clock is put forward instead."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise WaitsForEver
            self._loop.clock += timeout + (BEYOND if timeout else 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `clock` is what `time` says."""

    def __init__(self) -> None:
        self.clock = 1_000.0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self.clock


def run(story: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, on such a loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)
