"""Matrix while a programme is founded: what is asked, or given, before anything is made; and the sign-in afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import click

from bot.opening import Opened
from flows.errors import HandrailError

if TYPE_CHECKING:
    from bot.signing_in import Account

HOMESERVER, USER = "--matrix-homeserver", "--matrix-user"


class Wish(Protocol):
    """A sign-in that somebody wished for, and has given what it takes."""

    def signed_in(self, programme: Opened, named: str) -> Iterator[str]:
        """Sign in, and say how it went, a line each. Raises NotSignedIn."""


class MatrixWish:
    """An account that is to speak for the programme, with its password; kept for as long as the command runs."""

    def __init__(self, account: Account, password: str) -> None:
        self.account = account
        self.password = password

    def signed_in(self, programme: Opened, named: str) -> Iterator[str]:
        """Sign in, and say how it went, a line each. Raises NotSignedIn."""
        from bot.signing_in import is_signed_in_as, sign_in_to_matrix, told_as  # noqa: PLC0415 - the same

        if is_signed_in_as(programme, self.account):
            yield f"Signed in as {self.account.user} already."
            return
        try:
            facts = sign_in_to_matrix(programme, self.account, self.password)
        except HandrailError as told:
            raise NotSignedIn("Matrix", told, f"{self.account.command}{named}") from None
        yield from told_as(facts)


def wished(homeserver: str, user: str, *, ask: bool) -> MatrixWish | None:
    """What was given on the command line; the rest is asked for at a terminal. None where Matrix is not wanted. Raises
    what makes it impossible, before anything was made."""
    if not homeserver and not user and not (ask and somebody_there()):
        return None
    from bot.signing_in import PASSWORD, account_of  # noqa: PLC0415 - only who wants Matrix waits for it

    homeserver = homeserver or asked("Matrix homeserver address (empty: not now)", HOMESERVER, default="")
    if not homeserver:
        return None
    account = account_of(homeserver, user or asked("The account there, such as @handrail:example.org", USER))
    password = os.environ.get(PASSWORD) or asked("Its password", f"${PASSWORD}", hide=True)
    return MatrixWish(account, password)


def somebody_there() -> bool:
    """Whether anybody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def asked(question: str, option: str, *, default: str | None = None, hide: bool = False) -> str:
    """What somebody at the terminal answers; where nobody is, `option` is what is missing."""
    if not somebody_there():
        raise click.UsageError(f"{option} is missing, and nobody is there to be asked.")
    answer: str = click.prompt(question, default=default, show_default=False, hide_input=hide)
    return answer.strip() if not hide else answer


class NotSignedIn(HandrailError):
    """{0}: {1}
    Everything else was made. Sign in later: {2}"""
