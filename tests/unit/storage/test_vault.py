"""What the vault promises: only here, only with leave, and never a key that the database does not have."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, insert, select, update
from sqlalchemy.exc import StatementError

from flows.grant import SYSTEM, Action, Actor, Deny, FieldClass, Grant, Role
from flows.phi import Phi
from flows.policy import UNRELATED, Relation, authorize
from storage.key_check import NoKeyCheck, check_key, write_key_check
from storage.keyfile import MasterKey
from storage.keyring import KeyCache, NoKey, WrongKey, unwrap, wrap
from storage.prepared import Wire
from storage.schema import DataClass, SealedBytes, metadata, setting, subject_key
from storage.subject_keys import SubjectKeys
from storage.vault import NotGranted, Unreadable, Vault

NOW = datetime(2025, 3, 1, 3, 0, tzinfo=UTC)
MASTER = MasterKey(bytes(range(32)))
OTHER_MASTER = MasterKey(bytes(32))
HERE = ("maya", "inbox", "body", "m1")
WORDS = "I want to end it all"


class Drawer:
    """A key store with no database under it."""

    def __init__(self):
        self.rows = {}

    def load(self, subject):
        return [(generation, *row) for (of, generation), row in self.rows.items() if of == subject]

    def save(self, subject, generation, kek_id, wrapped):
        assert (subject, generation) not in self.rows
        self.rows[subject, generation] = (kek_id, wrapped)


def leave(about="maya", now=NOW):
    return authorize(Actor("handrail", Role.PROGRAM), Action.HANDLE, about, UNRELATED, "message", now)


def words(vault, sealed, place=HERE, grant=None, field_class=FieldClass.WORDS, now=NOW):
    return vault.open(grant or leave(place[0]), *place, sealed, field_class, now).reveal()


@pytest.fixture
def vault():
    return Vault(MASTER, Drawer())


@pytest.fixture
def engine():
    engine = create_engine("sqlite://", hide_parameters=True)
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    metadata.create_all(engine)
    return engine


# --- sealing and opening


@given(st.text())
def test_what_was_sealed_comes_back(text):
    """Every text in every script, the empty one too."""
    vault = Vault(MASTER, Drawer())
    assert words(vault, vault.seal(*HERE, text)) == text


def test_words_may_come_wrapped_and_bytes_may_come_back(vault):
    """A Phi need not be revealed to be sealed."""
    assert words(vault, vault.seal(*HERE, Phi(WORDS))) == WORDS
    sealed = vault.seal(*HERE, b"\xff\x00")
    assert vault.open_bytes(leave(), *HERE, sealed, FieldClass.WORDS, NOW).reveal() == b"\xff\x00"


def test_a_row_and_a_page_at_once(vault):
    """What is empty stays empty; a page opens with one Grant."""
    row = vault.seal_row("maya", "inbox", "m1", {"body": WORDS, "name": None})
    assert row["name"] is None
    rows = [(f"m{n}", vault.seal("maya", "inbox", "body", f"m{n}", f"line {n}")) for n in range(5)]
    page = vault.open_all(leave(), "maya", "inbox", "body", rows, FieldClass.WORDS, NOW)
    assert [phi.reveal() for phi in page] == [f"line {n}" for n in range(5)]
    with pytest.raises(Unreadable):
        vault.open_all(leave(), "maya", "inbox", "body", [("m1", rows[2][1])], FieldClass.WORDS, NOW)


def test_nothing_of_the_words_is_in_the_sealed_bytes(vault):
    """Not a piece of three letters, and not the same twice."""
    sealed = vault.seal(*HERE, WORDS)
    assert not any(WORDS[i : i + 3].encode() in sealed for i in range(len(WORDS) - 2))
    assert sealed != vault.seal(*HERE, WORDS)
    assert len(sealed) == len(WORDS) + 31


@pytest.mark.parametrize("moved", range(4), ids=["subject", "table", "column", "row"])
def test_a_sealed_field_opens_only_where_it_was_sealed(vault, moved):
    """Somebody who can write to the database cannot put one person's words into another's mouth."""
    vault.seal("leo", *HERE[1:], "hello")
    elsewhere = list(HERE)
    elsewhere[moved] = "leo"
    with pytest.raises(Unreadable):
        words(vault, vault.seal(*HERE, WORDS), tuple(elsewhere))


def test_even_one_key_for_two_people_does_not_mix_them():
    """The subject is bound by the field itself, not only by having another key."""
    drawer, secret = Drawer(), os.urandom(32)
    for name in ("maya", "leo"):
        drawer.save(name, 1, MASTER.id, wrap(MASTER, name, 1, secret))
    vault = Vault(MASTER, drawer)
    with pytest.raises(Unreadable):
        words(vault, vault.seal(*HERE, WORDS), ("leo", *HERE[1:]))


def test_two_places_are_never_written_alike(vault):
    """Table "ab" with column "c" is not table "a" with column "bc"."""
    sealed = vault.seal("maya", "ab", "c", "1", WORDS)
    with pytest.raises(Unreadable):
        words(vault, sealed, ("maya", "a", "bc", "1"))


def test_ten_thousand_changed_fields_are_all_refused(vault):
    """A bit, a byte, a cut, an addition: never other words, never a crash of another kind."""
    dice = random.Random(7)
    sealed = vault.seal(*HERE, WORDS)
    for _ in range(10_000):
        with pytest.raises((Unreadable, NoKey)):
            words(vault, mutated(dice, sealed))


def mutated(dice, sealed):
    changed = bytearray(sealed)
    kind = dice.choice(["bit", "cut", "grow", "noise"])
    if kind == "bit":
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    elif kind == "cut":
        del changed[dice.randrange(len(changed)) :]
    elif kind == "grow":
        changed.insert(dice.randrange(len(changed) + 1), dice.randrange(256))
    else:
        changed[1:] = dice.randbytes(dice.randrange(80))
    # An insertion may, once in a long while, give back the same bytes.
    return bytes(changed) if changed != sealed else b""


# --- leave to open


def test_without_leave_nothing_opens(vault):
    """Another participant's Grant, another class, an old one, and a no."""
    sealed = vault.seal(*HERE, WORDS)
    plan = authorize(Actor("maya", Role.PARTICIPANT), Action.SEE_PLAN, "maya", Relation(self_=True), "asked", NOW)
    assert isinstance(plan, Grant)
    for grant, now in ((leave("leo"), NOW), (plan, NOW), (leave(), NOW + timedelta(seconds=60))):
        with pytest.raises(NotGranted):
            words(vault, sealed, grant=grant, now=now)
    with pytest.raises(AttributeError):
        words(vault, sealed, grant=Deny("no", "No."))


