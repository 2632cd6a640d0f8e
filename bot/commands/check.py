"""`handrail check`: everything that is wrong with a programme's files, with file and line, before anybody relies on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from bot.checking import check, missing
from bot.config_files import gather
from bot.console import counted, say, say_json
from bot.inspecting.translations import Untranslated
from bot.places import config_option, roots_of
from bot.reading import Complaint, did_you_mean

FINE, LOOK = 0, 1


@click.command(name="check")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="[DIR]", required=False)
@click.option("--missing", "language", metavar="LANG", help="Instead: what is still said in English in this language.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a complaint, one a line.")
@config_option
def command(folder: Path | None, language: str | None, config: Path | None, *, as_json: bool) -> int:
    """Read a programme's files and say everything that is wrong with them.

    DIR is the programme's folder; its files are laid over the shipped ones. Settings, texts, wording, translations,
    ladders, rules about words and their examples, crisis lines: nothing is changed.
    """
    roots = roots_of(folder or config)
    if language is not None:
        _refuse_unknown(language, roots)
        return _tell_missing(missing(roots, language), language, as_json=as_json)
    return _tell(check(roots), roots, as_json=as_json)


def _tell(complaints: Sequence[Complaint], roots: Sequence[Path], *, as_json: bool) -> int:
    if as_json:
        for complaint in complaints:
            say_json(asdict(complaint))
    elif complaints:
        say("\n\n".join(str(complaint) for complaint in complaints))
        say(f"\n{counted(len(complaints), 'thing')} to look at.")
    else:
        whose = f"{roots[1]}, laid over the shipped files," if len(roots) > 1 else "The shipped files"
        say(f"Nothing is wrong. Read: {whose.rstrip(',').removeprefix('The ')}.")
    return LOOK if complaints else FINE


def _refuse_unknown(language: str, roots: Sequence[Path]) -> None:
    known = gather(roots).languages("content")
    if language not in known:
        raise click.UsageError(f'There are no texts in "{language}". {did_you_mean(language, known)}'.strip())


def _tell_missing(steps: Sequence[Untranslated], language: str, *, as_json: bool) -> int:
    if as_json:
        for step in steps:
            say_json({"language": language, **asdict(step)})
        return LOOK if steps else FINE
    if not steps:
        say(f'Everything that participants read is there in "{language}".')
        return FINE
    for conversation, group in groupby(steps, key=lambda step: step.step.partition(".")[0]):
        say(f"config/content/{language}/{conversation}.yaml")
        for step in group:
            say(f"    {step.step.partition('.')[2]}: {', '.join(step.parts)}")
    say(f'\n{counted(len(steps), "step")} still said in English, wholly or in part, to people who use "{language}".')
    return LOOK
