"""How commands speak: plain lines, colour only on a terminal, sentences that fit what they count."""

from __future__ import annotations

import json
import sys
from typing import Any

import click


def say(text: str = "") -> None:
    """A line for whoever called."""
    click.echo(text)


def complain(text: str) -> None:
    """A line about what is wrong, to stderr."""
    click.echo(text, err=True)


def say_json(value: Any) -> None:
    """One JSON object on one line, for a machine."""
    click.echo(json.dumps(value, ensure_ascii=False))


def painted(text: str, colour: str) -> str:
    """`text` in a colour; click takes it off again where nobody looks at a terminal."""
    return click.style(text, fg=colour, bold=True)


def on_terminal() -> bool:
    """Does a person look at this?"""
    return sys.stdout.isatty()


def counted(number: int, one: str, several: str = "") -> str:
    """`1 person`, `3 people`."""
    return f"{number} {one if number == 1 else several or one + 's'}"
