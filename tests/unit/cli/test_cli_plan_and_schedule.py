"""`handrail plan` and `handrail schedule`: who may, what was changed, and what is left as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.opening import opened
from storage.audit_check import verify
from tests.unit.cli.conftest import Console

PLAN = """\
warning_signs: [not sleeping]
internal_coping:
  - walk to the river
crisis_support: ["Leo, 518-555-0122"]
"""


def actions(programme: Path) -> list[str]:
    """What the ledger says was done, in order; and that it is whole."""
    with opened(programme, None) as found, found.store.engine.connect() as connection:
        assert verify(connection, found.store.master.audit_key).ok
        return [row[0] for row in connection.exec_driver_sql("SELECT action FROM audit ORDER BY seq")]


# -- plans ---------------------------------------------------------------------------------------------------------


def test_an_operator_is_told_whose_name_is_needed(console: Console, programme: Path) -> None:
    """Whoever can open the machine has no right to somebody's plan by that."""
    said = console("plan", "maya")
    assert said.status == 2
    assert "--as NAME" in said.err
    assert "guitar" not in said.both


def test_her_own_therapist_sees_it_and_that_is_written_down(console: Console, programme: Path) -> None:
    """Every look leaves a line."""
    said = console("plan", "maya", "--as", "ana")
    assert said.status == 0
    assert "play the guitar" in said.out
    assert "version 1" in said.out
    assert actions(programme)[-2:] == ["console_command", "plan_seen"]


def test_somebody_without_a_relation_sees_nothing_and_that_is_written_down(console: Console, programme: Path) -> None:
    """The same door as on a phone."""
    said = console("plan", "maya", "--as", "lee")
    assert said.status == 1
    assert "A therapist may not see a plan for this person now. Nothing was shown or changed." in said.err
    assert "guitar" not in said.both
    assert actions(programme)[-1] == "refused"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("plan", "bob", "--as", "ana"), "There is no participant called bob."),
        (("plan", "maya", "--as", "bob"), "There is no member of staff called bob."),
        (("plan", "ana", "--as", "ana"), "There is no participant called ana."),
        (("plan", "maya", "--as", "maya"), "There is no member of staff called maya."),
    ],
)
def test_an_unknown_name_is_told(console: Console, programme: Path, words: tuple[str, ...], told: str) -> None:
    """A participant's own name opens nothing here: nobody at a console proves to be them."""
    said = console(*words)
    assert (said.status, said.err) == (1, f"{told} People are entered with handrail init --people FILE.\n")


def test_two_of_one_name_are_not_guessed(console: Console, programme: Path) -> None:
    """The wrong Maya's plan would be the worst answer."""
    with (console.home / "people.yaml").open("a") as file:
        file.write("  maya2: {role: participant, name: Maya Stone, therapist: ana}\n")
    console("init", "--people", "people.yaml")
    said = console("plan", "maya", "--as", "ana")
    assert said.status == 1
    assert "There are 2 people called maya." in said.err
    one = said.err.rsplit(": ", 1)[1].split(",")[0]
    assert console("plan", one, "--as", "ana").both
    assert console("plan", "maya stone", "--as", "ana").status == 1
    assert "no safety plan yet" in console("plan", "maya stone", "--as", "ana").out


def test_a_new_version_is_kept_and_the_same_one_is_not_kept_twice(console: Console, programme: Path) -> None:
    """Earlier versions stay."""
    (console.home / "plan.yaml").write_text(PLAN)
    assert (
        "Kept as version 2: 3 lines in 3 sections." in console("plan", "maya", "--as", "ana", "--from", "plan.yaml").out
    )
    assert "Nothing was changed." in console("plan", "maya", "--as", "ana", "--from", "plan.yaml").out
    plan = json.loads(console("plan", "maya", "--as", "kim", "--json").out)
    assert plan["version"] == 2
    assert plan["sections"]["crisis_support"] == ["Leo, 518-555-0122"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            PLAN.replace("coping", "copping"),
            "line 2\n    internal_copping:\n  There is no key",
        ),
        (PLAN.replace("walk to the river", '""'), "line 3\n"),
        ("warning_signs: []\n", "There is nothing in this plan."),
        ("- a list\n", "plan.yaml, line 1"),
    ],
)
def test_a_wrong_plan_is_told_with_its_line(console: Console, programme: Path, written: str, told: str) -> None:
    """And nothing of it is kept."""
    (console.home / "plan.yaml").write_text(written)
    said = console("plan", "maya", "--as", "ana", "--from", "plan.yaml")
    assert said.status == 1
    assert told in said.err
    assert json.loads(console("plan", "maya", "--as", "ana", "--json").out)["version"] == 1


