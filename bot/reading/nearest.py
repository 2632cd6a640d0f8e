"""What did somebody mean who wrote this word?"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# More than this many words in a hint, and nobody reads it.
FEW = 8


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like `word`, or None when none looks like it. Capitals do not matter."""
    by_lower_case: dict[str, str] = {}
    for candidate in known:
        by_lower_case.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(word.casefold(), by_lower_case, n=1)
    return by_lower_case[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean "bye"?`; when nothing is near, the known words if they are few; else nothing."""
    words = list(dict.fromkeys(known))
    guess = nearest(word, words)
    if guess is not None:
        return f'Did you mean "{guess}"?'
    if 0 < len(words) <= FEW:
        return f"Known here: {listed(words, 'and')}."
    return ""


def listed(words: Iterable[str], joint: str) -> str:
    """`"a", "b" or "c"`, as one says it."""
    quoted = [f'"{word}"' for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}"
