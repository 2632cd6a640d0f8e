"""What a beat costs when nothing is due, with few participants and with very many."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

from tests.bench import filling
from tests.bench.figures import Figure, at_most, middle
from tests.bench.ground import Ground

FEW, MANY = 1_000, 1_000_000
MIB = 1024 * 1024
BEATS = 50


@dataclass
class Heart:
    """A process that beats, and what was seen of it."""

    process: subprocess.Popen[str]
    rounds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def beat(self, times: int) -> None:
        self.process.stdin.write(f"{times}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if times:
            self.rounds.append(median(answer["took"]))
        self.memory.append(answer["memory"] / MIB)

    @property
    def grown(self) -> float:
        return self.memory[-1] - self.memory[0]


def nothing_due(ground: Ground) -> list[Figure]:
    many = MANY // 10 if ground.quick else MANY
    with _heart(ground, FEW) as small, _heart(ground, many) as large:
        for heart in (small, large):
            heart.beat(BEATS)
            heart.rounds.clear()
            heart.memory.clear()
            heart.beat(0)
        for _ in range(1_000 // BEATS):
            small.beat(BEATS)
            large.beat(BEATS)
    ours, baseline = median(large.rounds) * 1000, median(small.rounds) * 1000
    more = large.memory[-1] - small.memory[-1]
    return [
        at_most(
            f"heartbeat, {many:,} / {FEW:,}",
            f"{ours:.2f} ms",
            f"{baseline:.2f} ms",
            middle(large.rounds, small.rounds),
            2,
        ),
        at_most("heartbeat, memory more, MiB", f"{large.memory[-1]:.0f} MiB", f"{small.memory[-1]:.0f} MiB", more, 20),
        at_most(
            "heartbeat, grown in 1,000 beats, MiB", f"{large.grown:.1f} MiB", f"{small.grown:.1f} MiB", large.grown, 20
        ),
    ]


@contextmanager
def _heart(ground: Ground, participants: int) -> Iterator[Heart]:
    name = f"with-{participants}"
    now = datetime.now(UTC)
    store = filling.programme(ground.url(name), ground.master, now)
    filling.enrol(store, participants, now, now + timedelta(days=1), opens=False)
    store.close()
    command = [sys.executable, "-m", "tests.bench.beating", ground.url(name), str(ground.key_file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Heart(process)
    finally:
        process.stdin.close()
        process.wait(60)
        ground.drop(name)
