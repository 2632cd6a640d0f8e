"""`handrail doctor`: everything that must be right, a line each, with what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from bot.clock import SystemClock
from bot.console import counted, painted, say, say_json
from bot.doctor import Finding, State, examine
from bot.places import config_option, database_option

FINE, LOOK = 0, 1
COLOURS = {State.OK: "green", State.LOOK: "yellow", State.BROKEN: "red"}
WIDTH = max(len(state) for state in State)


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead.")
@config_option
@database_option
def command(config: Path | None, database: str | None, *, as_json: bool) -> int:
    """Look at everything that must be right, and say what mends what is not.

    Changes nothing. Exit status: 0 everything is ok, 1 something is to be looked at.
    """
    found = []
    for finding in examine(config, database, SystemClock()):
        found.append(finding)
        if as_json:
            say_json(asdict(finding))
        else:
            _say(finding)
    wrong = [one for one in found if one.state is not State.OK]
    if not as_json:
        _sum_up(wrong)
    return LOOK if wrong else FINE


def _say(finding: Finding) -> None:
    say(f"{painted(finding.state.ljust(WIDTH), COLOURS[finding.state])}  {finding.name}: {finding.says}")
    if finding.mend:
        say(f"{' ' * WIDTH}  → {finding.mend}")


def _sum_up(wrong: Iterable[Finding]) -> None:
    states = [one.state for one in wrong]
    say()
    if not states:
        say("Everything is ok.")
        return
    say(f"{counted(len(states), 'thing')} to look at, {states.count(State.BROKEN)} of them broken.")
