"""Sending, editing and deleting, seen from both ends."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup
from telegram.error import BadRequest, Forbidden

from tests.fakes.conftest import Raw
from tests.fakes.telegram import NothingToTap, Telegram

YES_NO = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Yes", callback_data="y"), InlineKeyboardButton("No", url="t.me")]]
)


async def test_the_bot_knows_who_it_is(bot: Bot) -> None:
    """The first thing every client asks; without `is_bot` ours does not even start."""
    assert (await bot.get_me()).is_bot


async def test_what_is_said_is_shown_and_what_is_typed_is_heard(telegram: Telegram, bot: Bot) -> None:
    """One turn each way, through two real clients' eyes."""
    maya = telegram.user("Maya")
    await maya.start("invite-7")
    [update] = await bot.get_updates()
    assert update.message.text == "/start invite-7"
    assert update.message.entities[0].type == "bot_command"
    sent = await bot.send_message(maya.id, "Hello Maya", reply_markup=YES_NO, protect_content=True)
    [_, shown] = maya.shown
    assert (shown.text, shown.buttons, shown.protected) == ("Hello Maya", (("Yes", "No"),), True)
    assert (sent.message_id, sent.chat.id, sent.has_protected_content) == (shown.id, maya.id, True)


async def test_whom_the_bot_never_met_it_cannot_write_to(telegram: Telegram, bot: Bot) -> None:
    """A person speaks first; the refusal is final."""
    maya = telegram.user("Maya")
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(maya.id, "Hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(4711, "Hello")


async def test_who_blocks_the_bot_is_out_of_reach_and_it_is_told(telegram: Telegram, bot: Bot) -> None:
    """Out of reach is something a clinic must know: the update comes before anything is sent."""
    maya = telegram.user("Maya")
    await maya.start()
    await maya.blocks()
    updates = await bot.get_updates(allowed_updates=["message", "my_chat_member"])
    assert updates[-1].my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(maya.id, "Hello")
    await maya.start()
    assert await bot.send_message(maya.id, "Hello again")


async def test_an_account_that_was_deleted_is_found_out_by_writing(telegram: Telegram, bot: Bot) -> None:
    """No update tells of it."""
    maya = telegram.user("Maya")
    await maya.start()
    await maya.deletes_account()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(maya.id, "Hello")


@pytest.mark.parametrize(("text", "fits"), [("a" * 4096, True), ("😀" * 2048, True), ("😀" * 2048 + "a", False)])
async def test_a_text_has_4096_utf16_units(telegram: Telegram, bot: Bot, text: str, fits: bool) -> None:
    """An emoji is two: a length counted in characters would be refused in production."""
    maya = telegram.user("Maya")
    await maya.start()
    if fits:
        await bot.send_message(maya.id, text)
        return
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(maya.id, text)


async def test_an_empty_text_is_refused(telegram: Telegram, raw: Raw) -> None:
    """Also one of nothing but spaces."""
    maya = telegram.user("Maya")
    await maya.start()
    assert await raw.refused("sendMessage", chat_id=maya.id, text=" \n") == "message text is empty"


@pytest.mark.parametrize(("data", "fits"), [("a" * 64, True), ("я" * 32, True), ("я" * 32 + "a", False), ("", False)])
async def test_callback_data_has_64_bytes(telegram: Telegram, raw: Raw, data: str, fits: bool) -> None:
    """Bytes, not letters: what fits in English may not in Russian."""
    maya = telegram.user("Maya")
    await maya.start()
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    status, body = await raw("sendMessage", chat_id=maya.id, text="?", reply_markup=keys)
    assert status == (200 if fits else 400)
    assert fits or body["description"] == "Bad Request: BUTTON_DATA_INVALID"


async def test_an_edit_that_changes_nothing_is_refused(telegram: Telegram, bot: Bot) -> None:
    """A repeat after a lost answer gets this, and must take it for success."""
    maya = telegram.user("Maya")
    await maya.start()
    sent = await bot.send_message(maya.id, "How are you?", reply_markup=YES_NO)
    await sent.edit_text("Recorded")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("Recorded")
    shown = maya.shown[-1]
    assert (shown.text, shown.buttons, shown.edited, shown.before) == ("Recorded", (), True, ("How are you?",))


async def test_only_own_messages_that_are_there_can_be_edited(telegram: Telegram, raw: Raw) -> None:
    """Each with its own words, as the program tells them apart."""
    maya = telegram.user("Maya")
    said = await maya.start()
    assert await raw.refused("editMessageText", chat_id=maya.id, message_id=said.id, text="x") == (
        "message can't be edited"
    )
    assert await raw.refused("editMessageText", chat_id=maya.id, message_id=999, text="x") == (
        "message to edit not found"
    )


async def test_after_48_hours_a_message_stays(telegram: Telegram, bot: Bot) -> None:
    """The promise to tidy up has to be kept in time."""
    maya = telegram.user("Maya")
    await maya.start()
    early, late = await bot.send_message(maya.id, "one"), await bot.send_message(maya.id, "two")
    telegram.clock.forward(hours=47, minutes=59)
    assert await early.delete()
    assert maya.heard == ["two"]
    telegram.clock.forward(minutes=1)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await late.delete()
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await early.delete()


async def test_many_are_deleted_at_once_or_none(telegram: Telegram, bot: Bot) -> None:
    """Numbers that are gone do no harm; one that is too old keeps the others."""
    maya = telegram.user("Maya")
    await maya.start()
    old = await bot.send_message(maya.id, "old")
    telegram.clock.forward(hours=49)
    new = await bot.send_message(maya.id, "new")
    with pytest.raises(BadRequest):
        await bot.delete_messages(maya.id, [old.message_id, new.message_id])
    assert maya.heard == ["old", "new"]
    assert await bot.delete_messages(maya.id, [new.message_id, 4711])
    assert maya.heard == ["old"]


async def test_a_reply_keyboard_stays_until_it_is_taken_away(telegram: Telegram, bot: Bot) -> None:
    """It stands in the chat, not under a message; its keys say their words."""
    maya = telegram.user("Maya")
    await maya.start()
    key = KeyboardButton("I need help now", style="danger")
    await bot.send_message(maya.id, "Here", reply_markup=ReplyKeyboardMarkup([[key]], is_persistent=True))
    await bot.send_message(maya.id, "Something else")
    assert maya.keyboard == [["I need help now"]]
    await maya.taps("I need help now")
    assert (await bot.get_updates())[-1].message.text == "I need help now"
    await bot.send_message(maya.id, "Gone", reply_markup={"remove_keyboard": True})
    assert maya.keyboard is None


async def test_a_tap_is_answered_once_and_soon(telegram: Telegram, bot: Bot) -> None:
    """The phone stops waiting; the answer after that is an error that harms nothing."""
    maya = telegram.user("Maya")
    await maya.start()
    await bot.send_message(maya.id, "Well?", reply_markup=YES_NO)
    await maya.taps("Yes")
    query = (await bot.get_updates())[-1].callback_query
    assert (query.data, query.message.text, query.from_user.id) == ("y", "Well?", maya.id)
    await query.answer("Noted")
    assert maya.answers == ["Noted"]
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer("Again")
    await maya.taps("Yes")
    telegram.clock.forward(seconds=16)
    with pytest.raises(BadRequest, match="Query is too old"):
        await (await bot.get_updates())[-1].callback_query.answer()


async def test_a_tap_on_a_deleted_message_still_arrives(telegram: Telegram, bot: Bot) -> None:
    """A phone that was offline shows what is gone; the tap carries no message but its number."""
    maya = telegram.user("Maya")
    await maya.start()
    sent = await bot.send_message(maya.id, "Well?", reply_markup=YES_NO)
    await sent.delete()
    await maya.taps("Yes", sent.message_id)
    query = (await bot.get_updates())[-1].callback_query
    assert not query.message.is_accessible
    assert query.message.message_id == sent.message_id


async def test_what_a_person_edits_comes_as_an_edit(telegram: Telegram, bot: Bot) -> None:
    """Under the number of what was said first."""
    maya = telegram.user("Maya")
    await maya.start()
    said = await maya.says("I am fine")
    await maya.edits(said, "I am not fine")
    edited = (await bot.get_updates())[-1].edited_message
    assert (edited.text, edited.message_id, bool(edited.edit_date)) == ("I am not fine", said.id, True)


async def test_an_unknown_method_is_not_found(raw: Raw) -> None:
    """A slip in a name is no bad request but a method that is not there."""
    assert await raw("sendMesage", chat_id=1) == (
        404, {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
    )  # fmt: skip


async def test_a_phone_waits_for_words_and_says_what_it_shows_instead(telegram: Telegram, bot: Bot) -> None:
    """A test that fails should say what was there."""
    maya = telegram.user("Maya")
    await maya.start()
    waiting = asyncio.create_task(maya.sees("safe"))
    await bot.send_message(maya.id, "Are you safe?")
    assert (await waiting).text == "Are you safe?"
    with pytest.raises(AssertionError, match=r"'Goodbye' is not shown .* shown is .'Are you safe"):
        await maya.sees("Goodbye", within=0)
    with pytest.raises(NothingToTap, match="there is no button 'Yes'"):
        await maya.taps("Yes")


async def test_a_wrong_token_opens_nothing(telegram: Telegram, raw: Raw) -> None:
    """A rotated token must be told from a network that is down."""
    telegram.api.token = "1:rotated"
    assert await raw("getMe") == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})


@pytest.mark.parametrize("wrong", [{"chat_id": "maya"}, {"protect_content": "perhaps"}, {"text": 5}, {"chat_id": None}])
async def test_a_value_of_the_wrong_type_is_refused(telegram: Telegram, raw: Raw, wrong: dict) -> None:
    """Telegram would guess; here a slip must be seen."""
    maya = telegram.user("Maya")
    await maya.start()
    words = await raw.refused("sendMessage", **{"chat_id": maya.id, "text": "Hello"} | wrong)
    assert words == "chat_id is empty" or words.startswith(f'parameter "{next(iter(wrong))}" must be')
    assert maya.heard == []
