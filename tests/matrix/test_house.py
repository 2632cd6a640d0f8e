"""What people do in rooms besides answering: they quote, edit, send voices, leave, read, and change rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from nio import RoomEncryptedFile
from nio.crypto.attachments import decrypt_attachment
from sqlalchemy import text

from bot.channels.base import Inbound
from flows.phi import Phi
from storage.people import keep_plan
from tests.support.apps import StockApp, stock_app
from tests.support.clinic import NINE, Clinic, Signup, clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
#: What an encrypted file looks like in a room; nobody fetches it.
FILE = {
    "url": "mxc://localhost/x",
    "iv": "w+sE15fzSc0AAAAAAAAAAA",
    "hashes": {"sha256": "fdSLu/YkRx3Wyh3KQabP3rd6+SFiKg5lsJZQHtkSAYA"},
    "key": {
        "alg": "A256CTR",
        "ext": True,
        "k": "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0",
        "key_ops": ["decrypt"],
        "kty": "oct",
    },
    "v": "v2",
}


@pytest.fixture
async def people(signup: Signup) -> AsyncIterator[Clinic]:
    async with clinic(signup, lambda maya: stock_app(signup.server, maya, signup.folder / "maya")) as made:
        yield made


def app(one: Any) -> StockApp:
    assert isinstance(one, StockApp)
    return one


async def sends(one: StockApp, kind: str, content: dict[str, Any]) -> str:
    answer = await one.client.room_send(one.room, kind, content, ignore_unverified_devices=True)
    return str(answer.event_id)


async def until(done: Callable[[], object]) -> None:
    for _ in range(200):
        if done():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came true")


def ask(people: Clinic, question: str) -> Any:
    with people.program.store.engine.connect() as connection:
        return connection.execute(text(question)).scalar()


async def test_a_voice_message_a_sticker_and_a_call_are_answered_in_words(people: Clinic) -> None:
    """Each in its own words, and never by silence."""
    maya = app(people.maya)
    await maya.opens(people.bot_id)
    for content, words in (
        ({"msgtype": "m.audio", "body": "voice.ogg", "file": FILE}, "voice messages"),
        ({"msgtype": "m.image", "body": "x.png", "file": FILE}, "pictures"),
        ({"msgtype": "m.file", "body": "not as any schema wants it"}, "open files"),
    ):
        await sends(maya, "m.room.message", content)
        await maya.reads(words)
    await sends(maya, "m.sticker", {"body": "a cat", "url": "mxc://localhost/x", "info": {}})
    await maya.reads("stickers")
    await sends(
        maya, "m.call.invite", {"call_id": "1", "version": 1, "lifetime": 9, "offer": {"type": "offer", "sdp": ""}}
    )
    await maya.reads("cannot take calls")


async def test_a_cry_for_help_under_a_picture_is_heard(people: Clinic) -> None:
    """It was taken for the name of a file. The picture itself is answered as well."""
    maya = app(people.maya)
    await maya.opens(people.bot_id)
    picture = {"msgtype": "m.image", "filename": "x.png", "body": "I am going to end it tonight", "file": FILE}
    await sends(maya, "m.room.message", picture)
    await maya.reads("Call 911")
    await maya.reads("pictures")
    await people.ana.reads("needs you")


async def test_that_a_reaction_is_not_private_is_said_once(people: Clinic) -> None:
    """It went over the wire for everybody to read."""
    maya = app(people.maya)
    await maya.opens(people.bot_id)
    event = await sends(maya, "m.room.message", {"msgtype": "m.text", "body": "hello"})
    await maya.reads("kept this for your team")
    for key in ("👍", "❤"):
        relation = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}}
        await sends(maya, "m.reaction", relation)
    await maya.reads("Reactions are not private")
    await maya.says("thank you")
    await maya.reads("kept this")
    assert sum("Reactions" in one for one in maya.seen) == 1


async def test_an_edited_answer_and_a_quoted_question_are_read_rightly(signup: Signup) -> None:
    """An edit puts right what it edits, a quoted question gets its own answer, and neither answers the next one."""
    made = clinic(signup, lambda maya: stock_app(signup.server, maya, signup.folder / "maya"), starts=NINE)
    async with made as people:
        maya = app(people.maya)
        await maya.reads("How is your mood")
        mood = await sends(maya, "m.room.message", {"msgtype": "m.text", "body": "1"})
        await maya.reads("Noted: 1.")
        await sends(
            maya,
            "m.room.message",
            {
                "msgtype": "m.text",
                "body": "* 6",
                "m.new_content": {"msgtype": "m.text", "body": "6"},
                "m.relates_to": {"rel_type": "m.replace", "event_id": mood},
            },
        )
        await maya.reads("changed that answer")
        assert ask(people, "select count(*) from answer where item = 'check_in.mood'") == 2
        assert ask(people, "select count(*) from answer where item = 'check_in.anxiety'") == 0
        asked = next(one for one in await maya_sees(maya) if "How is your mood" in one.body)
        quoting = {"m.relates_to": {"m.in_reply_to": {"event_id": asked.event_id}}}
        body = f"> <{people.bot_id}> {asked.body.splitlines()[0]}\n\n4"
        await sends(maya, "m.room.message", {"msgtype": "m.text", "body": body, **quoting})
        await maya.reads("changed that answer")
        assert ask(people, "select count(*) from answer where item = 'check_in.mood'") == 3
        assert ask(people, "select count(*) from answer where item = 'check_in.anxiety'") == 0


async def maya_sees(maya: StockApp) -> list[Any]:
    answer = await maya.client.room_messages(maya.room, limit=50)
    return [one for one in answer.chunk if hasattr(one, "body")]


async def test_a_page_that_was_read_is_a_hint_and_stops_nothing(people: Clinic) -> None:
    """Reading is not taking: the ladder goes on, and whoever looks at the case sees both."""
    maya, ana = app(people.maya), app(people.ana)
    await maya.opens(people.bot_id)
    await maya.says("I am going to end it tonight")
    await ana.reads("needs you")
    page = next(one for one in await maya_sees(ana) if "needs you" in one.body)
    await ana.client.update_receipt_marker(ana.room, page.event_id)
    await until(lambda: ask(people, "select count(*) from case_fact where kind = 'page_read'"))
    assert ask(people, "select count(*) from outbox where page is not null and shown_at is not null") == 1
    assert ask(people, "select state from care_case") == "open"


async def test_somebody_who_leaves_is_missed_and_their_coming_back_is_told(people: Clinic) -> None:
    """Their therapist hears of both, once each; and what is said next reaches them in the room where they are now."""
    maya, ana = app(people.maya), app(people.ana)
    await maya.opens(people.bot_id)
    await maya.says("hello")
    await maya.reads("kept this")
    await maya.client.room_leave(maya.room)
    await ana.reads("Maya has left the conversation")
    await maya.opens(people.bot_id)
    await maya.says("I am here again")
    await maya.reads("kept this")
    await ana.reads("Maya is back in the conversation")
    await maya.says("and again")
    await maya.reads("kept this")
    assert sum("is back" in one for one in ana.seen) == 1


async def test_a_room_that_is_not_encrypted_is_left_with_one_line(people: Clinic) -> None:
    """Nothing private was said in it, and whoever asked us knows why we went and what to do in danger."""
    maya = app(people.maya)
    made = await maya.client.room_create(is_direct=True, invite=[people.bot_id])
    maya.room = made.room_id
    line = await maya.reads("encrypted room")
    assert "911" in line
    await until_gone(maya, people.bot_id)
    assert sum("encrypted room" in one for one in maya.seen) == 1


async def until_gone(maya: StockApp, bot_id: str) -> None:
    for _ in range(100):
        await maya.look()
        if bot_id not in maya.client.rooms[maya.room].users:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("we stayed")


async def test_a_crisis_in_a_room_that_is_not_encrypted_is_heard_and_answered_in_one_that_is(people: Clinic) -> None:
    """Whoever is in danger chose no room."""
    maya, ana = app(people.maya), app(people.ana)
    made = await maya.client.room_create(is_direct=True, invite=[people.bot_id])
    for _ in range(100):
        await maya.look()
        if people.bot_id in maya.client.rooms[made.room_id].users:
            break
        await asyncio.sleep(0.1)
    await maya.client.room_send(
        made.room_id, "m.room.message", {"msgtype": "m.text", "body": "I am going to end it tonight"}
    )
    await ana.reads("needs you")
    await maya.reads("Call 911")
    assert maya.room != made.room_id


async def test_staff_are_obeyed_only_where_nobody_else_could_have_said_it(people: Clinic) -> None:
    """In the clear, a homeserver could take a case in a therapist's name, and nobody would go."""
    maya, ana = app(people.maya), app(people.ana)
    await maya.opens(people.bot_id)
    await maya.says("I am going to end it tonight")
    await ana.reads("needs you")
    where = f"/_matrix/client/v3/rooms/{ana.room}/send/m.room.message/clear"
    headers = {"Authorization": f"Bearer {ana.client.access_token}", "Content-Type": "application/json"}
    await ana.client.send("PUT", where, '{"msgtype": "m.text", "body": "1"}', headers)
    await ana.reads("came unencrypted")
    assert ask(people, "select state from care_case") == "open"
    await ana.says("1")
    await ana.reads("Maya Rivers")


