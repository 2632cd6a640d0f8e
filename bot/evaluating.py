"""`handrail assess --eval`: how well the assessment agrees with labelled messages, as a table and a list of misses."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flows.level import Level
from flows.risk import Lexicon, assess
from flows.risk.scoring import (
    NEAR_CATEGORIES,
    Figure,
    Labelled,
    Scored,
    categories_given,
    levels_given,
    sections,
    what_is_wrong,
)

WIDTH = 64


def score(messages: Iterable[Labelled], lexicon: Lexicon) -> list[Scored]:
    """Every message assessed as the program itself would: in every language of the lexicon."""
    return [Scored(message, assess(message.text.reveal(), lexicon)) for message in messages]


def table(scored: Sequence[Scored]) -> str:
    """Everything for a person to read. No message is quoted."""
    return "\n".join([_head(scored), *_figures(scored), *_levels(scored), *_categories(scored)])


def figures(scored: Sequence[Scored]) -> Iterator[dict[str, Any]]:
    """The same figures for a machine."""
    for section in sections(scored):
        for figure in section.figures:
            low, high = figure.share.interval
            share = {"hits": figure.share.hits, "n": figure.share.of, "share": round(figure.share.value, 6)}
            ends = {"low": round(low, 6), "high": round(high, 6)}
            yield {"section": section.title, "what": figure.what, **share, **ends}


def write_misses(path: Path, scored: Iterable[Scored]) -> int:
    """One JSON object a line for every message that was not given what it was labelled. They hold what people wrote:
    a file that is made for them can be read by nobody else. Returns how many there are."""
    misses = [_miss(one, wrong) for one in scored if (wrong := what_is_wrong(one))]
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8", errors="backslashreplace") as out:
        out.writelines(f"{json.dumps(miss, ensure_ascii=False)}\n" for miss in misses)
    return len(misses)


def _miss(one: Scored, wrong: str) -> dict[str, Any]:
    message = one.message
    return {
        "id": message.id,
        "wrong": wrong,
        "lang": message.lang,
        "label": message.label.word,
        "given": one.found.level.word,
        "phenomenon": message.phenomenon,
        "category": message.category,
        "given_category": one.found.category,
        "text": message.text.reveal(),
        "rules": [
            {"rule": signal.rule, "level": signal.level.word, "words": signal.words.reveal()}
            for signal in one.found.signals
        ],
    }


# -- the table -----------------------------------------------------------------------------------------------------


def _head(scored: Sequence[Scored]) -> str:
    labels = Counter(one.label for one in scored)
    return f"{len(scored)} messages: {', '.join(f'{labels[level]} {level.word}' for level in Level)}."


def _figures(scored: Sequence[Scored]) -> Iterator[str]:
    yield f"\n{'':{WIDTH}}{'n':>6}  {'share':>8}  95 % interval"
    for section in sections(scored):
        yield f"\n{section.title}"
        yield from (_line(figure) for figure in section.figures)


def _line(figure: Figure) -> str:
    low, high = (f"{100 * end:.2f}" for end in figure.share.interval)
    return f"  {figure.what:{WIDTH - 2}}{figure.share.of:>6}  {100 * figure.share.value:>6.2f} %  {low:>6} to {high:>6}"


def _levels(scored: Sequence[Scored]) -> Iterator[str]:
    given = levels_given(scored)
    yield "\nLabelled (down) and given (across)"
    yield f"  {'':12}{''.join(f'{level.word:>11}' for level in Level)}"
    for label in Level:
        yield f"  {label.word:12}{''.join(f'{given[label, level]:>11}' for level in Level)}"


def _categories(scored: Sequence[Scored]) -> Iterator[str]:
    confused = categories_given(scored)
    if confused:
        yield "\nCrisis that alerts under another category"
    for (label, given), number in sorted(confused.items(), key=lambda item: (-item[1], item[0])):
        small = "   (a small error)" if {label, given} <= NEAR_CATEGORIES else ""
        yield f"  {f'{label}, given {given}':{WIDTH - 2}}{number:>6}{small}"
