"""How high a sum must be: set on messages of writers whose others were not learned from, by false alarms alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from flows.level import Level
from tests.training.fitting import fitted
from tests.training.messages import Labelled

#: Of harmless messages that look frightening, and of ordinary ones, so many may be above the bound of each question.
FRIGHTENING: Final = (0.10, 0.03, 0.008)
ORDINARY: Final = (0.03, 0.003, 0.001)

Sums = tuple[float, float, float]


def unseen_sums(messages: Sequence[Labelled]) -> list[tuple[Labelled, Sums]]:
    """The sums of each message by a reader that learned from nothing of the same writer."""
    found: list[tuple[Labelled, Sums]] = []
    for writer in sorted({one.writer for one in messages}):
        reader = fitted([one for one in messages if one.writer != writer], 0)
        found += ((one, reader.sums(one.words, one.concepts)) for one in messages if one.writer == writer)
    return found


def bounds(found: Sequence[tuple[Labelled, Sums]]) -> Sums:
    """The lowest bounds that keep both shares."""
    harmless = [(one, sums) for one, sums in found if one.level is Level.NONE]
    first, second, third = (
        max(_bound(harmless, question, ordinary=flag) for flag in (False, True)) for question in range(3)
    )
    return first, second, third


def _bound(harmless: Sequence[tuple[Labelled, Sums]], question: int, *, ordinary: bool) -> float:
    share = (ORDINARY if ordinary else FRIGHTENING)[question]
    return round(
        float(np.quantile([sums[question] for one, sums in harmless if one.is_ordinary is ordinary], 1 - share)), 3
    )
