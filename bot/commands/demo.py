"""`handrail demo`: the real program with simulated phones, a clock of its own and a database that is thrown away."""

from __future__ import annotations

import sys

import click

from bot import logs
from bot.reading import did_you_mean

FINE = 0


@click.command(name="demo")
@click.option("--port", type=click.IntRange(0, 65535), default=8450, show_default=True, help="0 takes any free one.")
@click.option("--story", metavar="NAME", help="Begin with this story instead of the list of them.")
@click.option("--text", "told", metavar="STORY", help="No page: print this story as a transcript.")
def command(port: int, story: str | None, told: str | None) -> int:
    """See it at work: a page on this machine, or a story as text.

    Needs no account, no token and no server; listens on this machine only, and never opens a real database.
    """
    from bot.rehearsal import stories  # noqa: PLC0415

    logs.configure(quiet=True)
    for name in (story, told):
        if name is not None and name not in stories():
            raise click.UsageError(no_such_story(name, sorted(stories())))
    if told is not None:
        from bot.rehearsal import play  # noqa: PLC0415

        play(told, sys.stdout)
        return FINE
    from bot.demo import serve  # noqa: PLC0415

    serve(port, story)
    return FINE


def no_such_story(name: str, known: list[str]) -> str:
    """What to say to somebody who asked for a story that there is not."""
    guess = did_you_mean(name, known) if known else ""
    guess = "" if guess.startswith("Known here") else guess
    return " ".join(filter(None, [f'There is no story "{name}".', guess, f"There are: {', '.join(known)}."]))
