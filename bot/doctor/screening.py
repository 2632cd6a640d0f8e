"""What this programme hears in words: how many rules listen, and everything in which that differs from what is shipped,
with the reason that was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from bot.loading import Survey
from bot.reading import shown
from bot.second_reader import SHIPPED_READER, WEIGHTS
from bot.switches import because, told_if_off
from flows.level import Level
from flows.risk import Lexicon, RulesFile, Screening, Switched, switched_rules
from flows.risk.lexicon import Rule
from flows.risk.switches import Categories

NAME = "screening"
MEANT = "If that is meant, nothing. Else take it out of [screening] in handrail.toml."
FEW = 5
LOUDNESS = ("off", *(level.word for level in Level if level))


def screening(shipped: Survey, own: Survey) -> Iterator[Finding]:
    """The counts by language and level, then each difference. What is quieter than shipped is to be looked at."""
    if own.settings is None or own.lexicon is None:
        return
    switches = own.settings.screening
    if not switches.on:
        yield look(NAME, told_if_off(switches), "on = true, in [screening] of handrail.toml.")
        return
    yield ok(NAME, f"{_counts(own.lexicon)} listen to what participants write")
    yield from _languages(switches, own)
    yield from _second_reader(switches)
    found = list(switched_rules(own.lexicon_files, switches))
    for category in Categories.model_fields:
        of_it = [one for one in found if one.rule.category == category and one.rule.id not in switches.rules]
        if of_it:
            yield _finding(f"{category}: {_how_many(of_it)}", of_it, switches)
    for one in found:
        if one.rule.id in switches.rules:
            yield _finding(f"{one.rule.id}: {_now(one)}", [one], switches)
    yield from _own_rules(shipped, own)


def _counts(lexicon: Lexicon) -> str:
    number = sum(len(grammar.reasons) for grammar in lexicon.grammars)
    told = []
    for grammar in lexicon.grammars:
        levels = Counter(reason.level for reason in grammar.reasons)
        loudest_first = (f"{levels[level]} {level.word}" for level in reversed(Level) if level)
        told.append(f"{grammar.language}: {', '.join(loudest_first)}")
    return f"{counted(number, 'rule')} about words ({'; '.join(told)})"


def _languages(switches: Screening, own: Survey) -> Iterator[Finding]:
    there = sorted({file.language for file in own.lexicon_files.values()})
    deaf = [language for language in there if not switches.listens_in(language)]
    if deaf:
        yield look(NAME, f"The rules of {', '.join(deaf)} do not listen.{because(switches.because)}", MEANT)


def _second_reader(switches: Screening) -> Iterator[Finding]:
    """No rule of its own: how loud it may be."""
    shipped, now = Screening().second_reader, switches.second_reader
    if now != "off" and not SHIPPED_READER.is_there:
        yield broken(NAME, f"the second reader cannot be read: {shown(WEIGHTS)}", "Install Handrail again.")
    says = f"the second reader: {now}, not {shipped}.{because(switches.because)}"
    if LOUDNESS.index(now) < LOUDNESS.index(shipped):
        yield look(NAME, says, MEANT)
    elif now != shipped:
        yield ok(NAME, says)


def _finding(says: str, changed: list[Switched], switches: Screening) -> Finding:
    says += f".{because(switches.because_of(changed[0].rule))}"
    return look(NAME, says, MEANT) if any(one.is_quieter for one in changed) else ok(NAME, says)


def _how_many(changed: list[Switched]) -> str:
    silent = sum(one.level is Level.NONE for one in changed)
    quieter = sum(one.is_quieter for one in changed) - silent
    louder = len(changed) - silent - quieter
    kinds = ((silent, "silent"), (quieter, "quieter"), (louder, "louder"))
    emergencies = sum(one.takes_an_emergency for one in changed)
    taken = f" ({counted(emergencies, 'emergency', 'emergencies')} among them)" if emergencies else ""
    return ", ".join(f"{counted(number, 'rule')} {how}" for number, how in kinds if number) + taken


def _now(one: Switched) -> str:
    return f"{'off' if one.level is Level.NONE else one.level.word}, not {one.rule.level.word}"


def _own_rules(shipped: Survey, own: Survey) -> Iterator[Finding]:
    theirs, ours = _rules(own), _rules(shipped)
    new = [name for name in theirs if name not in ours]
    louder = [name for name in theirs if name in ours and theirs[name].level > ours[name].level]
    other = [name for name in theirs if name in ours and theirs[name] != ours[name] and name not in louder]
    kinds = ((new, "of your own"), (louder, "made louder in your files"), (other, "written otherwise in your files"))
    for names, how in kinds:
        if names:
            yield ok(NAME, f"{counted(len(names), 'rule')} {how}: {_some(names)}")


def _rules(survey: Survey) -> dict[str, Rule]:
    files = (file for file in survey.lexicon_files.values() if isinstance(file, RulesFile))
    return {rule.id: rule for file in files for rule in file.rules}


def _some(names: list[str]) -> str:
    return ", ".join([*names[:FEW], *(["…"] if len(names) > FEW else [])])
