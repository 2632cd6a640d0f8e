"""What may be said of a participant on whose phone: decided in one place, and kept whatever else happens."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import privacy
from flows.message import Outbound
from flows.people import Participant
from flows.phi import Phi
from flows.policy import Role
from flows.settings import PrivacySettings, Settings
from flows.situation import Heard, Record
from tests.support.scene import Scene, staff, usual_roster

ROOT = Path(__file__).parents[3]
CANARY = "Quetzalcoatl"
CALLED = Participant("maya", Phi(f"{CANARY} Zzyzx"), "en", "UTC", therapist_id="ana")
OPEN = Settings(privacy=PrivacySettings(words_on_public_channels=True))
PRIVATE, PUBLIC = staff("ana"), staff("ana", private=False)
DECIDING = [*sorted((ROOT / "flows").glob("*.py")), ROOT / "bot" / "deciding.py", ROOT / "storage" / "cases.py"]


def asked_of(path: Path, what: str) -> list[int]:
    """The lines on which `….what` is read."""
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [one.lineno for one in found if isinstance(one, ast.Attribute) and one.attr == what]


@pytest.mark.parametrize("path", DECIDING, ids=lambda path: path.name)
def test_nobody_else_asks_whether_a_channel_is_private(path: Path) -> None:
    """Two places that decide the same thing will differ one day; then one of them leaks."""
    if path.name == "privacy.py":
        assert asked_of(path, "private")
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    private = [lines[number - 1] for number in asked_of(path, "private")]
    assert [line for line in private if "t.address.c.private" not in line and "row.private" not in line] == []


@pytest.mark.parametrize("path", DECIDING, ids=lambda path: path.name)
def test_nobody_else_opens_a_name(path: Path) -> None:
    """A name that is opened elsewhere is a name that somebody hands on."""
    source = path.read_text(encoding="utf-8")
    if path.name not in {"people.py", "privacy.py"}:
        assert ".name.reveal()" not in source
        assert "participant.first_name" not in source
        assert "person.first_name" not in source or path.name == "ladder.py"  # there they are those who work here


def test_a_name_goes_to_private_phones_alone() -> None:
    """Whatever the settings say, and whatever channel the participant is on."""
    assert privacy.full_name(PRIVATE, CALLED) == f"{CANARY} Zzyzx"
    assert privacy.first_name(PRIVATE, CALLED) == CANARY
    assert privacy.full_name(PUBLIC, CALLED) == privacy.first_name(PUBLIC, CALLED) == "this participant"
    assert privacy.full_name(None, CALLED) == "this participant"


def test_words_go_where_it_is_as_private_or_where_the_programme_says_so() -> None:
    """Who writes on Telegram is read on Telegram; who writes in an encrypted room, only with the clinic's leave."""
    elsewhere = replace(CALLED, private=False)
    assert privacy.may_quote(PRIVATE, CALLED, Settings())
    assert privacy.may_quote(PUBLIC, elsewhere, Settings())
    assert not privacy.may_quote(PUBLIC, CALLED, Settings())
    assert privacy.may_quote(PUBLIC, CALLED, OPEN)
    assert not privacy.may_quote(None, elsewhere, OPEN)


def test_what_was_made_for_a_private_phone_stays_on_one() -> None:
    """But a page tells nothing, and must arrive; and what one is told oneself is one's own."""
    down = {"written_for": True, "goes_to": False}
    assert not privacy.may_move(about_a_participant=True, is_page=False, **down)
    assert privacy.may_move(about_a_participant=True, is_page=True, **down)
    assert privacy.may_move(about_a_participant=False, is_page=False, **down)
    assert privacy.may_move(about_a_participant=True, is_page=False, written_for=True, goes_to=True)
    assert privacy.may_move(about_a_participant=True, is_page=False, written_for=False, goes_to=False)


# -- whole evenings ------------------------------------------------------------------------------------------------

