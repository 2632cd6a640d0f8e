"""What an event of Matrix is for the line: every app writes it in its own way."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.fit import as_text
from bot.channels.matrix.reading import beside, device_key, read, replied_to
from flows.event import WORDLESS
from flows.message import Choice
from storage.letterbox import Letter


def letter(kind: str, content: object, **more: Any) -> Letter:
    event = {"type": kind, "sender": "@maya:localhost", "event_id": "$one", "content": content, **more}
    return Letter("$one", "!room", "", "new", 0, event)


def own(kind: str, **more: str) -> Letter:
    """As we put it there ourselves: from no room."""
    return Letter("$one", "", "", "new", 0, {"type": kind, "sender": "@maya:localhost", "event_id": "$one", **more})


def text(body: str, **more: Any) -> Letter:
    return letter("m.room.message", {"msgtype": "m.text", "body": body, **more})


def taken(one: Letter) -> tuple[str, str, str]:
    found = read(one, "matrix")
    assert found is not None
    return found.kind, found.body.reveal(), found.key


def test_words_are_words() -> None:
    """Whatever the app calls them."""
    for kind in ("m.text", "m.emote", "m.notice"):
        assert taken(letter("m.room.message", {"msgtype": kind, "body": "hello"})) == ("text", "hello", "")


def test_of_a_reply_only_the_answer_counts() -> None:
    """What is quoted was said by us; taken for their own words it could raise an alarm, or hide one."""
    reply = text(
        "> <@handrail:localhost> Are you safe right now?\n> 1. I'm safe\n\nno",
        **{"m.relates_to": {"m.in_reply_to": {"event_id": "$asked"}}},
    )
    assert taken(reply) == ("text", "no", "")
    assert replied_to(reply) == "$asked"
    thread = {"rel_type": "m.thread", "event_id": "$page", "is_falling_back": True}
    in_thread = text("no", **{"m.relates_to": {**thread, "m.in_reply_to": {"event_id": "$their own words"}}})
    assert replied_to(in_thread) == "$page"
    assert replied_to(text("no")) == ""


def test_what_somebody_begins_with_an_arrow_themselves_is_theirs() -> None:
    """Only what an app puts before a reply was said by somebody else: a cry for help must not go with it."""
    for words in ("> I want to die\nthat is how it is", "> I want to die\n", "> <3\nI want to die"):
        assert taken(text(words))[1] == words
        assert taken(text(words, **{"m.relates_to": {"m.in_reply_to": {"event_id": "$asked"}}}))[1] == words


def test_words_count_in_whichever_form_they_come() -> None:
    """A kind of message that we do not know, or only its formatted half."""
    assert taken(letter("m.room.message", {"msgtype": "org.app.new", "body": "I want to die"}))[1] == "I want to die"
    formatted = {"msgtype": "m.text", "formatted_body": "I <b>want</b> to&nbsp;die"}
    assert taken(letter("m.room.message", formatted))[1].split() == ["I", "want", "to", "die"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.message", {"msgtype": "m.image", "filename": "bridge.jpg", "body": "I want to die"}),
        ("m.room.message", {"msgtype": "m.audio", "filename": "voice.ogg", "body": "I want to die"}),
        ("org.matrix.msc3381.poll.start", {"org.matrix.msc1767.text": "I want to die"}),
        ("m.poll.start", {"m.text": [{"body": "I want to die"}]}),
    ],
)
def test_words_beside_a_picture_or_a_poll_are_heard(kind: str, content: dict[str, Any]) -> None:
    """A caption is where somebody may say it; and the picture is answered as well."""
    found = beside(letter(kind, content), "matrix")
    assert found is not None
    assert (found.kind, found.body.reveal(), found.external_id) == ("text", "I want to die", "$one/words")
    assert taken(letter(kind, content))[0] == "wordless"


def test_the_name_of_a_file_is_no_message() -> None:
    """Else every picture would be answered twice."""
    for more in ({}, {"filename": "x.png"}):
        content = {"msgtype": "m.image", "body": "x.png", **more}
        assert beside(letter("m.room.message", content), "matrix") is None
    assert beside(text("hello"), "matrix") is None


def test_an_edit_says_what_it_changes() -> None:
    """The star that apps put before the new words is for those who cannot show an edit."""
    edit = text(
        "* seven",
        **{
            "m.new_content": {"msgtype": "m.text", "body": "seven"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$before"},
        },
    )
    assert taken(edit) == ("edit", "seven", "$before")


@pytest.mark.parametrize(
    ("kind", "content", "what"),
    [
        ("m.room.message", {"msgtype": "m.audio", "body": "voice.ogg"}, "voice"),
        ("m.room.message", {"msgtype": "m.image", "body": "x.png"}, "picture"),
        ("m.room.message", {"msgtype": "m.video", "body": "x.mp4"}, "picture"),
        ("m.room.message", {"msgtype": "m.file", "body": "x.pdf"}, "file"),
        ("m.room.message", {"msgtype": "m.key.verification.request", "body": "…"}, "verification"),
        ("m.room.message", {"msgtype": "m.text"}, "other"),
        ("m.room.message", "not even an object", "other"),
        ("m.sticker", {"body": "a cat"}, "sticker"),
        ("m.reaction", {"m.relates_to": {"key": "👍"}}, "reaction"),
        ("m.call.invite", {"call_id": "1"}, "call"),
        ("org.matrix.msc4075.call.notify", {}, "call"),
        ("m.poll.start", {}, "other"),
        ("m.room.message", {"msgtype": "m.location", "geo_uri": "somewhere"}, "other"),
    ],
)
def test_what_has_no_words_is_named(kind: str, content: object, what: str) -> None:
    """So that it can be answered in words of its own, and never by silence."""
    assert taken(letter(kind, content)) == ("wordless", what, "")
    assert what in WORDLESS


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.message", {"msgtype": "m.location", "body": "here", "geo_uri": "geo:42.5,-73.25;u=10"}),
        ("m.beacon", {"m.location": {"uri": "geo:42.5,-73.25"}}),
        ("org.matrix.msc3672.beacon", {"org.matrix.msc3488.location": {"uri": "geo:42.5,-73.25;u=8"}}),
    ],
)
def test_a_place_is_a_place_in_every_form(kind: str, content: object) -> None:
    """A pin, or one point of a live position."""
    assert taken(letter(kind, content)) == ("location", "42.5,-73.25", "")


@pytest.mark.parametrize(
    ("kind", "chosen"),
    [
        ("org.matrix.msc3381.poll.response", {"org.matrix.msc3381.poll.response": {"answers": ["safe", "unsure"]}}),
        ("m.poll.response", {"m.selections": ["safe"]}),
    ],
)
def test_a_vote_is_an_answer_to_its_poll(kind: str, chosen: dict[str, object]) -> None:
    """Under the name of either make of app."""
    relation = {"m.relates_to": {"rel_type": "m.reference", "event_id": "$poll"}}
    assert taken(letter(kind, {**chosen, **relation})) == ("tap", "safe", "$poll")


@pytest.mark.parametrize("chosen", [[], None, {"answers": []}, {"answers": "safe"}])
def test_a_vote_taken_back_is_none(chosen: object) -> None:
    """And so is one that makes no sense."""
    content = {"org.matrix.msc3381.poll.response": chosen, "m.relates_to": {"event_id": "$poll"}}
    assert read(letter("org.matrix.msc3381.poll.response", content), "matrix") is None


@pytest.mark.parametrize("kind", ["m.call.candidates", "m.call.hangup", "m.room.redaction", "m.typing", "m.dummy"])
def test_the_small_talk_of_apps_is_not_for_the_line(kind: str) -> None:
    """A single call comes with a dozen of these; one answer is enough."""
    assert read(letter(kind, {}), "matrix") is None


def test_the_state_of_a_room_is_no_message() -> None:
    """Whatever type it says it has."""
    assert read(letter("m.room.message", {"msgtype": "m.text", "body": "x"}, state_key=""), "matrix") is None
    assert read(letter("m.room.member", {"membership": "join"}, state_key="@maya:localhost"), "matrix") is None


def test_what_nobody_can_read_is_told_under_a_name_of_its_own() -> None:
    """Should the key come after all, the words are no repeat of that."""
    locked = Letter("$one", "!room", "s", "locked", 0, {"type": "m.room.encrypted", "sender": "@maya:localhost"})
    found = read(locked, "matrix")
    assert found is not None
    assert (found.kind, found.external_id) == ("unreadable", "$one/locked")


def test_the_device_is_named_only_where_it_encrypted() -> None:
    """What came in the clear could be anybody's."""
    assert device_key(text("x")) == ""
    assert device_key(letter("m.room.message", {}, handrail={"device_key": "abc"})) == "abc"


