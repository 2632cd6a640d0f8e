"""What arrived on Matrix is kept once, in order, sealed, and together with what else became true with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from nio.crypto import OlmAccount, OlmDevice
from nio.store import SqliteStore

from storage.letterbox import Letterbox, LetterboxInUse, letterbox_for


def opened(folder: Path, key: bytes = bytes(32)) -> Letterbox:
    folder.mkdir(exist_ok=True)
    return letterbox_for(key)("@bot:example.org", "DEVICE", str(folder), "a passphrase", "")


def event(number: int, sent_at: int = 0, **content: str) -> dict[str, object]:
    return {"event_id": f"${number}", "origin_server_ts": sent_at or number, "content": content}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Letterbox]:
    box = opened(tmp_path / "box")
    yield box
    box.close()


def waiting(box: Letterbox) -> list[str]:
    return [letter.event_id for letter in box.waiting()]


def test_an_event_is_kept_once_and_handed_on_in_the_order_of_writing(box: Letterbox) -> None:
    """Even when the older one came later."""
    assert box.put(event(2), "!room", "", "new", 0)
    assert box.put(event(1), "!room", "", "new", 0)
    assert not box.put(event(2), "!room", "", "new", 0)
    assert waiting(box) == ["$1", "$2"]
    box.done("$1")
    assert waiting(box) == ["$2"]
    assert not box.put(event(1), "!room", "", "new", 0)


def test_what_is_locked_waits_for_its_own_key(box: Letterbox) -> None:
    """And is read after all when the key comes late, though people were told already."""
    box.put(event(1), "!room", "key-a", "locked", 0)
    box.put(event(2), "!room", "key-b", "locked", 0)
    assert waiting(box) == []
    assert [letter.event_id for letter in box.locked("key-a")] == ["$1"]
    box.given_up("$1")
    assert [letter.state for letter in box.locked("key-a")] == ["told"]
    box.unlock("$1", event(1, body="good evening"))
    assert [letter.event["content"] for letter in box.waiting()] == [{"body": "good evening"}]


def test_a_key_that_comes_while_people_are_told_is_not_forgotten(box: Letterbox) -> None:
    """What can be read by then is handed on, and does not go back to what waits for a key that came already."""
    box.put(event(1), "!room", "key-a", "locked", 0)
    [too_long] = box.locked()
    box.unlock("$1", event(1, body="I need help"))
    box.given_up(too_long.event_id)
    assert waiting(box) == ["$1"]


def test_a_room_with_a_gap_waits_and_the_others_do_not(box: Letterbox) -> None:
    """Or what was left out would be served after what came later."""
    box.put(event(2), "!gap", "", "new", 0)
    box.put(event(3), "!whole", "", "new", 0)
    box.note_gap("!gap", "newer", "older")
    assert waiting(box) == ["$3"]
    assert box.gaps() == [("!gap", "newer", "older")]
    box.put(event(1), "!gap", "", "new", 0)
    box.gap_filled("!gap")
    assert waiting(box) == ["$1", "$2", "$3"]


def test_together_or_not_at_all(box: Letterbox) -> None:
    """The position moves with the message, or neither does."""
    with pytest.raises(LookupError):
        _breaks_off(box)
    assert waiting(box) == []
    assert box.known("position") is None


def _breaks_off(box: Letterbox) -> None:
    with box.together():
        box.put(event(1), "!room", "", "new", 0)
        box.know("position", "s1")
        raise LookupError


def test_it_is_all_there_after_a_restart_and_for_nobody_else(tmp_path: Path) -> None:
    """One process at a time; the right key; and no word lies open in the file, even of what was handed on."""
    folder = tmp_path / "box"
    box = opened(folder)
    box.put(event(1, body="quillonzarembra"), "!room", "", "new", 0)
    box.poisoned("to_device", "ValueError", {"sender": "vexlomire"})
    with pytest.raises(LetterboxInUse, match="Stop it first"):
        opened(folder)
    box.close()
    again = opened(folder)
    assert waiting(again) == ["$1"]
    assert again.poison() == [("to_device", "ValueError")]
    again.done("$1")
    again.close()
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"quillonzarembra" not in stored
    assert b"vexlomire" not in stored
    other = opened(folder, key=bytes(31) + b"\1")
    other.put(event(2), "!room", "", "new", 0)
    with pytest.raises(InvalidTag):
        other.locked() or other.known("position") or other._opened("poison", "to_device", _first_poison(other))
    other.close()


def _first_poison(box: Letterbox) -> bytes:
    return bytes(box.database.execute_sql("SELECT body FROM poison").fetchone()[0])


#: What may become of a device, one after the other.
TURNS = (
    "blacklist_device", "unblacklist_device", "verify_device", "unverify_device", "ignore_device", "unignore_device",
    "verify_device", "blacklist_device",
)  # fmt: skip
QUESTIONS = ("is_device_verified", "is_device_blacklisted", "is_device_ignored")


@pytest.fixture
def device(box: Letterbox) -> OlmDevice:
    """Somebody's phone, kept."""
    box.save_account(OlmAccount())
    phone = OlmDevice("@maya:example.org", "PHONE", {"ed25519": "one", "curve25519": "other"})
    box.save_device_keys({phone.user_id: {phone.id: phone}})
    return phone


def test_whether_a_device_is_trusted_is_what_the_disk_says(box: Letterbox, device: OlmDevice) -> None:
    """It is answered from memory. Were that ever something else, we would speak to a device that was refused."""
    for turn in TURNS:
        assert getattr(box, turn)(device)
        for question in QUESTIONS:
            assert getattr(box, question)(device) == getattr(SqliteStore, question)(box, device), (turn, question)
    loaded = box.load_device_keys()[device.user_id][device.id]  # as after a start
    assert [getattr(box, question)(loaded) for question in QUESTIONS] == [False, True, False]


def test_whether_a_device_is_trusted_is_known_without_the_disk(box: Letterbox, device: OlmDevice) -> None:
    """It is asked several times a message, and was a quarter of all that a message cost."""
    asked: list[str] = []
    box.database.connection().set_trace_callback(asked.append)
    for question in QUESTIONS:
        getattr(box, question)(device)
    box.database.connection().set_trace_callback(None)
    assert asked == []


def test_a_letter_that_the_disk_has_spoiled_is_put_aside_and_holds_up_nobody(box: Letterbox) -> None:
    """One bad sector must not end the channel at every start."""
    for number in (1, 2, 3):
        box.put(event(number), "!room", "", "new", 0)
    box.database.execute_sql("UPDATE letter SET body = zeroblob(60) WHERE event_id = '$2'")
    assert waiting(box) == ["$1", "$3"]
    assert waiting(box) == ["$1", "$3"]
    assert box.poison() == [("letter", "spoiled on disk")]
