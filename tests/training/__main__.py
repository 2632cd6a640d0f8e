"""`make reader`: learn from `tests/corpus/open`, and write `config/risk/reader.tsv`.

Nothing of `tests/corpus/held_out` is learned from or looked at here; `handrail assess --eval` measures on it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.config_files import gather
from bot.lexicons import read_lexicon
from bot.places import SHIPPED, roots_of
from flows.risk.second import SecondReader
from tests.training.bounds import bounds, unseen_sums
from tests.training.fitting import fitted
from tests.training.messages import OPEN, labelled

WRITTEN: Final = SHIPPED / "risk" / "reader.tsv"


def main() -> None:
    """Learn, set the bounds, write."""
    arguments = argparse.ArgumentParser(prog="python -m tests.training")
    arguments.add_argument("--version", type=int, required=True, help="The version of the new weights.")
    arguments.add_argument("--out", type=Path, default=WRITTEN)
    asked = arguments.parse_args()
    _, lexicon, _ = read_lexicon(gather(roots_of(None)))
    assert lexicon is not None
    messages = labelled(OPEN, lexicon)
    reader = replace(fitted(messages, asked.version), bound=bounds(unseen_sums(messages)))
    asked.out.write_text("\n".join(_lines(reader)) + "\n", encoding="utf-8")
    print(f"{len(messages)} messages, {len(reader.weights)} weights, bounds {reader.bound}")


def _lines(reader: SecondReader) -> Iterator[str]:
    yield f"version {reader.version}"
    yield f"start {' '.join(map(str, reader.start))}"
    yield f"bound {' '.join(map(str, reader.bound))}"
    for name, weights in sorted(reader.weights.items()):
        yield f"{name}\t{weights}"


if __name__ == "__main__":
    main()
