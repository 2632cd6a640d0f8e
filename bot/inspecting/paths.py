"""Does every step lead to one that exists, is every step reached, and does every script come to its end?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from bot.inspecting.written import Written
from bot.reading import Complaint, Key, did_you_mean, nearest
from flows.content import Conversation, Step
from flows.lines import JUMPS


def paths(written: Written) -> Iterator[Complaint]:
    """All that is wrong with where the steps of one conversation lead."""
    wrong = list(_leads_nowhere(written))
    yield from wrong
    yield from _lost_lines(written)
    if not wrong:
        yield from _unreached(written)
        yield from () if written.lines else _circles(written)


def _leads_nowhere(written: Written) -> Iterator[Complaint]:
    for number, step in written.numbered:
        targets: list[tuple[tuple[Key, ...], str]] = [(("next",), step.next)]
        targets += [(("choices", place, "next"), choice.next) for place, choice in enumerate(step.choices)]
        for place, target in targets:
            if target and target != "end" and target not in written.conversation.by_id and target not in JUMPS:
                yield _nowhere(written, number, place, target)


def _nowhere(written: Written, number: int, place: tuple[Key, ...], target: str) -> Complaint:
    if "." in target:
        what = f'A script cannot go on with "{target}".'
        return written.complaint(number, place, what, did_you_mean(target, JUMPS))
    what = f'There is no step "{target}" in this file.'
    return written.complaint(number, place, what, did_you_mean(target, [*written.conversation.by_id, "end"]))


def _lost_lines(written: Written) -> Iterator[Complaint]:
    """Lines that the code says and nobody has written. One that is only misspelt is told where it stands."""
    there = written.conversation.by_id
    for line in written.lines:
        if line not in there and nearest(line, _nobody_says(written)) is None:
            yield written.document.complaint(("steps",), f'The program says "{line}", and there is no such step here.')


def _nobody_says(written: Written) -> list[str]:
    return [step for step in written.conversation.by_id if written.lines and step not in written.lines]


def _unreached(written: Written) -> Iterator[Complaint]:
    reached = _reached(written)
    missing = [line for line in written.lines if line not in written.conversation.by_id]
    for number, step in written.numbered:
        if step.id not in reached:
            guess = did_you_mean(step.id, missing) if missing else ""
            yield written.complaint(number, ("id",), f'Nothing leads to the step "{step.id}".', guess)


def _reached(written: Written) -> set[str]:
    conversation = written.conversation
    ways = _ways(conversation) if not written.lines else _ways_named(conversation)
    waiting = [line for line in written.lines if line in ways] or [conversation.first.id]
    reached: set[str] = set()
    while waiting:
        step = waiting.pop()
        if step not in reached:
            reached.add(step)
            waiting += ways[step]
    return reached


def _ways_named(conversation: Conversation) -> Mapping[str, tuple[str, ...]]:
    """Where the code says what comes next, only what is written as `next` counts."""
    return {
        step.id: tuple(
            target for target in (step.next, *(choice.next for choice in step.choices)) if target in conversation.by_id
        )
        for step in conversation.steps
    }


def _ways(conversation: Conversation) -> Mapping[str, tuple[str, ...]]:
    return {step.id: tuple(dict.fromkeys(_following(conversation, step))) for step in conversation.steps}


def _following(conversation: Conversation, step: Step) -> Iterator[str]:
    answers = [choice.id for choice in step.choices]
    if not answers or step.scale or step.skip or step.unsaid or step.days or step.only_if:
        answers.append("")
    for answer in answers:
        following = conversation.after(step, answer)
        if following is not None:
            yield following.id


def _circles(written: Written) -> Iterator[Complaint]:
    """A script that leads back to itself could ask the same for ever."""
    ways = _ways(written.conversation)
    circle = _circle(ways, written.conversation.first.id)
    for step, following in pairwise(circle):
        if following == circle[-1] and step != circle[0]:
            number = list(ways).index(step)
            yield written.complaint(number, ("next",), f'From here it goes back to "{following}", in a circle.')


def _circle(ways: Mapping[str, tuple[str, ...]], first: str) -> list[str]:
    """The way from `first` into a circle, ending with the step that is met again; empty when there is none."""
    done: set[str] = set()

    def follow(way: list[str]) -> list[str]:
        if way[-1] in way[:-1]:
            return way
        for following in ways[way[-1]]:
            if following not in done and (found := follow([*way, following])):
                return found
        done.add(way[-1])
        return []

    return follow([first])
