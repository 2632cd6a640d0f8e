"""What may go wrong between a bot and Telegram, each as a value that a test adds to the server.

telegram.faults.add("sendMessage", reset_after(), chat=maya.id, skip=1, times=2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.methods import METHODS
from tests.fakes.telegram.queue import UpdateQueue


@dataclass(frozen=True)
class Fault:
    """`effect` says whether what was asked for happens nevertheless."""

    name: str
    effect: bool = False
    seconds: float = 0.0
    code: int = 0
    description: str = ""
    parameters: dict[str, Any] | None = None


def retry_after(seconds: int) -> Fault:
    """429: nothing happened, and when to come back."""
    return error(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def error(code: int, description: str, parameters: dict[str, Any] | None = None) -> Fault:
    """Any refusal in the server's own form."""
    return Fault("error", code=code, description=description, parameters=parameters)


def conflict() -> Fault:
    """409: somebody else polls with our token."""
    return error(
        409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


def html502() -> Fault:
    """What stands before the servers answers, in HTML."""
    return Fault("html502")


def garbage200() -> Fault:
    """All well, says the status; the body is no JSON."""
    return Fault("garbage200")


def delay(seconds: float) -> Fault:
    """It happens at once; the answer comes late."""
    return Fault("delay", effect=True, seconds=seconds)


def hang() -> Fault:
    """Nothing happens and nothing is answered, until the bot hangs up."""
    return Fault("hang")


def reset_before() -> Fault:
    """The connection breaks and nothing happened."""
    return Fault("reset_before")


def reset_after() -> Fault:
    """It happened; the connection breaks before the bot is told."""
    return Fault("reset_after", effect=True)


BY_NAME: dict[str, Callable[..., Fault]] = {
    "retry_after": retry_after, "error": error, "conflict": conflict, "html502": html502, "garbage200": garbage200,
    "delay": delay, "hang": hang, "reset_before": reset_before, "reset_after": reset_after,
}  # fmt: skip


@dataclass
class Planned:
    """A fault that waits for its call. `hits` says how often it struck."""

    method: str
    fault: Fault
    chat: int | None = None
    skip: int = 0
    times: int | None = 1
    hits: int = 0

    def strikes(self, method: str, chat: int | None) -> bool:
        if self.method not in {"*", method.lower()} or self.chat not in {None, chat}:
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True


Batch = list[dict[str, Any]]


@dataclass
class Faults:
    """Those planned for calls, and those for batches of updates."""

    queue: UpdateQueue
    planned: list[Planned] = field(default_factory=list)
    _batches: list[Callable[[Batch], Batch]] = field(default_factory=list)

    def add(
        self, method: str, fault: Fault, *, chat: int | None = None, skip: int = 0, times: int | None = 1
    ) -> Planned:
        """From the `skip`-th matching call on, `times` times; `times=None` is for ever, `method="*"` is any."""
        assert method == "*" or method.lower() in METHODS, f"there is no method {method!r}"
        planned = Planned(method.lower(), fault, chat, skip, times)
        self.planned.append(planned)
        return planned

    def clear(self) -> None:
        self.planned.clear()
        self._batches.clear()

    def strike(self, method: str, chat: int | None) -> Fault | None:
        return next((planned.fault for planned in self.planned if planned.strikes(method, chat)), None)

    def duplicate_next_batch(self) -> None:
        """Every update of the next batch is in it twice."""
        self._batches.append(lambda batch: [update for update in batch for _ in range(2)])

    def shuffle_next_batch(self) -> None:
        """The next batch comes with its last update first."""
        self._batches.append(lambda batch: batch[::-1])

    def again_in_next_batch(self, update: dict[str, Any]) -> None:
        """An update that was confirmed comes once more, with the next batch, whatever the offset."""
        self._batches.append(lambda batch: [*batch, update])

    def expire_all(self) -> None:
        """What waits is thrown away, as after 24 hours."""
        self.queue.events = []

    def restart_ids(self, at: int) -> None:
        """Numbers of updates begin anew; what waits is gone."""
        self.queue.restart(at)

    def spoil(self, batch: Batch) -> Batch:
        """Applied to each answer that has updates in it; each of the above once."""
        if not batch or not self._batches:
            return batch
        return self._batches.pop(0)(batch)
