"""What did somebody mean by a few typed words, when a question was pending?

A button, its number and its words all answer every question. Doubt is no answer: the question is put again.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flows.content import Step

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBER = re.compile(r"(?:about |around |maybe |roughly )?(\d{1,3})(?:[.,]\d+)?\s*(?:/\s*10|out of 10|h|hrs?|hours?)?")
SPACES = re.compile(r"\s+")
PUNCTUATION = re.compile(r"[^\w\s/.,+-]|(?<!\d)[.,]|[.,](?!\d)")
APOSTROPHES = re.compile("['`\u2018\u2019\u00b4]")
#: Words that leave a question out wherever it may be left out.
SKIPPING = frozenset({"skip", "next", "pass"})
KEEPING = frozenset({"rather not say", "rather not", "prefer not to say", "prefer not to answer", "no comment"})


def plain(words: str) -> str:
    """Lower case, without apostrophes and punctuation (but for those inside a number), single spaces."""
    text = APOSTROPHES.sub("", words.casefold())
    return SPACES.sub(" ", PUNCTUATION.sub(" ", text)).strip(" -")


#: The same of a programme's own words, which are not secret.
_label = lru_cache(1000)(plain)


def understand(words: str, step: Step) -> str:
    """The id of the answer that `words` give to `step`, or nothing when that is not clear."""
    said = plain(words)
    if not said or not step.asks:
        return ""
    return _kept_back(said, step) or _on_scale(said, step) or _by_number(said, step) or _by_words(said, step)


def _kept_back(said: str, step: Step) -> str:
    if step.unsaid and (said in KEEPING or said == _label(step.unsaid)):
        return "unsaid"
    if step.skip and (said in SKIPPING or said == _label(step.skip)):
        return "skip"
    return ""


def _on_scale(said: str, step: Step) -> str:
    if step.scale is None:
        return ""
    named = {_label(name): number for name, number in step.scale.names.items()}
    if said in named:
        return str(named[said])
    found = NUMBER.fullmatch(said)
    number = int(found[1]) if found else NUMBERS.index(said) if said in NUMBERS else -1
    return str(number) if step.scale.lowest <= number <= step.scale.highest else ""


def _by_number(said: str, step: Step) -> str:
    if step.scale or not said.isdecimal():
        return ""
    position = int(said)
    return step.answers[position - 1].id if 1 <= position <= len(step.answers) else ""


def _by_words(said: str, step: Step) -> str:
    exact = [choice.id for choice in step.choices if said in {_label(choice.label), choice.id.replace("_", " ")}]
    exact += [choice.id for choice in step.choices if said in {_label(word) for word in choice.words}]
    if exact:
        return exact[0]
    begun = {choice.id for choice in step.choices if len(said) >= 3 and _label(choice.label).startswith(said)}
    return begun.pop() if len(begun) == 1 else ""
