"""`handrail assess`: a line in, a line out, to the letter."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.unit.cli.conftest import SCRIPT, Console, script


def lines(*given: object) -> bytes:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in given).encode()


def read(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_line_in_is_a_line_out_in_the_same_order(home: Path) -> None:
    """Other keys come out as they went in, so that a sheet of test messages keeps its numbers."""
    done = script("assess", given=lines({"text": "I am going to end it tonight", "id": 1}, {"text": "ok", "id": [2]}))
    first, second = read(done.stdout)
    assert done.returncode == 0
    assert (first["level"], first["category"], first["id"]) == ("emergency", "suicide", 1)
    assert second == {"id": [2], "level": "none", "category": "none", "signals": []}
    signal = first["signals"][0]
    assert set(signal) == {"rule", "version", "start", "end", "words", "level"}


def test_start_and_end_count_characters_of_the_given_text(home: Path) -> None:
    """Not of a tidied one: whoever marks the words in a sheet relies on it."""
    text = "😀 \uff29\uff34 is  bad… I want to d1e"
    [told] = read(script("assess", given=lines({"text": text, "lang": "en"})).stdout)
    assert told["signals"]
    for signal in told["signals"]:
        assert text[signal["start"] : signal["end"]] == signal["words"]


BAD = [
    "not json",
    "[]",
    '"text"',
    '{"txt": "x"}',
    '{"text": 5}',
    '{"text": "a", "lang": 5}',
    '{"text": NaN}',
    "[" * 9999,
]


def test_a_bad_line_is_told_by_its_number_and_the_others_go_on(home: Path) -> None:
    """One slip in a hundred thousand lines must not cost the rest."""
    given = [line for bad in BAD for line in ({"text": "fine"}, bad)]
    done = script("assess", given=lines(*given))
    assert done.returncode == 1
    assert [one["line"] for one in read(done.stderr)] == [2 + 2 * number for number in range(len(BAD))]
    assert len(read(done.stdout)) == len(BAD)


def test_bytes_that_are_no_text_are_a_bad_line(home: Path) -> None:
    """A file in another encoding."""
    done = script("assess", given=b'{"text": "\xff\xfe"}\n{"text": "caf\xc3\xa9 \\ud800"}\n')
    assert done.returncode == 1
    assert json.loads(done.stderr)["line"] == 1
    assert len(read(done.stdout)) == 1


def test_each_answer_is_there_before_the_next_question(home: Path) -> None:
    """As a pipe: another program writes a line, waits for the answer, and writes the next."""
    with subprocess.Popen([str(SCRIPT), "assess"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pipe:
        assert pipe.stdin is not None
        assert pipe.stdout is not None
        for text, level in (("hello", "none"), ("I want to kill myself", "urgent"), ("hello", "none")):
            pipe.stdin.write(lines({"text": text}))
            pipe.stdin.flush()
            assert json.loads(pipe.stdout.readline())["level"] == level
        pipe.stdin.close()
        assert pipe.wait(10) == 0


def test_somebody_who_reads_only_the_first_line_gets_no_traceback(home: Path) -> None:
    """`handrail assess < file | head -1`."""
    (home / "many.jsonl").write_bytes(lines(*[{"text": "hello"}] * 5000))
    pipe = f"{SCRIPT} assess < many.jsonl | head -1"
    done = subprocess.run(["sh", "-c", pipe], capture_output=True, check=False)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


def test_one_message_in_words(console: Console) -> None:
    """The rule, its version, the words and the sentence a therapist would read."""
    said = console("assess", "--text", "I am going to end it tonight")
    assert said.status == 0
    assert said.out.startswith("emergency (suicide)")
    assert "“end it tonight” (characters 14 to 28)" in said.out
    assert json.loads(console("assess", "--json", "--text", "hello").out)["level"] == "none"


def test_no_rule_is_not_called_safe(console: Console) -> None:
    """Nothing here decides that a person is safe."""
    assert "does not mean that the person is safe" in console("assess", "--text", "hello").out
