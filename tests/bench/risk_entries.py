"""Lexicons of any size, for measuring: entries of the shape that people write, over the words that people use."""

from __future__ import annotations

from functools import cache
from itertools import islice
from random import Random

from flows.risk import CommonFile, ContextFile, Lexicon, LexiconFile, RulesFile, compile_lexicon
from tests.unit.risk.shipped import FILES

EN = {name: file for name, file in FILES.items() if file.language == "en"}
SHORTEST = 4
A_RULE = {
    "version": 1,
    "level": "urgent",
    "category": "suicide",
    "explain": "Generated, to be measured.",
    "examples": {"hits": ["nothing"]},
}
PATTERNS_A_RULE = 5


@cache
def phrases(count: int) -> tuple[str, ...]:
    """So many different phrases: two to five words, every second one of the commonest. The same ones every time."""
    common = next(file for file in EN.values() if isinstance(file, CommonFile))
    small = common.commonest_words.split()
    words = [word for word in common.common_words.split() if len(word) >= SHORTEST]
    dice = Random(count)
    dice.shuffle(words)
    made: dict[str, None] = {}
    while len(made) < count:
        # A lexicon comes back to the same words again and again: half of the choices are among its first few hundred.
        content = [dice.choice(words[: 300 if dice.random() < 0.5 else 3_000]) for _ in range(dice.randint(1, 3))]
        made[" ".join(word for one in content for word in (dice.choice(small), one))] = None
    return tuple(made)


def lexicon(count: int) -> Lexicon:
    """A lexicon of so many entries, with the shipped context of English around it."""
    rest: dict[str, LexiconFile] = {
        name: file for name, file in EN.items() if isinstance(file, (ContextFile, CommonFile)) or "concepts" in name
    }
    entries = iter(phrases(count))
    rules = []
    while some := list(islice(entries, PATTERNS_A_RULE)):
        rules.append({**A_RULE, "id": f"en.made.{len(rules)}", "patterns": [_gapped(phrase) for phrase in some]})
    return compile_lexicon({**rest, "en/made.yaml": RulesFile.model_validate({"language": "en", "rules": rules})})


def _gapped(phrase: str) -> str:
    """Every third entry lets words stand in between."""
    words = phrase.split()
    return f"{' '.join(words[:2])} ... {' '.join(words[2:])}" if len(words) > 3 and len(phrase) % 3 == 0 else phrase