def test_a_refusal_tells_no_words(vault):
    """Errors end in logs."""
    with pytest.raises(NotGranted) as refusal:
        words(vault, vault.seal(*HERE, WORDS), grant=leave("leo"))
    assert WORDS not in str(refusal.value)


def test_secrets_of_nobody_are_sealed_under_the_system(vault):
    """Tokens of channels: the program opens them, like any subject."""
    place = (SYSTEM, "setting", "sealed", "telegram_token")
    assert words(vault, vault.seal(*place, "123:abc"), place, field_class=FieldClass.STAFF) == "123:abc"


# --- the blind index and the master key


def test_the_blind_index_finds_equals_and_tells_nothing_else(vault):
    """The same for the same domain and value; another key gives another index."""
    assert vault.blind("chat", "42") == Vault(MASTER, Drawer()).blind("chat", "42")
    others = [vault.blind("room", "42"), vault.blind("chat", "43"), Vault(OTHER_MASTER, Drawer()).blind("chat", "42")]
    assert vault.blind("chat", "42") not in others
    assert len(vault.blind("chat", "42")) == 16
    with pytest.raises(ValueError, match="bar"):
        vault.blind("chat|4", "2")


def test_keys_for_different_uses_are_different():
    """Whoever is given the audit key can look nothing up and open nothing."""
    assert len({MASTER.wrap_key, MASTER.index_key, MASTER.audit_key, bytes(range(32))}) == 4


