"""The audit chain: what was tampered with is found, and what was rolled back never happened."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select

from storage.audit import START, Ledger, NoHead, NotACode, Tail
from storage.audit_check import PAGE, Fault, verify
from storage.prepared import Wire
from storage.schema import NaiveTime, audit, audit_head, metadata

NOW = datetime(2025, 3, 1, 3, 0, tzinfo=UTC)
KEY = b"k" * 32


def make_engine():
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    metadata.create_all(engine)
    return engine


@pytest.fixture
def engine():
    return make_engine()


def note(ledger, number=0, **detail):
    ledger.note(NOW + timedelta(seconds=number), "okafor", "acknowledge", "maya", "case", f"c{number}", detail)


def flush(ledger, connection):
    """Everything but the commit."""
    wire = Wire(connection)
    ledger.flush(wire)
    wire.send()


def write(engine, count, batch=7):
    """`count` entries, a few to a transaction."""
    for start in range(0, count, batch):
        ledger = Ledger(KEY)
        for number in range(start, min(start + batch, count)):
            note(ledger, number, tier=number, words="read")
        with engine.begin() as connection:
            flush(ledger, connection)


def verdict(engine, *tampering, key=KEY):
    with engine.begin() as connection:
        for statement in tampering:
            connection.exec_driver_sql(statement)
        return verify(connection, key)


# --- writing


def test_entries_are_kept_in_the_order_they_were_noted(engine):
    """In batches, across transactions, as one chain."""
    write(engine, 20)
    with engine.begin() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.seq)).all()
        head = connection.execute(select(audit_head)).one()
    assert [row.object_id for row in rows] == [f"c{n}" for n in range(20)]
    assert [row.seq for row in rows] == list(range(1, 21))
    assert rows[3].at == NOW + timedelta(seconds=3)
    assert rows[3].detail == '{"tier":3,"words":"read"}'
    assert (head.seq, head.hash) == (20, rows[-1].hash)
    assert verdict(engine) == verdict(engine)
    assert verdict(engine).ok
    assert verdict(engine).entries == 20
    assert verdict(engine).head == head.hash


def test_an_empty_chain_is_whole(engine):
    """Before the first entry, and when nothing was noted."""
    with engine.begin() as connection:
        flush(Ledger(KEY), connection)
    assert verdict(engine).ok
    assert verdict(engine).head == START


def test_what_is_rolled_back_leaves_no_gap(engine):
    """The next transaction goes on where the chain really ends."""
    write(engine, 3)
    ledger = Ledger(KEY)
    note(ledger, 99)
    with engine.connect() as connection:
        flush(ledger, connection)
        connection.rollback()
    write(engine, 3)
    assert verdict(engine).ok
    assert verdict(engine).entries == 6


@given(st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(1, 3), st.booleans())))
def test_two_writers_that_guess_make_one_chain(turns):
    """Each remembers where it last saw the end, and is wrong whenever the other wrote or it was itself rolled back."""
    engine, tails, kept = make_engine(), (Tail(), Tail()), 0
    for who, count, commits in turns:
        ledger = Ledger(KEY, tails[who])
        for number in range(count):
            note(ledger, number, who=who)
        with engine.connect() as connection:
            flush(ledger, connection)
            (connection.commit if commits else connection.rollback)()
        kept += count if commits else 0
    assert verdict(engine).ok
    assert verdict(engine).entries == kept


def test_entries_of_a_failed_savepoint_are_cut(engine):
    """The others, in the same transaction, are kept."""
    ledger = Ledger(KEY)
    note(ledger, 1)
    mark = len(ledger)
    note(ledger, 2)
    ledger.cut(mark)
    note(ledger, 3)
    with engine.begin() as connection:
        flush(ledger, connection)
        assert [row.object_id for row in connection.execute(select(audit))] == ["c1", "c3"]
    assert len(ledger) == 0


def test_a_flush_that_failed_can_be_tried_again(engine):
    """A lock that timed out is not a lost entry."""
    ledger = Ledger(KEY)
    note(ledger, 1)
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO elsewhere")
        with pytest.raises(Exception, match="no such table"):
            flush(ledger, connection)
        connection.rollback()
    with engine.begin() as connection:
        flush(ledger, connection)
    assert verdict(engine).ok
    assert verdict(engine).entries == 1


@pytest.mark.parametrize(
    "field", ["I want to die", "", "maya@example.org", "+1 555 0100", "x" * 81, "line\n", "é", 'a"b', "/home/maya"]
)
def test_words_are_refused(field):
    """An audit entry is never erased, so it must never hold what may have to be."""
    ledger = Ledger(KEY)
    with pytest.raises(NotACode) as refusal:
        ledger.note(NOW, "okafor", "note", "maya", "case", "c1", {"reason": field})
    assert not field or field not in str(refusal.value)
    for place in range(5):
        values = ["okafor", "note", "maya", "case", "c1"]
        values[place] = field
        with pytest.raises(NotACode):
            ledger.note(NOW, *values, {})
    assert len(ledger) == 0


def test_a_time_without_a_zone_is_refused():
    """Nobody could say later when that was."""
    with pytest.raises(NaiveTime):
        Ledger(KEY).note(datetime(2025, 3, 1), "okafor", "note", None, "case", None, {})  # noqa: DTZ001


# --- tampering

TAMPERING = {
    "edited actor": (["UPDATE audit SET actor = 'smith' WHERE seq = 5"], 5, Fault.EDITED),
    "edited time": (["UPDATE audit SET at = at + 1 WHERE seq = 5"], 5, Fault.EDITED),
    "edited subject": (["UPDATE audit SET subject = NULL WHERE seq = 5"], 5, Fault.EDITED),
    "edited detail": (["""UPDATE audit SET detail = '{"tier": 4,"words":"read"}' WHERE seq = 5"""], 5, Fault.EDITED),
    "edited hash": (["UPDATE audit SET hash = zeroblob(32) WHERE seq = 5"], 5, Fault.EDITED),
    "deleted": (["DELETE FROM audit WHERE seq = 5"], 5, Fault.MISSING),
    "deleted first": (["DELETE FROM audit WHERE seq = 1"], 1, Fault.MISSING),
    "deleted and closed up": (
        ["DELETE FROM audit WHERE seq = 20", "UPDATE audit_head SET seq = 19"],
        19,
        Fault.HEAD,
    ),
    "deleted last": (["DELETE FROM audit WHERE seq = 20"], 20, Fault.MISSING),
    "deleted all": (["DELETE FROM audit"], 1, Fault.MISSING),
    "deleted all and the head": (["DELETE FROM audit WHERE seq > 3", "DELETE FROM audit_head"], 3, Fault.HEAD),
    "swapped": (
        [
            "UPDATE audit SET seq = 99 WHERE seq = 5",
            "UPDATE audit SET seq = 5 WHERE seq = 6",
            "UPDATE audit SET seq = 6 WHERE seq = 99",
        ],
        5,
        Fault.EDITED,
    ),
    "added at the end": (
        ["INSERT INTO audit SELECT 21, at, actor, action, subject, object_kind, object_id, detail, hash "
         "FROM audit WHERE seq = 20"],
        21,
        Fault.EDITED,
    ),
    "added before": (["UPDATE audit SET seq = -5 WHERE seq = 1"], 1, Fault.EXTRA),
    "head set back": (["UPDATE audit_head SET seq = 19"], 19, Fault.HEAD),
    "head set back to fit": (
        ["UPDATE audit_head SET seq = 19, hash = (SELECT hash FROM audit WHERE seq = 19)"],
        20,
        Fault.EXTRA,
    ),
    "head forged": (["UPDATE audit_head SET hash = zeroblob(32)"], 20, Fault.HEAD),
    "head set forward": (["UPDATE audit_head SET seq = 25"], 21, Fault.MISSING),
}  # fmt: skip


@pytest.mark.parametrize(("tampering", "bad_seq", "fault"), TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_is_found_where_it_was_done(engine, tampering, bad_seq, fault):
    """With the first number that is not sound."""
    write(engine, 20)
    found = verdict(engine, *tampering)
    assert (found.bad_seq, found.fault) == (bad_seq, fault)
    assert not found.ok


def test_another_key_makes_no_chain(engine):
    """Whoever has the database but not the key cannot write history anew."""
    write(engine, 3)
    assert verdict(engine, key=b"x" * 32).fault is Fault.EDITED


def test_an_entry_from_another_history_does_not_fit(engine):
    """Sound in itself, with the same key and number, but from an older copy of the database."""
    write(engine, 3)
    other = make_engine()
    write(other, 2)
    ledger = Ledger(KEY)
    note(ledger, 77)
    with other.begin() as connection:
        flush(ledger, connection)
        row = connection.execute(select(audit).where(audit.c.seq == 3)).one()
    write(engine, 3)
    with engine.begin() as connection:
        connection.execute(audit.update().where(audit.c.seq == 3).values(row._asdict()))
    assert (verdict(engine).bad_seq, verdict(engine).fault) == (4, Fault.EDITED)


def test_a_right_guess_saves_a_question(engine):
    """One writer, as on SQLite, never has to ask where the chain ends."""
    said, tail = [], Tail()
    for number in range(3):
        ledger = Ledger(KEY, tail)
        note(ledger, number)
        with engine.begin() as connection:
            said.clear()
            connection.connection.driver_connection.set_trace_callback(lambda sql: said.append(sql.split()[0]))
            flush(ledger, connection)
            connection.connection.driver_connection.set_trace_callback(None)
    assert said == ["UPDATE", "INSERT"]


def test_a_cut_tail_with_a_fitting_head_shows_only_from_outside(engine):
    """That is why the count and the head are worth keeping elsewhere."""
    write(engine, 20)
    before = verdict(engine)
    after = verdict(
        engine,
        "DELETE FROM audit WHERE seq > 15",
        "UPDATE audit_head SET seq = 15, hash = (SELECT hash FROM audit WHERE seq = 15)",
    )
    assert after.ok
    assert (after.entries, after.head) != (before.entries, before.head)


# --- hostile rows

HOSTILE = ["NULL", "'text'", "5", "1000000000000", "-1.5", "9e999", "X'ff00'", "CAST(X'ff' AS TEXT)", "zeroblob(0)"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("column", [c.name for c in audit.c if c.name != "seq"])
def test_the_check_survives_hostile_rows(column, value):
    """A value of another type is a finding, not a crash of the one who looks for it."""
    engine = hostile_engine()
    found = verdict(engine, f"UPDATE audit SET {column} = {value} WHERE seq = 5")
    assert found.bad_seq == 5
    assert found.fault in {Fault.EDITED, Fault.UNREADABLE}
    assert found.entries == 4


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("column", ["seq", "hash"])
def test_the_check_survives_a_hostile_head(column, value):
    """The head can be written to like any row."""
    found = verdict(hostile_engine(), f"UPDATE audit_head SET {column} = {value}")
    assert found.fault in {Fault.HEAD, Fault.EXTRA, Fault.MISSING}


def hostile_engine():
    """The same tables as somebody with the file would leave them: no constraints."""
    engine = make_engine()
    write(engine, 9)
    with engine.begin() as connection:
        for table in ("audit", "audit_head"):
            connection.exec_driver_sql(f"CREATE TABLE loose AS SELECT * FROM {table}")
            connection.exec_driver_sql(f"DROP TABLE {table}")
            connection.exec_driver_sql(f"ALTER TABLE loose RENAME TO {table}")
    return engine


@pytest.mark.parametrize("value", HOSTILE)
def test_the_check_survives_a_hostile_number(value):
    """Even the number of a row may be anything, once the table was replaced."""
    assert not verdict(hostile_engine(), f"UPDATE audit SET seq = {value} WHERE seq = 6").ok


def test_a_long_chain_is_walked_page_by_page(engine):
    """And a fault in the third page is still found at its place."""
    write(engine, 2 * PAGE + 50, batch=500)
    assert verdict(engine).entries == 2 * PAGE + 50
    found = verdict(engine, f"UPDATE audit SET actor = CAST(X'ff' AS TEXT) WHERE seq = {2 * PAGE + 9}")
    assert (found.bad_seq, found.fault) == (2 * PAGE + 9, Fault.UNREADABLE)


def test_a_chain_without_its_head_takes_no_more(engine):
    """Going on would start a second chain beside the first."""
    write(engine, 3)
    verdict(engine, "DELETE FROM audit_head")
    with pytest.raises(NoHead):
        write(engine, 1)


@given(st.integers(0, 2**32))
def test_any_changed_byte_of_any_field_is_found(seed):
    """Wherever the dice fall."""
    dice = random.Random(seed)
    column = dice.choice(["actor", "action", "subject", "object_kind", "object_id", "detail"])
    seq = dice.randint(1, 9)
    with ENGINE.connect() as connection:
        connection.exec_driver_sql(f"UPDATE audit SET {column} = {column} || 'x' WHERE seq = {seq}")
        assert verify(connection, KEY).bad_seq == seq
        connection.rollback()


ENGINE = make_engine()
write(ENGINE, 9)
