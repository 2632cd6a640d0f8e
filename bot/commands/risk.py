"""`handrail risk`: how often each rule fired, and how often staff found it useful: a weekly look for noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from bot.console import on_terminal, painted, say, say_json
from bot.loading import load_library
from bot.opening import ask_leave, opened
from bot.places import config_option, database_option, roots_of
from flows.grant import Action
from flows.level import Level
from flows.library import Library
from storage.firings import Counts, Fired, sheet

FINE, LOOK = 0, 1
PROPOSED = "muted for paging is proposed"


@click.command(name="risk")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a rule, one a line.")
@config_option
@database_option
def command(config: Path | None, database: str | None, *, as_json: bool) -> int:
    """Show each rule that fired: how often in 7 and 30 days, and what staff said of it when they closed the case.

    A rule that has fired 30 times or more, and that staff found useful less than once in five (of ten judged or more),
    is marked. Nothing is muted by itself, and a rule for emergencies is never marked. Nobody's name is in this sheet.

    Exit status 1 when a rule is marked.
    """
    library = load_library(roots_of(config))
    with opened(config, database) as programme, programme.unit() as unit:
        ask_leave(unit, Action.SEE_STATUS, "risk")
        fired = sheet(unit)
    levels = levels_of(library)
    for line in _json(fired, levels) if as_json else ():
        say_json(line)
    for text in () if as_json else in_words(fired, levels):
        say(text)
    return LOOK if any(_is_marked(one, levels) for one in fired) else FINE


def levels_of(library: Library) -> Mapping[str, Level]:
    """The level that each rule has by its file; around its words a rule may speak lower."""
    words = {reason.id: reason.level for grammar in library.lexicon.grammars for reason in grammar.reasons}
    answers = {rule.id: rule.level for rule in library.scores.rules}
    return {**words, **answers, **{rule.id: rule.level for rule in library.patterns.rules}}


def _is_marked(one: Fired, levels: Mapping[str, Level]) -> bool:
    return one.muting_is_proposed(levels.get(one.rule, Level.NONE))


def _json(fired: list[Fired], levels: Mapping[str, Level]) -> Iterator[dict[str, object]]:
    for one in fired:
        counted = {span: asdict(counts) for span, counts in (("7d", one.week), ("30d", one.month), ("ever", one.ever))}
        yield {"rule": one.rule, "level": one.level.word, **counted, "muting_proposed": _is_marked(one, levels)}


def in_words(fired: list[Fired], levels: Mapping[str, Level]) -> Iterator[str]:
    """The sheet, a line a rule."""
    if not fired:
        yield "No rule has fired yet."
        return
    wide = max(len("rule"), *(len(one.rule) for one in fired))
    yield f"{'rule':{wide}}  {'level':9}  {'7 days: fired useful not':>24}  {'30 days: fired useful not':>25}"
    for one in fired:
        line = f"{one.rule:{wide}}  {one.level.word:9}  {_counts(one.week, 24)}  {_counts(one.month, 25)}"
        yield f"{line}  {_mark(one)}" if _is_marked(one, levels) else line
    yield ""
    yield "Not judged is neither: staff are asked when they close a case, or write /useful CASE yes."


def _counts(counts: Counts, wide: int) -> str:
    return f"{counts.fired:{wide - 11}} {counts.useful:6} {counts.not_useful:3}"


def _mark(one: Fired) -> str:
    judged = one.ever.useful + one.ever.not_useful
    words = f"{PROPOSED} ({one.ever.useful} of {judged} useful, {one.ever.fired} fired in all)"
    return painted(words, "yellow") if on_terminal() else words