def test_a_wrong_master_key_is_called_wrong():
    """Whether its id differs, or somebody copied the id."""
    wrapped = wrap(MASTER, "maya", 1, bytes(32))
    for stranger, kek_id in ((OTHER_MASTER, MASTER.id), (OTHER_MASTER, OTHER_MASTER.id), (MASTER, "other")):
        with pytest.raises(WrongKey):
            unwrap(stranger, "maya", 1, kek_id, wrapped)
    for subject, generation in (("leo", 1), ("maya", 2)):
        with pytest.raises(WrongKey):
            unwrap(MASTER, subject, generation, MASTER.id, wrapped)


def test_an_old_generation_still_opens_and_the_newest_seals():
    """A renewed key does not lose what was said before."""
    drawer = Drawer()
    old = Vault(MASTER, drawer).seal(*HERE, "before")
    drawer.save("maya", 2, MASTER.id, wrap(MASTER, "maya", 2, os.urandom(32)))
    vault = Vault(MASTER, drawer)
    new = vault.seal(*HERE, "after")
    assert (old[1:3], new[1:3]) == (b"\0\1", b"\0\2")
    assert [words(vault, old), words(vault, new)] == ["before", "after"]
    with pytest.raises(Unreadable):
        words(vault, b"\xe1\0\1" + new[3:])


# --- commits, rollbacks, forgetting


def test_a_key_that_was_rolled_back_is_never_used_again(engine):
    """What is sealed after the rollback opens with the keys that the database has, and no other."""
    cache = KeyCache()
    with engine.connect() as connection:
        vault = Vault(MASTER, SubjectKeys(Wire(connection)), cache)
        vault.seal(*HERE, WORDS)
        connection.rollback()
        vault.rolled_back()
        sealed = vault.seal(*HERE, WORDS)
        connection.commit()
        vault.committed()
    with engine.connect() as connection:
        assert words(Vault(MASTER, SubjectKeys(Wire(connection)), KeyCache()), sealed) == WORDS
        assert words(Vault(MASTER, SubjectKeys(Wire(connection)), cache), sealed) == WORDS


def test_an_unfinished_transaction_shares_no_key(engine):
    """Not even one it only read: it may have been made in an earlier savepoint of the same transaction."""
    cache = KeyCache()
    with engine.connect() as connection:
        Vault(MASTER, SubjectKeys(Wire(connection)), cache).seal(*HERE, WORDS)
        Vault(MASTER, SubjectKeys(Wire(connection)), cache).seal(*HERE, WORDS)
        assert len(cache) == 0
        connection.rollback()
    with engine.begin() as connection, pytest.raises(NoKey):
        words(Vault(MASTER, SubjectKeys(Wire(connection)), cache), b"\xe1\0\1" + bytes(40))


def test_a_savepoint_that_fails_takes_its_key_and_leaves_the_others(engine):
    """Several people's messages share one commit; the one that fails must not spoil the rest."""
    cache = KeyCache()
    with engine.begin() as connection:
        vault = Vault(MASTER, SubjectKeys(Wire(connection)), cache)
        with connection.begin_nested():
            before = vault.seal(*HERE, WORDS)
        failing = connection.begin_nested()
        vault.seal("leo", *HERE[1:], WORDS)
        failing.rollback()
        vault.rolled_back()
        after = vault.seal("leo", *HERE[1:], WORDS)
    vault.committed()
    with engine.begin() as connection:
        later = Vault(MASTER, SubjectKeys(Wire(connection)), KeyCache())
        assert words(later, before) == words(later, after, ("leo", *HERE[1:])) == WORDS


