"""`handrail rehearse`: play scripted evenings and say whether what should be seen was seen."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot import logs
from bot.places import config_option, roots_of
from bot.rehearsal import rehearse


@click.command(name="rehearse")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a transcript.")
@config_option
def command(files: tuple[Path, ...], config: Path | None, *, as_json: bool) -> int:
    """Play scripted evenings and say whether what should be seen was seen.

    Everything in a FILE runs through the whole program, with simulated phones, a clock of its own and a database that
    is thrown away. Exit status: 0 everything held, 1 an expectation did not, 2 a file is wrong.
    """
    logs.configure(quiet=True)
    _shipped, *own = roots_of(config)
    return rehearse(files, own[0] if own else None, as_json, sys.stdout)
