"""The key file: made once, closed to others, never beside the data, and never misread."""

from __future__ import annotations

import copy
import pickle
import stat

import pytest

from storage.keyfile import (
    CREDENTIAL,
    KeyBesideData,
    KeyExists,
    KeyMalformed,
    KeyMissing,
    KeyOpenToOthers,
    MasterKey,
    make_key_file,
    read_key,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "secrets" / "handrail.key"


def test_what_was_made_is_what_is_read(path):
    """The same key, twice, from a file that only we can read, in a directory that only we can enter."""
    made = make_key_file(path)
    assert read_key(path).id == made.id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_key_is_another(tmp_path):
    """From the system's own source of chance."""
    assert make_key_file(tmp_path / "a" / "key").id != make_key_file(tmp_path / "b" / "key").id


def test_an_old_key_is_never_written_over(path):
    """Everything sealed with it would be lost."""
    made = make_key_file(path)
    with pytest.raises(KeyExists, match="lost"):
        make_key_file(path)
    assert read_key(path).id == made.id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_open_to_others_is_refused_with_the_command_that_closes_it(path, mode):
    """Ready to paste."""
    make_key_file(path)
    path.chmod(mode)
    with pytest.raises(KeyOpenToOthers, match=f"chmod 600 {path}"):
        read_key(path)


@pytest.mark.parametrize("mode", [0o750, 0o701])
def test_a_directory_open_to_others_is_refused(path, mode):
    """Whoever may write there may put another key in its place."""
    make_key_file(path)
    path.parent.chmod(mode)
    with pytest.raises(KeyOpenToOthers, match=f"chmod 700 {path.parent}"):
        read_key(path)
    path.unlink()
    with pytest.raises(KeyOpenToOthers):
        make_key_file(path)


@pytest.mark.parametrize("where", ["handrail.key", "keys/handrail.key", "../data/handrail.key"])
def test_a_key_beside_the_data_is_refused(tmp_path, where):
    """One stolen backup must not hold both. Below the data is beside them too."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with pytest.raises(KeyBesideData):
        make_key_file(data / where, data_dir=data)
    make_key_file(data / where)
    with pytest.raises(KeyBesideData):
        read_key(data / where, data_dir=data)


def test_a_missing_key_says_where_and_what_to_do(path):
    """New or lost: the two need different things."""
    with pytest.raises(KeyMissing, match="handrail init"):
        read_key(path)
    path.mkdir(parents=True)
    with pytest.raises(KeyMissing):
        read_key(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda text: text[:-3],
        lambda text: text[:20],
        lambda text: text.replace("handrail-key:1:", ""),
        lambda text: text.replace(":1:", ":2:"),
        lambda text: text[:15] + ("A" if text[15] != "A" else "B") + text[16:],
        lambda text: text[:15] + "!" + text[16:],
        lambda text: text.upper(),
        lambda _: "\xe9" * 60,
    ],
    ids=["empty", "cut", "cut more", "no header", "other version", "other letter", "no base64", "upper case", "noise"],
)
def test_a_damaged_key_is_refused(path, damage):
    """A key that is nearly right is a wrong key."""
    make_key_file(path)
    path.write_text(damage(path.read_text()))
    with pytest.raises(KeyMalformed):
        read_key(path)


def test_what_systemd_hands_over_comes_first(path, tmp_path):
    """Its modes are its own; without it the configured file is used."""
    made = make_key_file(path)
    given = make_key_file(tmp_path / "given" / CREDENTIAL)
    (tmp_path / "given" / CREDENTIAL).chmod(0o440)
    assert read_key(path, tmp_path / "given").id == given.id
    assert read_key(path, tmp_path / "empty").id == made.id


def test_a_key_tells_nothing():
    """Not when printed, logged, copied or pickled; and its id is not a part of it."""
    key = MasterKey(bytes(range(32)))
    assert repr(key) == str(key) == f"{key}" == "<master key>"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(key)
    assert key.id not in bytes(range(32)).hex()


def test_an_error_tells_nothing_of_the_key(path):
    """Messages end in tickets."""
    make_key_file(path)
    secret = path.read_text().split(":")[2]
    path.write_text(path.read_text()[:-3])
    with pytest.raises(KeyMalformed) as error:
        read_key(path)
    assert secret[:8] not in str(error.value)
