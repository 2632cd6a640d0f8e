"""Groups, forums and who is in them."""

from __future__ import annotations

import pytest
from telegram import Bot
from telegram.constants import ReactionEmoji
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.fakes.conftest import Raw
from tests.fakes.telegram import Group, Phone, Telegram
from tests.fakes.telegram.group import USUAL
from tests.fakes.telegram.reactions import EMOJI, plain


@pytest.fixture
async def nadia(telegram: Telegram) -> Phone:
    return telegram.user("Nadia")


@pytest.fixture
async def staff(telegram: Telegram, nadia: Phone) -> Group:
    return telegram.group("Staff", forum=True, members=[nadia])


async def test_a_topic_is_made_written_to_and_answered_in(bot: Bot, staff: Group, nadia: Phone) -> None:
    """The relay in one turn: what is said in a topic says which."""
    topic = await bot.create_forum_topic(staff.id, "Case 7F3")
    sent = await bot.send_message(staff.id, "Somebody writes", message_thread_id=topic.message_thread_id)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic.message_thread_id, True)
    await nadia.says("I am here", where=staff, topic=topic.message_thread_id)
    made, said = await bot.get_updates()
    assert made.message.forum_topic_created.name == "Case 7F3"
    assert (said.message.text, said.message.message_thread_id) == ("I am here", topic.message_thread_id)
    # In a topic everything replies to its first message: a reply is not always an answer.
    assert said.message.reply_to_message.forum_topic_created
    assert [one.text for one in staff.topic(topic.message_thread_id)] == ["", "Somebody writes", "I am here"]


async def test_general_has_no_number(bot: Bot, staff: Group, nadia: Phone) -> None:
    """Naming it by its number fails (python-telegram-bot#4739); leaving the number out is how to write there."""
    sent = await bot.send_message(staff.id, "To all")
    assert (sent.message_thread_id, sent.is_topic_message) == (None, None)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(staff.id, "To all", message_thread_id=1)
    await nadia.says("Seen", where=staff)
    assert (await bot.get_updates())[-1].message.message_thread_id is None


async def test_a_deleted_topic_is_gone_and_nobody_said_so(bot: Bot, staff: Group) -> None:
    """Deleted by hand the bot hears nothing; it finds out when it writes."""
    topic = await bot.create_forum_topic(staff.id, "Case 7F3")
    await bot.get_updates(offset=-1)
    await staff.deletes_topic(topic.message_thread_id)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(staff.id, "Hello?", message_thread_id=topic.message_thread_id)
    with pytest.raises(BadRequest, match="Topic_id_invalid"):
        await bot.close_forum_topic(staff.id, topic.message_thread_id)


async def test_a_closed_topic_takes_words_only_from_who_may_open_it(bot: Bot, staff: Group) -> None:
    """And closing what is closed is refused: a repeat must take that for done."""
    topic = await staff.opens_topic("Case 7F3")
    await bot.close_forum_topic(staff.id, topic)
    with pytest.raises(BadRequest, match="Topic_not_modified"):
        await bot.close_forum_topic(staff.id, topic)
    assert await bot.send_message(staff.id, "A last word", message_thread_id=topic)
    await staff.promotes_bot(USUAL - {"can_manage_topics"})
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(staff.id, "One more", message_thread_id=topic)
    with pytest.raises(BadRequest, match="Not enough rights"):
        await bot.reopen_forum_topic(staff.id, topic)
    await staff.promotes_bot()
    assert await bot.reopen_forum_topic(staff.id, topic)
    assert await bot.edit_forum_topic(staff.id, topic, name="Case 7F3, closed")
    assert [one.name for one in staff.topics] == ["Case 7F3, closed"]
    assert await bot.delete_forum_topic(staff.id, topic)
    assert staff.topics == []


async def test_its_own_topic_the_bot_always_keeps(bot: Bot, staff: Group) -> None:
    """Whoever made a topic may close it and write in it, also after the right was taken away."""
    topic = (await bot.create_forum_topic(staff.id, "Case 7F3")).message_thread_id
    await staff.promotes_bot(USUAL - {"can_manage_topics"})
    await bot.close_forum_topic(staff.id, topic)
    assert await bot.send_message(staff.id, "A last word", message_thread_id=topic)