async def test_a_room_that_was_upgraded_is_followed(people: Clinic) -> None:
    """The conversation goes on in the new one, and the old one is left."""
    maya = app(people.maya)
    await maya.opens(people.bot_id)
    await maya.says("hello")
    await maya.reads("kept this")
    old = maya.room
    headers = {"Authorization": f"Bearer {maya.client.access_token}", "Content-Type": "application/json"}
    answer = await maya.client.send("POST", f"/_matrix/client/v3/rooms/{old}/upgrade", '{"new_version": "11"}', headers)
    maya.room = (await answer.json())["replacement_room"]
    await maya.client.room_invite(maya.room, people.bot_id)
    for _ in range(200):
        await maya.look()
        new = maya.client.rooms.get(maya.room)
        if new is not None and new.encrypted and people.bot_id in new.users and not new.invited_users:
            break
        await asyncio.sleep(0.1)
    await maya.says("hello again")
    await maya.reads("kept this")
    assert people.bot_id not in maya.client.rooms[old].users
    assert ask(people, "select count(*) from inbox where kind = 'text'") == 2


async def test_put_out_of_a_room_we_make_another(people: Clinic) -> None:
    """Whatever happened there, what is said next must reach its person."""
    maya = app(people.maya)
    await maya.opens(people.bot_id)
    await maya.says("hello")
    await maya.reads("kept this")
    old = maya.room
    await maya.client.room_kick(old, people.bot_id)
    ana = app(people.ana)
    await ana.reads("has left the conversation")
    elsewhere = Inbound("matrix", "$elsewhere", maya.client.user_id, "text", Phi("one more thing"))
    await people.program.receive(elsewhere)
    await maya.reads("kept this")
    assert maya.room != old


