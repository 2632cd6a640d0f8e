"""The way in: `handrail COMMAND`.

A command's module is imported when that command is called, so that each starts as fast as its own work allows. Exit
status: 0 fine, 1 something to look at, 2 used wrongly.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from typing import Any

import click

from bot.unswept import unswept
from flows.errors import HandrailError

FINE, LOOK, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

#: Every command and what it is for. The module of that name in `bot/commands` holds it as `command`.
COMMANDS = {
    "demo": "See it at work: a page on this machine, or a story as text.",
    "init": "Make a programme's folder, its key and its database; add people.",
    "doctor": "Look at everything that must be right, and say what mends what is not.",
    "check": "Read a programme's files and say everything that is wrong with them.",
    "matrix": "Sign in to the Matrix homeserver, where participants and staff are met in encrypted rooms.",
    "telegram": "Speak as a bot on Telegram, on the phones that people have.",
    "invite": "Make a link by which somebody's account becomes known as theirs.",
    "pager": "Say how staff are rung besides: SMS, mail, phone services; prove that it works.",
    "run": "Run the programme until it is told to stop.",
    "rehearse": "Play scripted evenings and say whether what should be seen was seen.",
    "assess": "Say how worrying messages are, and which words said so.",
    "risk": "Show how often each rule fired, and how often staff found it useful.",
    "plan": "Show a participant's safety plan, or keep a new version of it.",
    "schedule": "Show who is on call; change the rota and check-in times.",
}


class Commands(click.Group):
    """The table above as a group. Its help imports nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        with unswept():
            found: click.Command = importlib.import_module(f"bot.commands.{cmd_name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from bot.reading import did_you_mean  # noqa: PLC0415 - only who mistyped waits for it

            raise click.UsageError(f'There is no command "{args[0]}". {did_you_mean(args[0], COMMANDS)}'.strip(), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings=HELP)
@click.version_option(package_name="handrail", message="Handrail %(version)s")
def handrail() -> None:
    """Stands between a clinic's participants and the people who look after them: listens, decides, keeps, delivers.

    New here: handrail demo
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. Whatever happens, nobody is shown a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of another age still gets its line
    try:
        status: Any = handrail.main(args=arguments, prog_name="handrail", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as failure:  # noqa: BLE001 - the last place where anything can be told
        click.echo(_in_words(failure), err=True)
        return LOOK
    return status if isinstance(status, int) else FINE


def _in_words(failure: Exception) -> str:
    """Our own errors are sentences; those of files name the file; anything else is a fault of ours."""
    if isinstance(failure, HandrailError):
        return str(failure)
    if isinstance(failure, OSError) and failure.filename is not None:
        return f"{failure.filename}: {failure.strerror}."
    from bot.logs import write_crash  # noqa: PLC0415 - only a fault of ours waits for it

    return write_crash(failure)


if __name__ == "__main__":
    sys.exit(main())