async def test_topics_need_a_forum_and_the_right(telegram: Telegram, bot: Bot, staff: Group) -> None:
    """Two different mistakes of whoever set the group up, told apart."""
    plain = telegram.group("Plain")
    with pytest.raises(BadRequest, match="not a forum"):
        await bot.create_forum_topic(plain.id, "Case")
    await staff.demotes_bot()
    with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
        await bot.create_forum_topic(staff.id, "Case")


async def test_copies_carry_words_and_files_but_not_who_said_it(
    telegram: Telegram, bot: Bot, staff: Group, nadia: Phone
) -> None:
    """The relay hands on by copying: no name, no link to the other chat."""
    maya = telegram.user("Maya")
    await maya.start()
    said = await maya.sends_photo(b"a picture", "my garden")
    topic = (await bot.create_forum_topic(staff.id, "Case 7F3")).message_thread_id
    copy = await bot.copy_message(staff.id, maya.id, said.id, message_thread_id=topic)
    shown = staff.topic(topic)[-1]
    assert (shown.id, shown.text, shown.by_bot) == (copy.message_id, "my garden", True)
    assert shown.content["photo"][0]["file_id"] == said.content["photo"][0]["file_id"]
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await bot.copy_message(staff.id, maya.id, 999)


async def test_a_group_that_grows_has_a_new_number(telegram: Telegram, bot: Bot) -> None:
    """The old one refuses, and says where to go."""
    group = telegram.group("Staff", supergroup=False)
    new = await group.becomes_supergroup()
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "Hello")
    assert moved.value.new_chat_id == new.id
    assert [bool(one.message.migrate_to_chat_id) for one in await bot.get_updates()] == [True, False]
    assert await bot.send_message(new.id, "Hello")


async def test_who_is_in_charge_and_who_is_there(telegram: Telegram, bot: Bot, staff: Group, nadia: Phone) -> None:
    """What a daily look at the group relies on."""
    assert await bot.get_chat_member_count(staff.id) == 3
    assert {one.status for one in await bot.get_chat_administrators(staff.id)} == {"creator", "administrator"}
    assert (await bot.get_chat_member(staff.id, nadia.id)).status == "member"
    stranger = telegram.user("Stranger")
    assert (await bot.get_chat_member(staff.id, stranger.id)).status == "left"
    assert (await bot.get_chat_member(staff.id, bot.id)).can_manage_topics
    assert (await bot.get_chat(staff.id)).is_forum


async def test_who_is_put_out_is_out(bot: Bot, staff: Group, nadia: Phone) -> None:
    """Seen in the group, and told as a change of member to whoever asked for those."""
    await bot.get_updates(allowed_updates=["chat_member"])
    assert await bot.ban_chat_member(staff.id, nadia.id)
    assert staff.members == ["Owner of Staff", "Handrail"]
    [update] = await bot.get_updates()
    assert update.chat_member.new_chat_member.status == "kicked"
    with pytest.raises(BadRequest, match="Can't remove chat owner"):
        await bot.ban_chat_member(staff.id, staff.owner.id)
    assert await bot.unban_chat_member(staff.id, nadia.id, only_if_banned=True)
    assert (await bot.get_chat_member(staff.id, nadia.id)).status == "left"


@pytest.mark.parametrize("let_in", [True, False])
async def test_a_link_may_ask_before_it_lets_in(telegram: Telegram, bot: Bot, staff: Group, let_in: bool) -> None:
    """Only who is on the list comes in, whoever passes the link on."""
    sam = telegram.user("Sam")
    link = await bot.create_chat_invite_link(staff.id, creates_join_request=True)
    await sam.follows(link.invite_link)
    request = (await bot.get_updates())[-1].chat_join_request
    assert (request.from_user.id, request.invite_link.invite_link) == (sam.id, link.invite_link)
    assert "Sam" not in staff.members
    # Who never started may be written to all the same, for as long as it is not decided.
    assert await bot.send_message(request.user_chat_id, "Who sent you?")
    await (request.approve() if let_in else request.decline())
    assert ("Sam" in staff.members) == let_in
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(sam.id, "Welcome")
    with pytest.raises(BadRequest, match="Hide_requester_missing"):
        await request.approve()