def test_whoever_may_see_may_not_always_write(console: Console, programme: Path) -> None:
    """A supervisor leads the team of the whole programme; a director too; a therapist writes for their own people."""
    (console.home / "plan.yaml").write_text(PLAN)
    assert console("plan", "maya", "--as", "lee", "--from", "plan.yaml").status == 1
    assert json.loads(console("plan", "maya", "--as", "ana", "--json").out)["version"] == 1


# -- the rota ------------------------------------------------------------------------------------------------------


def test_the_rota_says_who_is_on_now(console: Console, programme: Path) -> None:
    """Nobody should have to work it out."""
    said = console("schedule")
    assert said.status == 0
    assert "primary: Jo Park now" in said.out
    assert "backup: Lee Ng now" in said.out


def test_a_gap_is_marked(console: Console, programme: Path) -> None:
    """And counts as something to look at."""
    assert console("schedule", "remove", "lee", "backup").status == 0
    assert console("schedule", "add", "lee", "backup", "Mon-Fri", "09:00-17:00").status == 0
    said = console("schedule")
    assert said.status == 1
    assert "nobody (gap)" in said.out
    stretches = [json.loads(line) for line in console("schedule", "--json").out.splitlines()]
    assert [] in [one["on"] for one in stretches if one["layer"] == "backup"]
    assert all(one["on"] == ["Jo Park"] for one in stretches if one["layer"] == "primary")


def test_changes_to_the_rota_happen_once(console: Console, programme: Path) -> None:
    """And say so when there was nothing to do."""
    assert "Kim Roy is on supervisor: always" in console("schedule", "add", "kim", "supervisor", "always").out
    assert "Nothing was changed." in console("schedule", "add", "kim", "supervisor", "always").out
    assert "no longer on supervisor" in console("schedule", "remove", "kim", "supervisor").out
    assert "Nothing was changed." in console("schedule", "remove", "kim", "supervisor").out
    assert actions(programme).count("shift_added") == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "jo", "bakup", "always"), 'Did you mean "backup"?'),
        (("add", "jo", "backup", "9 to 5"), "write them like Mon-Fri 09:00-17:00"),
        (("add", "jo", "backup", "always", "--zone", "America/New_Yrok"), 'Did you mean "America/New_York"?'),
        (("check-in", "maya", "25:00"), "write it like 09:00 or 21:30"),
        (("check-in", "maya", "21:00", "--zone", "Mars"), "Write it like America/New_York."),
        (("add", "jo", "backup"), "Missing argument"),
    ],
)
def test_what_was_written_wrong_is_told(console: Console, programme: Path, words: tuple[str, ...], told: str) -> None:
    """Wrong use, and what would be right."""
    said = console("schedule", *words)
    assert said.status == 2
    assert told in said.err


def test_a_participant_is_not_put_on_call(console: Console, programme: Path) -> None:
    """A slip of the keyboard must not page somebody in treatment."""
    assert console("schedule", "add", "maya", "primary", "always").status == 1


def test_a_check_in_moves(console: Console, programme: Path) -> None:
    """What becomes of today's is in `test_cli_moving.py`."""
    said = console("schedule", "check-in", "maya", "20:30", "--zone", "America/Chicago")
    assert said.status == 0
    assert "The check-in is at 20:30 (America/Chicago) from now on." in said.out
    assert "Nothing was changed." in console("schedule", "check-in", "maya", "20:30").out
