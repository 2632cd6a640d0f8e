"""A hundred kills in a running evening: nothing is lost, nothing is doubled, and every page goes out.

Two evenings run side by side on two databases, so that one process starts while the other works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.conftest import KILLS, SEED
from tests.faults.evening import Plan, in_words, spend
from tests.faults.evidence import Evidence
from tests.faults.judge import QUESTIONS, judge
from tests.support.postgres import Postgres

AT_ONCE = 2
ON_POSTGRES = max(4, KILLS // 10)
pytestmark = pytest.mark.timeout(600 + 15 * KILLS)


@pytest.fixture(scope="module")
def evenings(tmp_path_factory: pytest.TempPathFactory, tell: Callable[[str], None]) -> list[Evidence]:
    """The campaign on SQLite files."""
    kills = [KILLS // AT_ONCE + (number < KILLS % AT_ONCE) for number in range(AT_ONCE)]
    plans = [Plan(tmp_path_factory.mktemp("evening") / "clinic", some) for some in kills]
    return _spent(plans, tell)


@pytest.fixture(scope="module")
def evening_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, tell: Callable[[str], None]
) -> Iterator[Evidence]:
    """A shorter one on a server."""
    with postgres.database() as url:
        plan = Plan(tmp_path_factory.mktemp("evening") / "clinic", ON_POSTGRES, url=url, participants=8)
        yield _spent([plan], tell)[0]


def _spent(plans: list[Plan], tell: Callable[[str], None]) -> list[Evidence]:
    if SEED:
        plans = [replace(plan, seed=SEED + number) for number, plan in enumerate(plans)]

    async def all_of_them() -> list[Evidence]:
        return await asyncio.gather(*(spend(plan) for plan in plans))

    spent = asyncio.run(all_of_them())
    for plan, evidence in zip(plans, spent, strict=True):
        tell(f"an evening (HANDRAIL_SEED {plan.seed}): {in_words(evidence.figures)}")
    return spent


@pytest.mark.parametrize("question", QUESTIONS)
def test_after_a_hundred_kills(evenings: list[Evidence], question: str) -> None:
    """Each of the judge's questions, over everything that people did, saw, and that is in the database."""
    for evidence in evenings:
        assert list(QUESTIONS[question](evidence)) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_after_some_kills_on_postgresql(evening_on_postgres: Evidence, question: str) -> None:
    """The same questions; the process dies, and the server under it goes on."""
    assert list(QUESTIONS[question](evening_on_postgres)) == []


def test_the_evenings_were_worth_judging(evenings: list[Evidence]) -> None:
    """Enough was killed, said, paged and climbed for the answers to mean something."""
    sums = {name: sum(one.figures[name] for one in evenings) for name in evenings[0].figures}
    assert sums["kills"] == KILLS
    assert sums["messages"] >= 4 * KILLS
    assert sums["crises"] >= KILLS / 4
    assert sums["climbs"] >= 6
    assert max(one.figures["worst page after ready"] for one in evenings) < 15


# -- the judge can fail --------------------------------------------------------------------------------------------


def _number_of(e: Evidence, table: str, wanted: Callable[[Any], bool]) -> int:
    return next(number for number, row in enumerate(e.rows[table]) if wanted(row))