async def test_who_asks_may_be_written_to_for_five_minutes(telegram: Telegram, bot: Bot, staff: Group) -> None:
    """After that the question cannot be put any more."""
    sam = telegram.user("Sam")
    await sam.follows((await bot.create_chat_invite_link(staff.id, creates_join_request=True)).invite_link)
    telegram.clock.forward(minutes=5)
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(sam.id, "Who sent you?")


async def test_a_revoked_link_leads_nowhere(telegram: Telegram, bot: Bot, staff: Group) -> None:
    """And one that asks cannot also count."""
    link = await bot.create_chat_invite_link(staff.id)
    await bot.revoke_chat_invite_link(staff.id, link.invite_link)
    with pytest.raises(AssertionError, match="leads nowhere"):
        await telegram.user("Sam").follows(link.invite_link)
    with pytest.raises(BadRequest, match="Member limit can't be specified"):
        await bot.create_chat_invite_link(staff.id, creates_join_request=True, member_limit=1)


async def test_a_bot_that_was_removed_is_told_and_may_do_nothing(bot: Bot, staff: Group) -> None:
    """Somebody tidied up: the clinic must hear of it before the next crisis."""
    await staff.removes_bot()
    assert (await bot.get_updates())[-1].my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(staff.id, "Hello")


async def test_a_bot_that_is_no_administrator_hears_only_what_is_meant_for_it(
    telegram: Telegram, bot: Bot, nadia: Phone
) -> None:
    """Privacy mode: a relay in a group without the right is deaf, and nothing says so."""
    group = telegram.group("Staff", members=[nadia], rights=None)
    asked = await bot.send_message(group.id, "Anybody?")
    await nadia.says("not for the bot", where=group)
    await nadia.says("/status", where=group)
    await nadia.says("me", where=group, reply_to=asked.message_id)
    assert [one.message.text for one in await bot.get_updates()] == ["/status", "me"]


async def test_a_pin_needs_the_right_and_leaves_a_line(bot: Bot, staff: Group) -> None:
    """The line comes to the bot too: it must not take its own for a message of a person."""
    sent = await bot.send_message(staff.id, "The plan")
    await sent.pin()
    assert staff.shown[0].pinned
    assert (await bot.get_updates())[-1].message.pinned_message.message_id == sent.message_id
    await sent.unpin()
    assert not staff.shown[0].pinned
    await staff.promotes_bot(USUAL - {"can_pin_messages"})
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages"):
        await sent.pin()


async def test_a_reaction_is_one_of_those_there_are(bot: Bot, staff: Group, nadia: Phone, raw: Raw) -> None:
    """The tick that one would choose for "done" is not among them."""
    assert {plain(one.value) for one in ReactionEmoji} == EMOJI
    said = await nadia.says("On my way", where=staff)
    await bot.set_message_reaction(staff.id, said.id, "👀")
    assert staff.shown[-1].reactions == ("👀",)
    tick = [{"type": "emoji", "emoji": "✅"}]
    assert await raw.refused("setMessageReaction", chat_id=staff.id, message_id=said.id, reaction=tick) == (
        "REACTION_INVALID"
    )
    await bot.set_message_reaction(staff.id, said.id, [])
    assert staff.shown[-1].reactions == ()


async def test_without_the_right_only_own_messages_can_be_deleted(bot: Bot, staff: Group, nadia: Phone) -> None:
    """And the birth of a topic by nobody."""
    said = await nadia.says("by mistake", where=staff)
    topic = await bot.create_forum_topic(staff.id, "Case")
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(staff.id, topic.message_thread_id)
    await staff.promotes_bot(USUAL - {"can_delete_messages"})
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(staff.id, said.id)
    await staff.promotes_bot()
    assert await bot.delete_message(staff.id, said.id)
