"""Reading a message for danger: with the whole lexicon, with lexicons of any size, and a hundred kilobytes of anything.

What is compared is measured by turns in the same run, in time of the processor, and the best round counts: what else
the machine does only ever makes a round slower. Python's own `re` and spaCy's PhraseMatcher look for the same phrases
beside us; they find words and nothing else: no gaps, no slips, no denials, no levels.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.risk import Lexicon, assess
from tests.bench import spacy_apart
from tests.bench.figures import Figure, at_most, for_the_record, not_measured
from tests.bench.ground import Ground
from tests.bench.risk_entries import lexicon, phrases
from tests.bench.risk_texts import LONG, messages
from tests.unit.risk.shipped import LEXICON

FEW, MANY = 500, 5_000
LONGEST = 100_000
MICRO, MILLI = 1e6, 1e3
SPACY = Path(".bench") / "spacy"
Reader = Callable[[str], object]


def reading(ground: Ground) -> list[Figure]:
    rounds = 20 if ground.quick else 60
    return [*_a_message(rounds), *_sizes(rounds), *_others(rounds), *_long_ones(3 if ground.quick else 7)]


def _a_message(rounds: int) -> list[Figure]:
    """Both languages listening, against looking up each word of it in one set."""
    words = LEXICON.spelling.kept
    texts = messages()
    ours, least = _by_turns(
        (_ours(LEXICON), lambda text: [word in words for word in text.lower().split()]), texts, rounds
    )
    name = "risk, a message of 80 characters"
    return [
        at_most(name, _micro(ours), "150 µs", ours * MICRO / 150, 1),
        for_the_record(f"{name} / a look at each word", _micro(ours), _micro(least), ours / least),
    ]


def _sizes(rounds: int) -> list[Figure]:
    few, many = _by_turns((_ours(lexicon(FEW)), _ours(lexicon(MANY))), messages(), rounds)
    return [at_most(f"risk, {MANY:,} / {FEW} entries", _micro(many), _micro(few), many / few, 1.5)]


def _others(rounds: int) -> list[Figure]:
    figures: list[Figure] = []
    texts = messages()
    for count in (FEW, MANY):
        plain = re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases(count)))})\b", re.IGNORECASE)
        ours, theirs = _by_turns((_ours(lexicon(count)), plain.findall), texts, rounds)
        figures.append(for_the_record(f"risk, {count:,} entries / re", _micro(ours), _micro(theirs), ours / theirs))
        name = f"risk, {count:,} entries / PhraseMatcher"
        try:
            theirs = spacy_apart.seconds(spacy_apart.installed(SPACY.resolve()), phrases(count), texts, rounds)
        except spacy_apart.NotToBeHad:
            figures.append(not_measured(name, "spaCy cannot be installed here"))
        else:
            figures.append(for_the_record(name, _micro(ours), _micro(theirs), ours / theirs))
    return figures


def _long_ones(rounds: int) -> list[Figure]:
    figures: list[Figure] = []
    for kind, written in LONG.items():
        whole, half = written(LONGEST), written(LONGEST // 2)
        slow, fast = (min(_timed(_ours(LEXICON), [text]) for _ in range(rounds)) for text in (whole, half))
        figures.append(at_most(f"risk, 100 kB of {kind}", f"{slow * MILLI:.0f} ms", "100 ms", slow * MILLI / 100, 1))
        figures.append(
            at_most("  the same / 50 kB", f"{slow * MILLI:.0f} ms", f"{fast * MILLI:.0f} ms", slow / fast, 2.4)
        )
    return figures


def _ours(chosen: Lexicon) -> Reader:
    return lambda text: assess(text, chosen)


def _by_turns(readers: Sequence[Reader], texts: Sequence[str], rounds: int) -> list[float]:
    """The best seconds a message of each reader."""
    best = [float("inf")] * len(readers)
    for _ in range(rounds):
        for number, reader in enumerate(readers):
            best[number] = min(best[number], _timed(reader, texts))
    return best


def _timed(reader: Reader, texts: Sequence[str]) -> float:
    begun = time.process_time()
    for text in texts:
        reader(text)
    return (time.process_time() - begun) / len(texts)


def _micro(seconds: float) -> str:
    return f"{seconds * MICRO:.0f} µs"
