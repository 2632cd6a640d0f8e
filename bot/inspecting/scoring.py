"""Does every rule about answers speak of a question that is asked, and of an answer that can be given?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.reading import Complaint, Document, did_you_mean
from flows.content import Conversation, Step
from flows.lines import NOT_YET_ASKED
from flows.risk import ScoreRule, ScoreRules


def scoring(rules: ScoreRules, document: Document, spoken: Mapping[str, Conversation]) -> Iterator[Complaint]:
    """All that is wrong with the rules about answers, given the conversations of the mother tongue."""
    items = {f"{name}.{step.id}": step for name, talk in spoken.items() for step in talk.steps if step.asks}
    for number, rule in enumerate(rules.rules):
        step = items.get(rule.item)
        if step is not None:
            yield from _answer(number, rule, step, document)
        elif rule.item not in NOT_YET_ASKED and rule.item.partition(".")[0] in spoken:
            what = f'No question is called "{rule.item}".'
            yield document.complaint(("rules", number, "item"), what, did_you_mean(rule.item, items))


def _answer(number: int, rule: ScoreRule, step: Step, document: Document) -> Iterator[Complaint]:
    ids = [choice.id for choice in step.answers]
    if rule.is_ is not None and rule.is_ not in ids:
        what = f'"{rule.is_}" is no answer to "{rule.item}".'
        yield document.complaint(("rules", number, "is"), what, did_you_mean(rule.is_, ids))
    if rule.is_ is None and step.scale is None:
        what = f'"{rule.item}" is not answered with a number.'
        yield document.complaint(("rules", number, "item"), what, f"Write `is:` and one of {', '.join(ids)}.")