def test_our_own_letters_are_read_as_what_they_are() -> None:
    """What was noticed, and what was read."""
    assert taken(own("handrail.noticed", what="left")) == ("noticed", "left", "")
    assert taken(own("handrail.seen", key="abc")) == ("seen", "", "abc")


@pytest.mark.parametrize("kind", ["handrail.noticed", "handrail.seen"])
def test_nobody_else_writes_our_own_letters(kind: str) -> None:
    """Anybody can send an event of any type; taken for ours, one without the rest ended the channel for good."""
    assert read(letter(kind, {}), "matrix") is None
    assert read(letter(kind, {}, what="new_identity", key="abc"), "matrix") is None


def test_answers_are_numbered_but_for_those_that_are_numbers() -> None:
    """On a scale, "4. 3" would make every 3 mean two things."""
    safe = [Choice("safe", "I'm safe"), Choice("not_safe", "I'm not safe")]
    assert as_text("Are you safe?", safe) == "Are you safe?\n\n1. I'm safe\n2. I'm not safe"
    scale = [*[Choice(str(number), str(number)) for number in range(4)], Choice("skip", "Skip")]
    assert as_text("How is your mood, from 0 to 3?", scale) == "How is your mood, from 0 to 3?\n\nSkip"
    assert as_text("Thank you.", []) == "Thank you."


def test_what_was_taken_back_before_we_saw_it_is_nothing() -> None:
    """Nobody is asked to look at a message that its writer did not want to send."""
    gone = letter("m.room.encrypted", {}, unsigned={"redacted_because": {"type": "m.room.redaction"}})
    assert read(gone, "matrix") is None


def test_an_encrypted_message_with_the_mark_of_a_state_is_not_dropped_in_silence() -> None:
    """No app sends one; whoever did meant something."""
    odd = letter("m.room.message", {"msgtype": "m.text", "body": "x"}, state_key="", handrail={"device_key": "abc"})
    assert taken(odd)[0] == "unreadable"
