"""`handrail assess --eval`: labelled messages in, figures out; the misses in a file of their own."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Console

FINE = {"text": "I want to die", "lang": "en", "label": "urgent", "category": "suicide", "phenomenon": "direct"}
QUIET = {"text": "ok, see you at group", "lang": "en", "label": "none", "category": "none", "phenomenon": "admin"}
MISSED = {**FINE, "text": "the green of the third bottle", "label": "emergency", "phenomenon": "indirect"}


def write(home: Path, *messages: Any, name: str = "labelled.jsonl") -> str:
    lines = [one if isinstance(one, str) else json.dumps({"id": f"{name}{n}", **one}) for n, one in enumerate(messages)]
    (home / name).write_text("\n".join(lines) + "\n")
    return name


def test_the_table_says_how_many_of_how_many(console: Console) -> None:
    """A share without its number is no figure."""
    said = console("assess", "--eval", write(console.home, FINE, QUIET, MISSED))
    assert said.status == 0
    assert "3 messages: 1 none, 0 watch, 1 urgent, 1 emergency." in said.out
    recall = next(line for line in said.out.splitlines() if line.startswith("  crisis (urgent, emergency) that alerts"))
    assert recall.split()[-6:] == ["2", "50.00", "%", "9.45", "to", "90.55"]


def test_no_message_stands_in_the_table(console: Console) -> None:
    """Figures are passed around; what somebody wrote is not."""
    said = console("assess", "--eval", write(console.home, FINE, QUIET, MISSED))
    for one in (FINE, QUIET, MISSED):
        assert one["text"] not in said.both


def test_several_files_are_one(console: Console) -> None:
    """English in one, Spanish in another."""
    spanish = {**FINE, "text": "me quiero morir", "lang": "es"}
    first, second = write(console.home, FINE), write(console.home, spanish, name="es.jsonl")
    said = console("assess", "--eval", first, "--eval", second)
    assert "2 messages" in said.out
    assert "Language en" in said.out
    assert "Language es" in said.out


def test_ordinary_talk_alone_shows_how_often_it_alerts(console: Console) -> None:
    """The daily rate: to two decimals, because it has to be small."""
    said = console("assess", "--eval", write(console.home, *[QUIET] * 399, {**QUIET, "text": "I want to die"}))
    assert "none that alerts (false alarm)" in said.out
    assert "0.25 %" in said.out
    assert "crisis" not in said.out


def test_the_misses_are_in_a_file_that_nobody_else_can_read(console: Console) -> None:
    """They hold what people wrote, and the rules that fired, for whoever works on the words."""
    wrong = {**QUIET, "text": "I want to die laughing, I want to kill myself"}
    said = console("assess", "--eval", write(console.home, FINE, MISSED, wrong), "--misses", "misses.jsonl")
    path = console.home / "misses.jsonl"
    missed, alarmed = [json.loads(line) for line in path.read_text().splitlines()]
    assert "2 messages not given as labelled: misses.jsonl" in said.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (missed["wrong"], missed["label"], missed["given"]) == ("missed", "emergency", "none")
    assert (missed["text"], missed["rules"]) == (MISSED["text"], [])
    assert (alarmed["wrong"], alarmed["phenomenon"]) == ("false alarm", "admin")
    assert {rule["level"] for rule in alarmed["rules"]} >= {"urgent"}


def test_a_machine_gets_the_same_figures(console: Console) -> None:
    """So that a programme can watch them over the years."""
    said = console("assess", "--json", "--eval", write(console.home, FINE, MISSED))
    first = json.loads(said.out.splitlines()[0])
    assert first["what"] == "crisis (urgent, emergency) that alerts"
    assert (first["hits"], first["n"], first["share"]) == (1, 2, 0.5)
    assert first["low"] < 0.5 < first["high"]


BAD = {
    "no json": "This is not JSON",
    "[]": "no object",
    json.dumps({"id": "x", **FINE, "text": 5}): 'needs "text"',
    json.dumps(FINE): 'needs "id"',
    json.dumps({"id": "x", **FINE, "label": "severe"}): "none, watch, urgent, emergency",
    json.dumps({"id": "x", **FINE, "category": "sadness"}): "acute_distress",
    json.dumps({"id": "x", **FINE, "category": "none"}): 'exactly when the "label" is "none"',
    json.dumps({"id": "x", **QUIET, "category": "suicide"}): 'exactly when the "label" is "none"',
    json.dumps({"id": "labelled.jsonl0", **FINE}): 'has this "id" already',
    "[" * 9999: "cannot be read",
}


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_is_told_by_its_number_and_nothing_is_printed(console: Console, line: str) -> None:
    """Half a table would be taken for a whole one, and an error must not repeat what somebody wrote."""
    said = console("assess", "--eval", write(console.home, FINE, "", line, MISSED), "--misses", "misses.jsonl")
    assert said.status == 1
    assert said.out == ""
    assert "labelled.jsonl, line 3" in said.err
    assert BAD[line] in said.err
    assert FINE["text"] not in said.err
    assert not (console.home / "misses.jsonl").exists()


def test_all_bad_lines_are_told_at_once(console: Console) -> None:
    """Whoever mends them mends them in one go."""
    said = console("assess", "--eval", write(console.home, "a", FINE, "b"))
    assert "line 1" in said.err
    assert "line 3" in said.err


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_file_without_messages_is_told(console: Console, content: bytes) -> None:
    """An empty table would look like a very good one."""
    (console.home / "empty.jsonl").write_bytes(content)
    said = console("assess", "--eval", "empty.jsonl")
    assert (said.status, said.out) == (1, "")
    assert "There are no messages in it." in said.err


def test_a_file_that_is_not_there_is_named(console: Console) -> None:
    """A slip of the finger."""
    said = console("assess", "--eval", "nowhere.jsonl")
    assert said.status == 1
    assert "nowhere.jsonl" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("--misses", "m.jsonl"),
        ("--eval", "labelled.jsonl", "--text", "x"),
        ("--eval", "labelled.jsonl", "--lang", "en"),
        ("--eval", "labelled.jsonl", "--misses", "labelled.jsonl"),
    ],
)
def test_what_does_not_go_together_is_refused(console: Console, words: tuple[str, ...]) -> None:
    """Above all, the labelled messages are never written over by their own misses."""
    write(console.home, FINE)
    before = (console.home / "labelled.jsonl").read_bytes()
    assert console("assess", *words).status == 2
    assert (console.home / "labelled.jsonl").read_bytes() == before
