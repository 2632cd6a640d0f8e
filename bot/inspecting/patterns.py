"""Does every rule about patterns speak of questions that are asked, and of answers that can be given?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.reading import Complaint, Document, Key, did_you_mean
from flows.content import Conversation, Step
from flows.risk import PatternRules
from flows.risk.conditions import AnyCondition, Drop, OneAnswer, OnOneDay, Swing

Where = tuple[Key, ...]


def patterns(rules: PatternRules, document: Document, spoken: Mapping[str, Conversation]) -> Iterator[Complaint]:
    """All that is wrong with the rules about patterns, given the conversations of the mother tongue.

    A condition for one track may ask for a question that a programme has not put in yet: nothing is lost by it.
    """
    items = {f"{name}.{step.id}": step for name, talk in spoken.items() for step in talk.steps if step.asks}
    for number, rule in enumerate(rules.rules):
        for place, condition in enumerate(rule.any):
            if not condition.only_if or items.keys() >= condition.needs.items.keys():
                yield from _condition(condition, ("rules", number, "any", place), document, items)


def _condition(
    condition: AnyCondition, where: Where, document: Document, items: Mapping[str, Step]
) -> Iterator[Complaint]:
    if isinstance(condition, OneAnswer):
        yield from _answer(condition, where, document, items)
    elif isinstance(condition, OnOneDay):
        for number, one in enumerate(condition.all):
            yield from _answer(one, (*where, "all", number), document, items)
    elif isinstance(condition, Drop | Swing):
        yield from _number(condition.item, where, document, items)


def _answer(one: OneAnswer, where: Where, document: Document, items: Mapping[str, Step]) -> Iterator[Complaint]:
    if one.is_ is None:
        yield from _number(one.item, where, document, items)
        return
    if one.item not in items:
        yield _unknown(one.item, where, document, items)
        return
    ids = [choice.id for choice in items[one.item].answers]
    if one.is_ not in ids:
        what = f'"{one.is_}" is no answer to "{one.item}".'
        yield document.complaint((*where, "is"), what, did_you_mean(one.is_, ids))


def _number(item: str, where: Where, document: Document, items: Mapping[str, Step]) -> Iterator[Complaint]:
    if item not in items:
        yield _unknown(item, where, document, items)
    elif items[item].scale is None:
        yield document.complaint((*where, "item"), f'"{item}" is not answered with a number.')


def _unknown(item: str, where: Where, document: Document, items: Mapping[str, Step]) -> Complaint:
    return document.complaint((*where, "item"), f'No question is called "{item}".', did_you_mean(item, items))
