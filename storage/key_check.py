"""A wrong key is found out at the start, not at the first crisis: one known word, sealed when the database was made."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from flows.errors import HandrailError
from flows.grant import SYSTEM
from storage.keyfile import MasterKey
from storage.keyring import NoKey, WrongKey
from storage.prepared import Wire
from storage.schema import setting
from storage.subject_keys import SubjectKeys
from storage.vault import Vault

NAME = "key_check"
WORD = b"handrail"
PLACE = (SYSTEM, "setting", "sealed", NAME)


class NoKeyCheck(HandrailError):
    """This database was never set up with a key. Nothing was changed. New here: run handrail init."""


def write_key_check(connection: Connection, vault: Vault) -> None:
    """Once, when the database is made."""
    connection.execute(insert(setting), {"key": NAME, "sealed": vault.seal(*PLACE, WORD)})


def check_key(connection: Connection, master: MasterKey) -> None:
    """Raises WrongKey unless this is the key the database was made with. Needs nothing but a connection."""
    sealed = connection.execute(select(setting.c.sealed).where(setting.c.key == NAME)).scalar()
    if sealed is None:
        raise NoKeyCheck()
    try:
        holds = Vault(master, SubjectKeys(Wire(connection))).holds(*PLACE, sealed, WORD)
    except NoKey:
        holds = False
    if not holds:
        raise WrongKey()