WORDS = f"I want to die, says {CANARY}"
#: She is in danger; Jo, who is paged, presses "Acknowledge" and then "Take over".
TAKEN_OVER = [("says", "maya", WORDS), ("taps", "jo", 0), ("taps", "jo", 2)]
PEOPLE = ("ana", "jo", "lee", "kim", "dee")
COMMANDS = ("/cases", "/case maya", "/plan maya", "/note maya called", "/oncall", "/breakout maya", "/case 1", "hello")
HER = st.one_of(
    st.sampled_from([WORDS, f"{CANARY} again", "help", "stop", "start", "plan", "card", "hello", "/language de"]).map(
        lambda words: ("says", "maya", words)
    ),
    st.sampled_from(["voice", "picture", "sticker"]).map(lambda what: ("sends", "maya", what)),
    st.sampled_from(["left", "returned", "new_device", "new_identity"]).map(lambda what: ("notices", "maya", what)),
)
THEIRS = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(PEOPLE), st.sampled_from(COMMANDS)),
    st.tuples(st.just("taps"), st.sampled_from(PEOPLE), st.integers(0, 30)),
)
TIME = st.sampled_from([1, 10, 60, 600]).map(lambda minutes: ("waits", "", minutes))


def evening(private: bool, happenings: list[tuple[str, str, object]]) -> Scene:
    """Everybody who works here is on a public channel; she is on one that is private, or on theirs."""
    usual = usual_roster()
    scene = Scene(roster=replace(usual, staff=tuple(replace(one, private=False) for one in usual.staff)))
    scene.situation = replace(scene.situation, participant=replace(CALLED, private=private))
    for what, who, more in happenings:
        happens(scene, what, who, more)
    return scene


def happens(scene: Scene, what: str, who: str, more: object) -> None:
    if what == "waits":
        scene.wait(minutes=more)
    elif what == "says":
        scene.says(str(more), who)
    elif what == "sends":
        scene.sends(str(more))
    elif what == "notices":
        scene.is_noticed(str(more))
    else:
        seen = [(one, choice.id) for one in scene.screens.get(who, []) for choice in one.choices]
        if seen:
            message, choice = seen[int(str(more)) % len(seen)]
            scene.taps_on(message, choice, who)


def told(scene: Scene) -> list[Outbound]:
    return [one for who, screen in scene.screens.items() if who != "maya" for one in screen]


def test_the_evenings_below_do_page_and_speak() -> None:
    """Where nothing is said, nothing leaks, and nothing is shown."""
    happenings = [*TAKEN_OVER, ("says", "maya", f"{CANARY} again")]
    quoted = [one.text for one in told(evening(False, happenings)) if CANARY in one.text]
    assert quoted == [f"Case 1: {CANARY} again"]


@given(st.lists(st.one_of(HER, THEIRS, TIME), max_size=14))
def test_on_public_phones_staff_read_neither_name_nor_words(happenings: list[tuple[str, str, object]]) -> None:
    """Whoever writes in an encrypted room is not quoted outside of one, whatever happens."""
    for one in told(evening(True, [*TAKEN_OVER, *happenings])):
        assert CANARY not in one.text
        assert CANARY not in (one.room.key if one.room else "")


@given(st.lists(st.one_of(HER, THEIRS, TIME), max_size=14))
def test_on_one_public_channel_only_the_conversation_itself_holds_words(
    happenings: list[tuple[str, str, object]],
) -> None:
    """What she writes to whoever speaks with her reaches them under the number of the case; nothing else does."""
    for one in told(evening(False, [*TAKEN_OVER, *happenings])):
        assert "Zzyzx" not in one.text
        if CANARY in one.text:
            assert one.content.startswith("care.relay")
            assert one.text.startswith("Case 1")


def test_a_record_is_not_opened_for_a_public_phone() -> None:
    """Even one that lies open by mistake is not shown."""
    scene = evening(True, [("says", "maya", WORDS)])
    jo = scene.roster.member("jo")
    assert jo is not None
    assert jo.role is Role.THERAPIST
    heard = Heard(scene.now, "R", 1, scene.level, "because.", Phi(WORDS))
    scene.situation = replace(scene.situation, record=Record(heard=(heard,)))
    scene.taps("acknowledge", "jo")
    assert scene.sees("only on a private channel", "jo")
    assert not scene.sees(CANARY, "jo")
