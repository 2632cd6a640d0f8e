"""The switches of `[screening]` against the rules that there are: a switch that moves nothing, and one that takes an
emergency away without a word why, are told with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.console import counted
from bot.reading import Complaint, Document, Place, did_you_mean
from flows.risk import LexiconFile, RulesFile, Screening, switched_rules
from flows.risk.lexicon import Rule

TABLE = "screening"
#: Said by every command that would otherwise look as if words were heard.
OFF = "Text screening is OFF: nothing that participants write is looked through for danger"
WHY = 'Write why, and what stands in its place: because = "..."'


def amiss(screening: Screening, settings: Document, files: Mapping[str, LexiconFile]) -> Iterator[Complaint]:
    """Everything in the switches that cannot be meant."""
    rules = {rule.id: rule for file in files.values() if isinstance(file, RulesFile) for rule in file.rules}
    languages = sorted({file.language for file in files.values()})
    if not screening.on and not screening.because.strip():
        what = "Nothing that participants write is looked through for danger, and nobody says why."
        yield settings.complaint((TABLE, "on"), what, 'Write it: because = "..."')
    for number, language in enumerate(screening.languages):
        if language not in languages:
            what = f'There are no rules about words in "{language}".'
            yield settings.complaint((TABLE, "languages", number), what, did_you_mean(language, languages))
    for rule in screening.rules:
        if rule not in rules:
            what = f'There is no rule "{rule}".'
            yield settings.complaint(_of_rule(settings, rule), what, did_you_mean(rule, rules))
    yield from _unexplained(screening, settings, files)


def told_if_off(screening: Screening) -> str:
    """A sentence where the whole of it is off; nothing where it is not."""
    return "" if screening.on else f"{OFF}.{because(screening.because)}"


def because(why: str) -> str:
    """The reason as it is told, where there is one."""
    return f" Because: {why.strip()}" if why.strip() else ""


def _unexplained(screening: Screening, settings: Document, files: Mapping[str, LexiconFile]) -> Iterator[Complaint]:
    taken: dict[Place, list[Rule]] = {}
    for one in switched_rules(files, screening):
        if one.takes_an_emergency and not screening.because_of(one.rule):
            taken.setdefault(_place(screening, settings, one.rule), []).append(one.rule)
    for place, rules in taken.items():
        what = f"This takes away {counted(len(rules), 'rule')} that would page somebody at once ({_some(rules)})."
        yield settings.complaint(place, what, WHY)


def _place(screening: Screening, settings: Document, rule: Rule) -> Place:
    if rule.id in screening.rules:
        return _of_rule(settings, rule.id)
    return TABLE, "categories", rule.category


def _of_rule(settings: Document, rule: str) -> Place:
    """Where its switch is written: under its id, or, without the quotes, under each part of it."""
    table: Place = (TABLE, "rules")
    return (*table, rule) if settings.holds((*table, rule)) else (*table, *rule.split("."))


def _some(rules: list[Rule]) -> str:
    return ", ".join([*(rule.id for rule in rules[:3]), *(["…"] if len(rules) > 3 else [])])
