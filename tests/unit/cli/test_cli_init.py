"""`handrail init` and `handrail run`: nothing is half made, and whatever is missing is named."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.unit.cli.conftest import SCRIPT, Console, Said


def tree(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, but for what SQLite and the lock keep beside a database."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))
    }


def test_init_makes_everything_closed_to_others(console: Console) -> None:
    """Settings, key, database: each in its place, the key apart from the data."""
    said = console("init")
    folder = console.home / "handrail"
    assert said.status == 0
    assert set(tree(folder)) == {"handrail.toml", "secrets/handrail.key", "data/handrail.db"}
    modes = {name: (folder / name).stat().st_mode & 0o777 for name in ("secrets", "secrets/handrail.key", "data")}
    assert modes == {"secrets": 0o700, "secrets/handrail.key": 0o600, "data": 0o700}
    assert len(said.out.splitlines()) < 12


def test_what_init_writes_has_nothing_wrong_with_it(console: Console) -> None:
    """Every setting is there as a remark, so that a better default still reaches this programme."""
    console("init")
    written = (console.home / "handrail" / "handrail.toml").read_text()
    assert '#zone = "America/New_York"' in written
    assert console("check").status == 0


def test_twice_changes_nothing_and_says_so(console: Console) -> None:
    """People who are not sure whether they did it do it again."""
    console("init", "--people", "people.yaml")
    before = tree(console.home)
    said = console("init", "--people", "people.yaml")
    assert said.status == 0
    assert "6 people were there already" in said.out
    assert "Nothing was changed." in said.out
    assert tree(console.home) == before


def test_only_who_is_new_is_added(console: Console) -> None:
    """One file, called again when somebody joins; their therapist is known already."""
    console("init", "--people", "people.yaml")
    with (console.home / "people.yaml").open("a") as file:
        file.write("  noor: {role: participant, name: Noor Haddad, therapist: ana}\n")
    assert "Added 1 person: 1 participant." in console("init", "--people", "people.yaml").out


def test_a_mistake_in_the_people_is_told_before_anything_is_made(console: Console) -> None:
    """Nothing is half applied."""
    path = console.home / "people.yaml"
    path.write_text(path.read_text().replace("therapist: ana", "therapist: anna"))
    said = console("init", "--people", "people.yaml")
    assert said.status == 1
    assert "people.yaml, line 5" in said.err
    assert 'Did you mean "ana"?' in said.err
    assert not (console.home / "handrail").exists()


def test_a_mistake_in_the_settings_is_told_before_anything_is_made(console: Console) -> None:
    """The same."""
    (console.home / "handrail").mkdir()
    (console.home / "handrail" / "handrail.toml").write_text('[storage]\nulr = "x"\n')
    said = console("init")
    assert said.status == 1
    assert "line 2" in said.err
    assert set(tree(console.home / "handrail")) == {"handrail.toml"}


def test_a_key_beside_the_data_is_refused(console: Console) -> None:
    """One stolen copy would hold both."""
    (console.home / "handrail").mkdir()
    (console.home / "handrail" / "handrail.toml").write_text('[storage]\nkey_file = "data/handrail.key"\n')
    said = console("init")
    assert said.status == 1
    assert "lies where the data lie" in said.err
    assert set(tree(console.home / "handrail")) == {"handrail.toml"}


def test_no_new_key_is_made_for_an_old_database(console: Console, programme: Path) -> None:
    """A lost key is a lost key; a second one would only hide that."""
    (programme / "secrets" / "handrail.key").unlink()
    said = console("init")
    assert said.status == 1
    assert "There is no key file at" in said.err
    assert not (programme / "secrets" / "handrail.key").exists()


def test_a_key_made_for_a_database_that_cannot_be_is_taken_away_again(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left behind would look like the key to something."""

    def full(_engine: object) -> None:
        raise OSError(28, "No space left on device", "handrail.db")

    monkeypatch.setattr("bot.founding.upgrade", full)
    said = console("init")
    assert (said.status, said.err) == (1, "handrail.db: No space left on device.\n")
    assert not (console.home / "handrail" / "secrets" / "handrail.key").exists()
    assert not (console.home / "handrail" / "handrail.toml").exists()


def test_a_strange_file_is_not_made_into_a_database(console: Console) -> None:
    """Somebody mistyped the path."""
    (console.home / "data").mkdir()
    letter = console.home / "data" / "letter.db"
    letter.write_text("Dear clinic, " * 100)
    said = console("init", "--database", f"sqlite:///{letter}")
    assert said.status == 1
    assert "file is not a database" in said.err
    assert letter.read_text().startswith("Dear clinic")


