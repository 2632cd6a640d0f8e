"""State machines are tables, and their pictures in flows/README.md are drawn from them."""

from __future__ import annotations

from pathlib import Path

import pytest

import flows
from flows.case import CASES
from flows.check_in import CHECK_INS
from flows.errors import IllegalTransition
from flows.machine import Table
from flows.walk import WALKS

TABLES = [CASES, CHECK_INS, WALKS]
README = Path(flows.__file__).parent / "README.md"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_the_picture_in_the_readme_is_the_table(table: Table) -> None:
    """A picture that lies is worse than none."""
    assert f"```mermaid\n{table.picture()}\n```" in README.read_text(), table.picture()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_every_state_can_be_reached_from_the_first(table: Table) -> None:
    """A state that nothing leads to is a mistake in the table."""
    entries = {"direct", table.initial} if table is WALKS else {table.initial}
    reached = set(entries)
    for _ in table.rows:
        reached |= {end for _, start, end, _ in table.rows if start in reached}
    assert reached == set(table.states)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_one_trigger_leads_to_one_place(table: Table) -> None:
    """Twice the same trigger from the same state would be decided by the order of lines."""
    pairs = [(trigger, start) for trigger, start, _, _ in table.rows]
    assert len(pairs) == len(set(pairs))


def test_a_move_that_is_not_in_the_table_is_refused_in_words() -> None:
    """Whoever reads the error knows what was tried."""
    with pytest.raises(IllegalTransition, match="A case that is closed cannot acknowledge"):
        CASES.move("closed", "acknowledge")
