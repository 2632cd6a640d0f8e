"""The kinds of column: times that keep their moment, and columns that say what they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text, create_engine, insert, select
from sqlalchemy.exc import StatementError

from storage.schema import (
    DataClass,
    MissingDataClass,
    NaiveTime,
    SealedBytes,
    UtcTime,
    column,
    from_microseconds,
    to_microseconds,
)

zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones))  # noqa: DTZ001
def test_a_moment_stays_the_same_moment(at):
    """To the microsecond, from whatever zone; it comes back in UTC."""
    back = from_microseconds(to_microseconds(at))
    assert back == at
    assert back.tzinfo is UTC


def test_a_time_is_kept_as_its_moment_and_a_naive_one_is_refused():
    """12:00 in Karachi is 07:00 in UTC; 12:00 nowhere is nothing."""
    shelf = Table("shelf", MetaData(), Column("at", UtcTime))
    engine = create_engine("sqlite://")
    shelf.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(shelf), {"at": datetime(2025, 3, 1, 12, tzinfo=timezone(timedelta(hours=5)))})
        connection.execute(insert(shelf), {"at": None})
        assert connection.execute(select(shelf)).scalars().all() == [datetime(2025, 3, 1, 7, tzinfo=UTC), None]
        with pytest.raises(StatementError) as refusal:
            connection.execute(insert(shelf), {"at": datetime(2025, 3, 1, 12)})  # noqa: DTZ001
    assert isinstance(refusal.value.orig, NaiveTime)


def test_a_column_cannot_be_called_sealed_without_being_sealed():
    """Nor be sealed and called something else."""
    assert column("body", SealedBytes, data=DataClass.SEALED).info == {"data": DataClass.SEALED}
    for kind, data in ((Text, DataClass.SEALED), (SealedBytes, DataClass.STATE)):
        with pytest.raises(MissingDataClass):
            column("body", kind, data=data)