def test_an_unreachable_server_is_told_without_its_password(console: Console) -> None:
    """And nothing is made for it."""
    said = console("init", "--database", "postgresql://u:hunter2@127.0.0.1:1/x")
    assert said.status == 1
    assert "postgresql://u@127.0.0.1:1/x cannot be used" in said.err
    assert "hunter2" not in said.both
    assert not (console.home / "handrail").exists()


def test_a_database_named_once_is_found_again(console: Console) -> None:
    """`--database` is written down with the other settings."""
    assert console("init", "--database", "sqlite:///elsewhere/h.db", "--people", "people.yaml").status == 0
    assert (console.home / "elsewhere" / "h.db").is_file()
    assert console("schedule").status == 0


def test_the_folder_may_be_called_anything(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """By `--config`, by the environment, or by standing in it."""
    assert console("init", "--config", "riverside", "--people", "people.yaml").status == 0
    assert console("schedule", "--config", "riverside").status == 0
    assert console("schedule").status == 1
    monkeypatch.setenv("HANDRAIL_CONFIG", "riverside")
    assert console("schedule").status == 0
    monkeypatch.delenv("HANDRAIL_CONFIG")
    monkeypatch.chdir(console.home / "riverside")
    assert console("schedule").status == 0


# -- what keeps it from running ------------------------------------------------------------------------------------

NEEDS_ALL = (("run",), ("schedule",), ("plan", "maya", "--as", "ana"))


@pytest.mark.parametrize("words", NEEDS_ALL)
def test_without_a_programme_the_way_to_one_is_told(console: Console, words: tuple[str, ...]) -> None:
    """And nothing is made by looking."""
    said = console(*words)
    assert said.status == 1
    assert "New here: handrail init." in said.err
    assert not (console.home / "handrail").exists()


def _lost_key(folder: Path) -> None:
    (folder / "secrets" / "handrail.key").unlink()


def _open_key(folder: Path) -> None:
    (folder / "secrets" / "handrail.key").chmod(0o644)


def _damaged_key(folder: Path) -> None:
    path = folder / "secrets" / "handrail.key"
    path.write_text(path.read_text()[:-4] + "beef\n")


def _lost_database(folder: Path) -> None:
    (folder / "data" / "handrail.db").unlink()


def _broken_settings(folder: Path) -> None:
    (folder / "handrail.toml").write_text("[programme]\nzone = 5\n")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_lost_key, "There is no key file at"),
        (_open_key, "chmod 600"),
        (_damaged_key, "is damaged or cut short"),
        (_lost_database, "There is no database at"),
        (_broken_settings, "handrail.toml, line 2"),
    ],
)
@pytest.mark.parametrize("words", NEEDS_ALL)
def test_what_is_missing_is_named_exactly(
    console: Console, programme: Path, words: tuple[str, ...], harm: object, told: str
) -> None:
    """At three in the morning nobody wants to guess."""
    assert callable(harm)
    harm(programme)
    said = console(*words)
    assert (said.status, said.out) == (1, "")
    assert told in said.err


@pytest.mark.parametrize("words", NEEDS_ALL)
def test_another_programmes_key_is_refused(console: Console, programme: Path, words: tuple[str, ...]) -> None:
    """Found out at the start, not at the first crisis."""
    console("init", "--config", "other")
    key = programme / "secrets" / "handrail.key"
    key.write_bytes((console.home / "other" / "secrets" / "handrail.key").read_bytes())
    assert "not the key that the database was sealed with" in console(*words).err


def test_the_key_may_come_from_the_service_manager(
    console: Console, programme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd's LoadCredential: its modes are its own business."""
    credentials = console.home / "credentials"
    credentials.mkdir()
    (programme / "secrets" / "handrail.key").rename(credentials / "handrail.key")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert console("schedule").status == 0


# -- running -------------------------------------------------------------------------------------------------------


def test_it_runs_until_it_is_told_to_stop_and_a_second_one_is_refused(console: Console, programme: Path) -> None:
    """Two would page people twice."""
    (programme / "handrail.toml").write_text("[server]\nport = 0\n")
    with subprocess.Popen([str(SCRIPT), "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert b"127.0.0.1" in first.stdout.readline()
        second = console("run")
        assert second.status == 1
        assert f"process {first.pid}" in second.err
        seen = console("doctor").out
        assert first.poll() is None, first.stderr
        assert f"process {first.pid}" in seen
        assert console("schedule").status == 0
        os.kill(first.pid, signal.SIGTERM)
        _, logged = first.communicate(timeout=20)
        assert first.returncode == 0
        assert b"Traceback" not in logged


def test_a_port_in_use_is_told(console: Console, programme: Path) -> None:
    """With the setting that mends it."""
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (programme / "handrail.toml").write_text(f"[server]\nport = {port}\n")
        said: Said = console("run")
    assert said.status == 1
    assert f"Port {port} is in use" in said.err
