"""What was measured, against what, and whether it is good enough."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One line of the table. `ratio` is what the bound is about; `detail` goes into the JSON only."""

    name: str
    ours: str
    baseline: str
    ratio: float | None
    bound: str
    held: bool
    detail: dict[str, object] = field(default_factory=dict)


def at_least(name: str, ours: str, baseline: str, ratio: float, bound: float, **detail: object) -> Figure:
    return Figure(name, ours, baseline, ratio, f">= {bound:g}", ratio >= bound, detail)


def at_most(name: str, ours: str, baseline: str, ratio: float, bound: float, **detail: object) -> Figure:
    return Figure(name, ours, baseline, ratio, f"<= {bound:g}", ratio <= bound, detail)


def for_the_record(name: str, ours: str, baseline: str, ratio: float, **detail: object) -> Figure:
    """What nothing is asked of."""
    return Figure(name, ours, baseline, ratio, "", True, detail)


def not_measured(name: str, why: str) -> Figure:
    """What could not be measured here."""
    return Figure(name, "not measured", why, None, "", True)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of rounds that were measured side by side."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def show(figures: Sequence[Figure]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "ours", "baseline", "ratio", "bound", "held"):
        table.add_column(heading, justify="right" if heading in {"ratio", "bound"} else "left")
    for one in figures:
        held = ("yes" if one.held else "[bold red]no[/]") if one.bound else ""
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        table.add_row(one.name, one.ours, one.baseline, ratio, one.bound, held)
    Console(width=120).print(table)


def write(figures: Sequence[Figure], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in figures], indent=2) + "\n")
