"""`python -m tests.bench [--only NAME] [--json FILE] [--quick]`: measure, print one table, keep the figures as JSON.

Exit status 1 when a bound is not held. Machines are noisy: what is compared is measured in turns, in the same run.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from tests.bench import heartbeat, matrix, pages, restarting, risk, starting, telegram, turns
from tests.bench.figures import Figure, show, write
from tests.bench.ground import Ground

FOLDER = Path(".bench")
BENCHMARKS: dict[str, Callable[[Ground], list[Figure]]] = {
    "turn-sqlite": turns.on_sqlite,
    "turn-postgresql": turns.on_postgresql,
    "page-behind-bulk": pages.behind_bulk,
    "risk": risk.reading,
    "heartbeat": heartbeat.nothing_due,
    "start": starting.first_answer,
    "telegram": telegram.pages_behind_check_ins,
    "matrix": matrix.messages,
    "matrix-restart": restarting.first_answer,
}


def main() -> int:
    wanted = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    FOLDER.mkdir(exist_ok=True)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(dir=FOLDER.resolve()) as folder:
        ground = Ground(Path(folder), wanted.quick)
        for name in wanted.only or BENCHMARKS:
            begun = time.perf_counter()
            figures += BENCHMARKS[name](ground)
            print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    show(figures)
    write(figures, wanted.json)
    return 0 if all(one.held for one in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Handrail on this machine.")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--json", type=Path, default=FOLDER / "figures.json", metavar="FILE", help="where they are kept"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds; rougher figures")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
