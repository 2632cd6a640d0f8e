"""Every column was thought about: what it may hold, and why it may lie there open."""

from __future__ import annotations

import pytest
from sqlalchemy import Boolean, Column, Integer, LargeBinary, Text

from storage import tables  # noqa: F401 - puts every table into `metadata`
from storage.schema import BigNumber, DataClass, SealedBytes, UtcTime, metadata

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]
#: What lies open as text, each for a reason: an id that we or a channel made, a word from a list of our own (state,
#: kind, role, name of a rule or a step), a setting, a time zone, a time of day. Nothing anybody wrote.
OPEN_TEXT = {
    "address": "id person_id channel state",
    "answer": "id person_id check_in_id item",
    "audit": "actor action subject object_kind object_id detail",  # the ledger itself refuses words
    "care_case": "id person_id state holder_id speaker_id paged out",
    "case_fact": "id case_id person_id kind by",
    "check_in": "id person_id local_date state conversation",
    "desk": "person_id asks case_id speaking_case_id",
    "follow_up": "id case_id person_id kind owner_id state outcome done_by",
    "inbox": "id channel external_id person_id kind state erase",
    "invite": "person_id channel",
    "outbox": "id person_id subject_id address_id state content question ref page replaces sender_id room mark erase",
    "pager_code": "address_id",
    "person": "id role status language zone therapist_id check_in_at hours plan_id address_id",
    "person_name": "person_id",
    "plan": "id person_id made_by",
    "presence": "id person_id kind local_date",
    "setting": "key value",
    "shift": "id person_id layer hours zone",
    "signal": "id person_id case_id rule category explain",  # the clinic's own words about its rule
    "subject_key": "subject kek_id",
    "talk": "person_id state",
    "timer": "person_id kind key data",
    "total": "id person_id instrument",
}
#: Bytes that are neither sealed nor words: keyed marks to look things up by, wrapped keys, hashes.
OPEN_BYTES = {
    "address.mark": DataClass.BLIND,
    "pager_code.mark": DataClass.BLIND,
    "person_name.word": DataClass.BLIND,
    "invite.code": DataClass.BLIND,
    "invite.used_by": DataClass.BLIND,
    "subject_key.wrapped": DataClass.KEY,
    "audit.hash": DataClass.HASH,
    "audit_head.hash": DataClass.HASH,
}
SEALED = {
    "address.place",
    "answer.value",
    "case_fact.detail",
    "case_fact.words",
    "inbox.body",
    "outbox.answer",
    "outbox.body",
    "person.profile",
    "plan.body",
    "setting.sealed",
    "signal.words",
    "total.value",
}


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_says_what_it_holds(column: Column[object]) -> None:
    """And holds it in the way that this kind of data is held."""
    data = column.info.get("data")
    assert isinstance(data, DataClass)
    assert isinstance(column.type, SealedBytes) == (data is DataClass.SEALED)
    assert isinstance(column.type, UtcTime) == (data is DataClass.TIME)


def test_what_can_hold_words_is_sealed() -> None:
    """Taking a column out of this list means that from then on it can be read without the key."""
    assert {str(column) for column in COLUMNS if column.info["data"] is DataClass.SEALED} == SEALED


def test_no_text_lies_open_that_nobody_thought_about() -> None:
    """A new column of text fails here until somebody has written down why it need not be sealed."""
    found = {str(column) for column in COLUMNS if isinstance(column.type, Text)}
    assert found == {f"{table}.{name}" for table, names in OPEN_TEXT.items() for name in names.split()}


def test_open_bytes_are_marks_keys_and_hashes() -> None:
    """None of them can be turned back into what it was made from."""
    open_bytes = [column for column in COLUMNS if isinstance(column.type, LargeBinary)]
    assert {str(column): column.info["data"] for column in open_bytes} == OPEN_BYTES


def test_all_other_columns_are_numbers_and_times() -> None:
    """No other type has been let in, such as JSON, that could hold words unnoticed."""
    known = (Text, LargeBinary, SealedBytes, UtcTime, Integer, Boolean, type(BigNumber))
    assert [str(column) for column in COLUMNS if not isinstance(column.type, known)] == []


def test_every_table_says_what_it_is_for() -> None:
    """To whoever opens the database at three in the morning."""
    assert [table.name for table in metadata.sorted_tables if not table.comment] == []