def _without_a_message(e: Evidence) -> Evidence:
    return e.without("inbox", len(e.rows["inbox"]) // 2)


def _with_a_message_twice(e: Evidence) -> Evidence:
    return e.with_rows("inbox", [*e.rows["inbox"], e.rows["inbox"][3] | {"id": "another"}])


def _with_other_words(e: Evidence) -> Evidence:
    number = _number_of(e, "inbox", lambda row: row["kind"] == "text")
    rows = list(e.rows["inbox"])
    rows[number] = rows[number] | {"body": "something else"}
    return e.with_rows("inbox", rows)


def _without_a_decision(e: Evidence) -> Evidence:
    return e.without("audit", _number_of(e, "audit", lambda row: row["action"] == "handled.text"))


def _with_a_decision_twice(e: Evidence) -> Evidence:
    again = e.rows["audit"][_number_of(e, "audit", lambda row: row["action"] == "handled.text")]
    return e.with_rows("audit", [*e.rows["audit"], again])


def _without_something_shown(e: Evidence) -> Evidence:
    key = e.shown[len(e.shown) // 2].key
    return replace(e, shown=tuple(one for one in e.shown if one.key != key))


def _without_an_answer(e: Evidence) -> Evidence:
    first = next(
        row for row in e.rows["inbox"] if row["kind"] == "text" and row["person_id"] in e.programme.participants
    )
    kept = [
        row
        for row in e.rows["outbox"]
        if (row["person_id"], row["made_at"]) != (first["person_id"], first["arrived_at"])
    ]
    return e.with_rows("outbox", kept)


def _with_another_key(e: Evidence) -> Evidence:
    page = e.rows["outbox"][_number_of(e, "outbox", lambda row: bool(row["page"]))]
    return e.with_rows("outbox", [*e.rows["outbox"], page | {"id": "again", "seq": 10**9}])


def _the_other_way_round(e: Evidence) -> Evidence:
    return replace(e, shown=tuple(reversed(e.shown)))


def _without_the_pages_of_a_case(e: Evidence) -> Evidence:
    case = next(one.page[0] for one in e.shown if one.page)
    return replace(e, shown=tuple(one for one in e.shown if not one.page or one.page[0] != case))


def _without_a_signal(e: Evidence) -> Evidence:
    return e.with_rows("signal", ())


def _climbing_early(e: Evidence) -> Evidence:
    return _moved_pages(e, -1.0)


def _climbing_late(e: Evidence) -> Evidence:
    return _moved_pages(e, 60.0)


def _moved_pages(e: Evidence, by: float) -> Evidence:
    later = [
        row | {"made_at": row["made_at"] + by} if row["page"] and row["page"].endswith(" 1 0") else row
        for row in e.rows["outbox"]
    ]
    return e.with_rows("outbox", later)


def _asking_somebody_else(e: Evidence) -> Evidence:
    asked = [row | {"person_id": "oper"} if row["page"] else row for row in e.rows["outbox"]]
    return e.with_rows("outbox", asked)


def _without_a_page(e: Evidence) -> Evidence:
    sent = {row["id"] for row in e.rows["outbox"] if row["page"] and row["state"] == "sent"}
    gone = next(one.key for one in e.shown if one.key in sent)
    return replace(e, shown=tuple(one for one in e.shown if one.key != gone))


def _with_two_cases_of_one_number(e: Evidence) -> Evidence:
    return e.with_rows("care_case", [*e.rows["care_case"], e.rows["care_case"][0]])


def _with_a_check_in_twice(e: Evidence) -> Evidence:
    return e.with_rows("check_in", [*e.rows["check_in"], e.rows["check_in"][0]])


def _with_silent_check_ins(e: Evidence) -> Evidence:
    return e.with_rows("check_in", [row | {"delivered_at": None} for row in e.rows["check_in"]])


def _with_a_timer_left(e: Evidence) -> Evidence:
    left = {"person_id": "p00", "kind": "quiet", "key": "", "due_at": e.lives[-1].ready}
    return e.with_rows("timer", [*e.rows["timer"], left])


def _without_clocks(e: Evidence) -> Evidence:
    return e.with_rows("timer", ())


def _without_an_audit_entry(e: Evidence) -> Evidence:
    return e.without("audit", 5)


def _with_a_word_on_the_console(e: Evidence) -> Evidence:
    return replace(e, output=e.output + e.canaries[0].encode())


@pytest.mark.parametrize(
    ("fault", "question"),
    [
        (_without_a_message, "lost_or_doubled_arrivals"),
        (_with_a_message_twice, "lost_or_doubled_arrivals"),
        (_with_other_words, "lost_or_doubled_arrivals"),
        (_without_a_decision, "unhandled_arrivals"),
        (_with_a_decision_twice, "unhandled_arrivals"),
        (_without_something_shown, "lost_promises"),
        (_without_an_answer, "unanswered_messages"),
        (_with_another_key, "doubled_keys"),
        (_the_other_way_round, "out_of_order"),
        (_without_the_pages_of_a_case, "unpaged_crises"),
        (_without_a_signal, "unpaged_crises"),
        (_climbing_early, "ladder_off_its_clock"),
        (_climbing_late, "ladder_off_its_clock"),
        (_asking_somebody_else, "wrong_tier"),
        (_without_a_page, "unseen_pages"),
        (_with_two_cases_of_one_number, "doubled_rows"),
        (_with_a_check_in_twice, "doubled_rows"),
        (_with_silent_check_ins, "undelivered_check_ins"),
        (_with_a_timer_left, "timers_left_lying"),
        (_without_clocks, "silent_cases"),
        (_without_an_audit_entry, "broken_database"),
        (_with_a_word_on_the_console, "leaked_words"),
    ],
)
def test_the_judge_sees_a_fault(evenings: list[Evidence], fault: Callable[[Evidence], Evidence], question: str) -> None:
    """A judge that finds nothing must be one that could: each fault is put into good evidence, and found."""
    found = judge(fault(evenings[0]))
    assert question in found
