"""`handrail check`: everything that is wrong with a programme's files, before anybody relies on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from bot.checking import check, missing
from bot.config_files import gather
from bot.console import complain, counted, say, say_json
from bot.inspecting.translations import Untranslated
from bot.loading import look_at
from bot.places import config_option, roots_of
from bot.reading import Complaint, did_you_mean
from bot.switches import told_if_off

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
        _refuse_unlikely(language, roots)
        return _tell_missing(missing(roots, language), language, as_json=as_json)
    status = _tell(check(roots), roots, as_json=as_json)
    _tell_if_off(roots)
    return status


def _tell(complaints: Sequence[Complaint], roots: Sequence[Path], *, as_json: bool) -> int:
    if as_json:
        for one in complaints:  # not the line itself: somebody may have put a password into it
            say_json({"file": one.file, "line": one.line, "what": one.what, "hint": one.hint})
    elif complaints:
        say("\n\n".join(str(complaint) for complaint in complaints))
        say(f"\n{counted(len(complaints), 'thing')} to look at.")
    else:
        own = f"{roots[1]}, laid over the shipped ones" if len(roots) > 1 else "those that come with Handrail"
        say(f"Nothing is wrong with the files: {own}.")
    return LOOK if complaints else FINE


def _tell_if_off(roots: Sequence[Path]) -> None:
    """To stderr, where no machine takes it for a complaint: whoever wants it so has said why."""
    settings = look_at(gather(roots)).settings
    if settings is not None and (told := told_if_off(settings.screening)):
        complain(f"\n{told}")


def _refuse_unlikely(language: str, roots: Sequence[Path]) -> None:
    """A language that nobody has begun to translate is fine: everything is missing. `spanish` is not."""
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,4})?", language):
        known = gather(roots).languages("content")
        hint = did_you_mean(language, known)
        raise click.UsageError(f'"{language}" is not a language. Write two letters, like es. {hint}'.strip())


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
