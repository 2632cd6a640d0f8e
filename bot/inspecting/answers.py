"""Does every question offer what the code understands, under the labels people rely on, and is no word ambiguous?"""

from __future__ import annotations

from collections.abc import Iterator

from bot.inspecting.written import Written
from bot.reading import Complaint, Key, did_you_mean
from flows import everyday
from flows.answer import KEEPING, SKIPPING, plain
from flows.content import ChoiceText, Step
from flows.library import MOTHER_TONGUE
from flows.lines import ANSWERS, ASKS_LIKE, LABELS, OWN_ANSWERS, OWN_BUTTONS, SKIP, UNSAID

#: Words that always work are heard before any answer. `start` is both, and the pending question goes first.
ALWAYS = everyday.HELP | everyday.STOP | everyday.PLAN | everyday.LANGUAGE | everyday.MANUAL


def answers(written: Written) -> Iterator[Complaint]:
    """All that is wrong with the answers of one conversation."""
    for number, step in written.numbered:
        yield from _for_the_code(written, number, step)
        yield from _labels(written, number, step)
        yield from _words(written, number, step)


def _ids(step: Step) -> list[str]:
    return [choice.id for choice in step.choices] + ["unsaid"] * bool(step.unsaid) + ["skip"] * bool(step.skip)


def _for_the_code(written: Written, number: int, step: Step) -> Iterator[Complaint]:
    name = f"{written.name}.{step.id}"
    if name in OWN_ANSWERS or step.id not in written.lines:
        return
    like = ASKS_LIKE.get(name, name)
    known, there = ANSWERS.get(like, frozenset()), _ids(step)
    for answer in sorted(set(there) - known):
        what = f'The program understands no answer "{answer}" here.'
        yield written.complaint(number, _place(step, answer), what, did_you_mean(answer, sorted(known)))
    if name in OWN_BUTTONS and not there:
        yield written.complaint(number, ("say",), f'This message needs buttons, like "{like.partition(".")[2]}".')
    for answer in sorted(known - set(there)) if like == name else ():
        if did_you_mean(answer, there) == "" or set(there) <= known:
            yield written.complaint(number, ("choices",), f'The answer "{answer}" is missing here.')


def _place(step: Step, answer: str) -> tuple[Key, ...]:
    ids = [choice.id for choice in step.choices]
    return ("choices", ids.index(answer), "id") if answer in ids else (answer,)


def _labels(written: Written, number: int, step: Step) -> Iterator[Complaint]:
    """Fixed in English, because rehearsals press buttons by their labels; any other language is free."""
    if written.language != MOTHER_TONGUE:
        return
    for place, choice in enumerate(step.choices):
        fixed = LABELS.get(f"{written.name}.{step.id}", {}).get(choice.id, choice.label)
        if choice.label != fixed:
            yield written.complaint(number, ("choices", place, "label"), f'This button must be called "{fixed}".')
    if step.unsaid not in ("", UNSAID):
        yield written.complaint(number, ("unsaid",), f'This button must be called "{UNSAID}".')
    if step.skip not in ("", SKIP):
        yield written.complaint(number, ("skip",), f'This button must be called "{SKIP}".')


def _words(written: Written, number: int, step: Step) -> Iterator[Complaint]:
    taken: dict[str, str] = {}
    for place, choice in enumerate(step.choices):
        for word, where in _spoken(choice):
            complaint = _word(step, word, choice, taken)
            if complaint:
                yield written.complaint(number, ("choices", place, *where), complaint)
            taken.setdefault(word, choice.id)


def _spoken(choice: ChoiceText) -> list[tuple[str, tuple[Key, ...]]]:
    """Everything that can be typed for an answer, and where it is written."""
    words = [(plain(word), ("words", at)) for at, word in enumerate(choice.words)]
    return [(plain(choice.label), ("label",)), (plain(choice.id.replace("_", " ")), ("id",)), *words]


def _word(step: Step, word: str, choice: ChoiceText, taken: dict[str, str]) -> str:
    if taken.get(word, choice.id) != choice.id:
        return f'"{word}" already means the answer "{taken[word]}".'
    if word in ALWAYS and word != choice.id:
        return f'"{word}" can be no answer: it is one of the words that always work.'
    if (step.skip and word in SKIPPING) or (step.unsaid and word in KEEPING):
        return f'"{word}" already leaves this question out.'
    return ""