def test_a_committed_key_is_found_without_asking_the_database():
    """The cache is what makes sealing fast."""
    cache, drawer = KeyCache(), Drawer()
    first = Vault(MASTER, drawer, cache)
    sealed = first.seal(*HERE, WORDS)
    first.committed()
    assert words(Vault(MASTER, Drawer(), cache), sealed) == WORDS


def test_the_cache_keeps_the_last_used_and_no_more():
    """Ten thousand people and no more memory."""
    cache, drawer = KeyCache(capacity=3), Drawer()
    for name in ("a", "b", "c", "a", "d"):
        vault = Vault(MASTER, drawer, cache)
        vault.seal(name, "t", "c", "1", "x")
        vault.committed()
    assert [name for name in "abcd" if cache.get(name)] == ["a", "c", "d"]


def test_an_erased_person_stays_erased(engine):
    """Also for a transaction that had read the key before and ends afterwards."""
    cache = KeyCache()
    with engine.begin() as connection:
        vault = Vault(MASTER, SubjectKeys(Wire(connection)), cache)
        sealed = vault.seal(*HERE, WORDS)
    vault.committed()
    cache.forget("maya")
    with engine.connect() as connection:
        slow = Vault(MASTER, SubjectKeys(Wire(connection)), cache)
        words(slow, sealed)
        SubjectKeys(Wire(connection)).delete("maya")
        connection.commit()
        slow_keys = Vault(MASTER, SubjectKeys(Wire(connection)), cache)
        slow_keys.forget("maya")
        slow.committed()
        with pytest.raises(NoKey):
            words(Vault(MASTER, SubjectKeys(Wire(connection)), cache), sealed)


# --- columns, and the check at the start


def test_a_sealed_column_takes_only_what_was_sealed(engine, vault):
    """Forgetting to seal is an error, not a leak, and the error does not print the words."""
    with engine.begin() as connection:
        connection.execute(insert(setting), {"key": "a", "sealed": vault.seal(SYSTEM, "setting", "sealed", "a", "x")})
        for plain in (WORDS, WORDS.encode(), b"\xe1" + bytes(29)):
            with pytest.raises(StatementError, match="not seal") as refusal:
                connection.execute(update(setting), {"sealed": plain})
            assert WORDS not in str(refusal.value)


def test_every_column_says_what_it_holds():
    """A column without a class, or a sealed one of another type, cannot be added by mistake."""
    for table in metadata.tables.values():
        for column in table.columns:
            assert isinstance(column.info["data"], DataClass), column
            assert isinstance(column.type, SealedBytes) == (column.info["data"] is DataClass.SEALED), column


def test_a_wrong_key_is_found_at_the_start(engine):
    """Not at the first crisis."""
    with engine.begin() as connection:
        with pytest.raises(NoKeyCheck):
            check_key(connection, MASTER)
        write_key_check(connection, Vault(MASTER, SubjectKeys(Wire(connection))))
        check_key(connection, MASTER)
        with pytest.raises(WrongKey, match="right key file"):
            check_key(connection, OTHER_MASTER)
        connection.execute(update(setting).values(sealed=b"\xe1\0\1" + os.urandom(40)))
        with pytest.raises(WrongKey):
            check_key(connection, MASTER)


def test_the_database_holds_no_key_in_the_open(engine):
    """Wrapped keys only; neither the master key nor what is derived from it."""
    with engine.begin() as connection:
        write_key_check(connection, Vault(MASTER, SubjectKeys(Wire(connection))))
        rows = repr(connection.execute(select(subject_key)).all() + connection.execute(select(setting)).all())
    for secret in (bytes(range(32)), MASTER.wrap_key, MASTER.index_key, MASTER.audit_key):
        assert repr(secret)[2:-1] not in rows
        assert secret.hex() not in rows
