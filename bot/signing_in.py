"""Signing the programme's own account in to Matrix: once, with a password that is not kept; all of it, or nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientError

from bot.channels.matrix.opening import (
    NETWORK,
    NoAnswer,
    become_somebody,
    client_for,
    sign_in_with,
    sign_out,
)
from bot.opening import Opened, ask_leave
from flows.errors import HandrailError
from flows.grant import Action
from storage.letterbox import LetterboxInUse, letterbox_file, reader_of
from storage.sign_ins import keep_sign_in, sign_in

#: Where the password is taken from when nobody can be asked.
PASSWORD = "HANDRAIL_MATRIX_PASSWORD"  # noqa: S105 - the name of a variable
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")
_USER = re.compile(r"@[^:\s]+:\S+")


class NoHomeserver(HandrailError):
    """{0} is not the address of a homeserver. Write it whole, such as https://matrix.example.org"""


class NoAccount(HandrailError):
    """{0} is not an account. Write it whole, such as @handrail:example.org"""


class NotYet(HandrailError):
    """This programme is not signed in yet. Write where and as whom: {0}"""


class SignedInAlready(HandrailError):
    """This programme is signed in as {0}. For a new device (its letterbox was lost) or account: --again"""


@dataclass(frozen=True, slots=True)
class Account:
    """Who is to speak for the programme, and where. Make one with `account_of`."""

    homeserver: str
    user: str

    @property
    def command(self) -> str:
        """What signs it in."""
        return f"handrail matrix sign-in --homeserver {self.homeserver} --user {self.user}"


def told_as(facts: Mapping[str, str]) -> tuple[str, str]:
    """What whoever signed in reads."""
    return (
        f"Signed in as {facts['user']}, device {facts['device']}. A token was kept, sealed, and not the password.",
        "Our device is signed by the account's own identity: yes.",
    )


def account_of(homeserver: str, user: str) -> Account:
    """Raises NoHomeserver or NoAccount, before anybody is asked for a password."""
    if not _ADDRESS.fullmatch(homeserver):
        raise NoHomeserver(homeserver)
    if not _USER.fullmatch(user):
        raise NoAccount(user)
    return Account(homeserver.rstrip("/"), user)


def sign_in_to_matrix(programme: Opened, account: Account, password: str, *, again: bool = False) -> dict[str, str]:
    """From now on the programme speaks as this account; returns how it is signed in. The device before it is signed
    out. Raises what keeps it from that, and then everything is as it was, here and on the homeserver."""
    with programme.unit() as unit:
        ask_leave(unit, Action.CONFIGURE, "matrix")
        before = sign_in(unit, NETWORK)
    if before is not None and not again:
        raise SignedInAlready(before["user"])
    if reader := reader_of(programme.places.letterboxes):
        raise LetterboxInUse(reader)
    facts = asyncio.run(_signed_in(programme, account, password, _seeds(before, account)))
    if before is not None:
        asyncio.run(sign_out(before))
    return facts


def account_before(programme: Opened) -> Account:
    """The one that speaks for the programme now. Raises NotYet."""
    with programme.unit() as unit:
        before = sign_in(unit, NETWORK)
    if before is None:
        raise NotYet(Account("URL", "@NAME:SERVER").command)
    return Account(before["homeserver"], before["user"])


def is_signed_in_as(programme: Opened, account: Account) -> bool:
    """Whether this account speaks for the programme already."""
    with programme.unit() as unit:
        before = sign_in(unit, NETWORK)
    return before is not None and (before["homeserver"], before["user"]) == (account.homeserver, account.user)


def _seeds(before: Mapping[str, str] | None, account: Account) -> str:
    """Those of the same account: people trust them already. Another one becomes somebody else."""
    return before["seeds"] if before is not None and before["user"] == account.user else ""


async def _signed_in(programme: Opened, account: Account, password: str, seeds: str) -> dict[str, str]:
    facts = await sign_in_with(account.homeserver, account.user, password, seeds)
    folder = programme.places.letterboxes
    try:
        facts = await _made(programme, facts, password, folder)
        with programme.unit() as unit:
            keep_sign_in(unit, NETWORK, facts)
    except BaseException as failure:
        await sign_out(facts)
        _take_away(letterbox_file(folder, facts["user"], facts["device"]))
        if isinstance(failure, ClientError | TimeoutError):
            raise NoAnswer(account.homeserver, type(failure).__name__) from None
        raise
    return facts


async def _made(programme: Opened, facts: Mapping[str, str], password: str, folder: Path) -> dict[str, str]:
    client = client_for(facts, programme.store.master, folder, programme.clock, new=True)
    try:
        return await become_somebody(client, facts, password)
    finally:
        await client.close()
        client.box.close()


def _take_away(letterbox: Path) -> None:
    for name in (letterbox.name, f"{letterbox.name}-wal", f"{letterbox.name}-shm"):
        letterbox.with_name(name).unlink(missing_ok=True)
