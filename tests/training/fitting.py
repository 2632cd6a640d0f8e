"""Fitting: one sum of weights for each question, by naive Bayes and logistic regression (Wang and Manning 2012).

Each feature is weighed by how much more often it stands in messages of one side than of the other; the messages are
brought to one length; a logistic regression on top says how much each still counts beside all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from flows.risk.second import LEVELS, UNIT, SecondReader, features
from tests.training.messages import Labelled

#: A feature counts if it stands in so many messages.
FEWEST: Final = 3
_SMOOTHING: Final = 0.5
_LOOSENESS: Final = 10.0
_DECIMALS: Final = 3


@dataclass(frozen=True)
class _Sum:
    pull: np.ndarray
    size: np.ndarray
    start: float


def fitted(
    messages: Sequence[Labelled], version: int, bound: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> SecondReader:
    """A reader that has learned from these messages."""
    counts = [dict.fromkeys(features(one.words, one.concepts), 1.0) for one in messages]
    stands_in = Counter(name for count in counts for name in count)
    vectorizer = DictVectorizer(dtype=np.float64)
    there = vectorizer.fit_transform([{n: 1.0 for n in count if stands_in[n] >= FEWEST} for count in counts])
    names = list(vectorizer.get_feature_names_out())
    sums = [_fitted(there, np.array([one.level >= level for one in messages])) for level in LEVELS]
    categories = _categories(there, messages)
    weights = {
        name: "\t".join([categories[n], *_whole([one.pull[n] for one in sums]), *_whole([one.size[n] for one in sums])])
        for n, name in enumerate(names)
    }
    first, second, third = (round(one.start, _DECIMALS) for one in sums)
    return SecondReader(version, (first, second, third), bound, weights)


def _fitted(there: csr_matrix, grave: np.ndarray) -> _Sum:
    inside = np.asarray(there[grave].sum(0)).ravel() + _SMOOTHING
    outside = np.asarray(there[~grave].sum(0)).ravel() + _SMOOTHING
    ratio = np.log((inside / inside.sum()) / (outside / outside.sum()))
    model = LogisticRegression(C=_LOOSENESS, max_iter=5_000, class_weight="balanced")
    model.fit(normalize(there.multiply(ratio).tocsr()), grave)
    return _Sum(ratio * model.coef_[0], ratio * ratio, float(model.intercept_[0]))


def _categories(there: csr_matrix, messages: Sequence[Labelled]) -> list[str]:
    """For each feature the category in whose messages it stands most often, measured by their number."""
    names = sorted({one.category for one in messages} - {"none"})
    rows = {name: np.array([one.category == name for one in messages]) for name in names}
    often = np.array([np.asarray(there[rows[n]].sum(0)).ravel() / (rows[n].sum() + 1) for n in names])
    return [names[place] for place in often.argmax(0)]


def _whole(values: Sequence[float]) -> list[str]:
    return [str(round(UNIT * float(value))) for value in values]