async def test_a_poll_for_who_wished_it_is_answered_by_a_vote(signup: Signup) -> None:
    """The text comes all the same, because apps do not ring for a poll; the last vote counts."""
    made = clinic(signup, lambda maya: stock_app(signup.server, maya, signup.folder / "maya"), starts=NINE)
    async with made as people:
        maya = app(people.maya)
        await maya.reads("How is your mood")
        await maya.says("polls")
        await maya.reads("questions come as one too")
        await maya.says("6")
        await maya.reads("tense or anxious")
        poll = await shown(maya, lambda one: one.source.get("type") == "org.matrix.msc3381.poll.start")
        choices = poll.source["content"]["org.matrix.msc3381.poll.start"]["answers"]
        assert [one["id"] for one in choices][:3] == ["0", "1", "2"]
        for answer in ("8", "2"):
            await sends(
                maya,
                "org.matrix.msc3381.poll.response",
                {
                    "m.relates_to": {"rel_type": "m.reference", "event_id": poll.event_id},
                    "org.matrix.msc3381.poll.response": {"answers": [answer]},
                },
            )
        await maya.reads("Any thoughts today")
        await until(lambda: ask(people, "select count(*) from answer where item = 'check_in.anxiety'") == 2)


async def shown(maya: StockApp, wanted: Callable[[Any], bool]) -> Any:
    """The newest event in her room that is wanted, once there is one."""
    for _ in range(100):
        answer = await maya.client.room_messages(maya.room, limit=20)
        for one in answer.chunk:
            if wanted(one):
                return one
        await asyncio.sleep(0.1)
    raise AssertionError("it never came")


async def test_the_plan_is_had_as_a_file_that_only_its_owner_opens(people: Clinic) -> None:
    """For a phone without a network, or for paper. The homeserver keeps something that says nothing."""
    maya = app(people.maya)
    store = people.program.store
    with store.begin(people.program.clock.now()) as unit:
        keep_plan(unit, "maya", {"internal_coping": ["play the guitar"]}, "ana")
    await maya.opens(people.bot_id)
    await maya.says("card")
    await maya.reads("as a file to keep")
    event = await shown(maya, lambda one: isinstance(one, RoomEncryptedFile))
    sealed = (await maya.client.download(event.url)).body
    assert b"guitar" not in sealed
    plain = decrypt_attachment(sealed, event.key["k"], event.hashes["sha256"], event.iv)
    assert b"play the guitar" in plain
    assert b"911" in plain
    assert event.body == "card.txt"
