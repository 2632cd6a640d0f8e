"""The way in: what is said to somebody who types a command, right or wrong."""

from __future__ import annotations

import json

import pytest

from bot.cli import COMMANDS, main
from tests.unit.cli.conftest import Console, script


def test_help_names_every_command(console: Console) -> None:
    """And imports none of them, so that it is there at once."""
    said = console("--help")
    assert said.status == 0
    assert all(name in said.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(console: Console, name: str) -> None:
    """A command that cannot even be imported would be found out here."""
    said = console(name, "--help")
    assert said.status == 0
    assert said.out.startswith(f"Usage: handrail {name}")


def test_a_mistyped_command_is_guessed(console: Console) -> None:
    """Used wrongly is 2, and says what was probably meant."""
    said = console("docter")
    assert said.status == 2
    assert 'There is no command "docter". Did you mean "doctor"?' in said.err


def test_a_mistyped_option_is_wrong_use(console: Console) -> None:
    """Nothing runs with half of what was asked for."""
    assert console("doctor", "--jsn").status == 2


@pytest.mark.parametrize("words", [["demo", "--text", "nightfal"], ["demo", "--story", "nightfal"]])
def test_an_unknown_story_is_wrong_use(console: Console, words: list[str]) -> None:
    """The demo begins with a list to choose from, not with a guess."""
    said = console(*words)
    assert said.status == 2
    assert 'There is no story "nightfal".' in said.err


def test_a_story_that_was_nearly_named_is_guessed(console: Console) -> None:
    """With the list of all."""
    said = console("demo", "--text", "ordinary-evning")
    assert 'Did you mean "ordinary-evening"?' in said.err
    assert "\n  panic " in said.err


def test_a_story_is_told_as_text(console: Console) -> None:
    """For terminals, and for whoever cannot open a page."""
    said = console("demo", "--text", "ordinary-evening")
    assert (said.status, said.err) == (0, "")
    assert "Maya" in said.out


def test_without_a_terminal_there_is_no_colour(programme: object) -> None:
    """What goes into a file is text, even where somebody's environment asks for colour."""
    done = script("doctor", FORCE_COLOR="1", CLICOLOR_FORCE="1")
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


def test_a_fault_of_ours_tells_its_place_and_nobodys_words(
    console: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """One line, the way to the details, and not a word of what was being read."""

    def breaks(*_: object) -> None:
        raise ValueError("I want to end it all")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("bot.commands.check.check", breaks, raising=False)
    __import__("bot.commands.check")
    monkeypatch.setattr("bot.commands.check.check", breaks)
    said = console("check")
    assert said.status == 1
    assert said.err.count("\n") == 1
    assert "Handrail broke: ValueError" in said.err
    written = next(console.home.glob("handrail-broke-*.txt")).read_text()
    assert "bot/commands/check.py" in written
    assert "end it all" not in said.both + written


# -- check ---------------------------------------------------------------------------------------------------------


def test_check_says_file_and_line(console: Console) -> None:
    """A misspelt setting is never silently ignored."""
    folder = console.home / "handrail"
    folder.mkdir()
    (folder / "handrail.toml").write_text('[programme]\nzon = "America/Chicago"\n')
    said = console("check")
    assert said.status == 1
    assert "handrail/handrail.toml, line 2" in said.out
    assert 'Did you mean "zone"?' in said.out
    assert console("check", "handrail").out == said.out
    [first] = [json.loads(line) for line in console("check", "--json").out.splitlines()]
    assert (first["file"], first["line"]) == ("handrail/handrail.toml", 2)


def test_check_of_no_folder_is_wrong_use(console: Console) -> None:
    """A mistyped folder must not look like a programme in which nothing is wrong."""
    said = console("check", "hanrdail")
    assert said.status == 2
    assert "There is no folder hanrdail." in said.err


def test_check_tells_what_a_language_is_missing(console: Console) -> None:
    """For whoever begins a translation: everything."""
    said = console("check", "--missing", "xh")
    assert said.status == 1
    assert "config/content/xh/crisis.yaml" in said.out
    assert console("check", "--missing", "spanish").status == 2


# -- rehearse ------------------------------------------------------------------------------------------------------

REHEARSAL = """\
starts: 2026-03-10 21:00
people:
  maya: {role: participant, name: Maya Rivers}
  jo: {role: therapist, on_call: primary}
script:
  - maya says: I am going to end it tonight
  - maya sees: "WHAT"
"""


@pytest.mark.parametrize(("what", "status"), [("988", 0), ("no such words", 1)])
def test_rehearse_says_by_its_status_whether_it_held(console: Console, what: str, status: int) -> None:
    """A clinic's pipeline reads nothing else."""
    (console.home / "evening.yaml").write_text(REHEARSAL.replace("WHAT", what))
    assert console("rehearse", "evening.yaml").status == status


def test_rehearse_writes_only_json_to_stdout(console: Console) -> None:
    """What the program logs meanwhile must not fall between the lines."""
    (console.home / "evening.yaml").write_text(REHEARSAL.replace("WHAT", "988"))
    for line in console("rehearse", "--json", "evening.yaml").out.splitlines():
        json.loads(line)


def test_rehearse_of_a_wrong_file_is_2(console: Console) -> None:
    """File, line, what to write instead."""
    (console.home / "evening.yaml").write_text(REHEARSAL.replace("maya sees", "maya seees"))
    said = console("rehearse", "evening.yaml")
    assert said.status == 2
    assert "evening.yaml, line 7" in said.err


def test_a_mistake_in_the_programmes_files_is_told_without_a_traceback(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the command itself does not expect it."""
    folder = console.home / "handrail"
    folder.mkdir()
    (folder / "handrail.toml").write_text("[programme\n")
    assert main(["assess", "--text", "hello"]) == 1
    assert "handrail.toml, line 1" in capsys.readouterr().err
