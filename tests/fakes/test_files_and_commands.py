"""Files in both directions, and what the bot tells of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest

from tests.fakes.conftest import Raw
from tests.fakes.telegram import Phone, Telegram


@pytest.fixture
async def maya(telegram: Telegram) -> Phone:
    phone = telegram.user("Maya", language="de")
    await phone.start()
    return phone


async def test_a_file_that_is_sent_can_be_read_by_the_test(telegram: Telegram, bot: Bot, maya: Phone) -> None:
    """An export that arrives empty has not arrived."""
    sent = await bot.send_document(maya.id, b"%PDF-1.7 the plan", filename="plan.pdf", caption="Your plan")
    stored = telegram.api.files.by_id[sent.document.file_id]
    assert (stored.name, stored.content) == ("plan.pdf", b"%PDF-1.7 the plan")
    assert maya.shown[-1].text == "Your plan"
    again = await bot.send_document(maya.id, sent.document.file_id)
    assert again.document.file_id == sent.document.file_id
    assert (await bot.send_photo(maya.id, b"\xff\xd8", caption="A chart")).photo


async def test_a_caption_has_1024_units(bot: Bot, maya: Phone) -> None:
    """A quarter of what a text may have: words that fit alone do not fit under a file."""
    await bot.send_photo(maya.id, b"\xff\xd8", caption="a" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(maya.id, b"\xff\xd8", caption="a" * 1025)


async def test_a_caption_is_edited_as_a_caption(bot: Bot, maya: Phone) -> None:
    """Text and caption are two methods; the wrong one is refused."""
    photo = await bot.send_photo(maya.id, b"\xff\xd8", caption="A chart")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("A better chart", maya.id, photo.message_id)
    await photo.edit_caption("A better chart")
    assert maya.shown[-1].text == "A better chart"
    text = await bot.send_message(maya.id, "Hello")
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(maya.id, text.message_id, caption="Hello")


async def test_a_voice_message_can_be_fetched(bot: Bot, maya: Phone, raw: Raw) -> None:
    """By its number, as bytes; one that never was is refused."""
    await maya.sends_voice(b"OggS and so on", seconds=4)
    voice = (await bot.get_updates())[-1].message.voice
    assert voice.duration == timedelta(seconds=4)
    assert bytes(await (await voice.get_file()).download_as_bytearray()) == b"OggS and so on"
    assert await raw.refused("getFile", file_id="never") == "invalid file_id"


async def test_every_kind_of_message_can_be_read(bot: Bot, maya: Phone) -> None:
    """People send more than text, and each must come to something."""
    await maya.sends_location(52.5, 13.4)
    await maya.sends_sticker("🙂")
    await maya.sends_photo(b"\xff\xd8", "my garden")
    await maya.sends_document(b"%PDF", "letter.pdf")
    await maya.sends_contact("+49 30 1")
    _, location, sticker, photo, document, contact = [one.message for one in await bot.get_updates()]
    assert (location.location.latitude, sticker.sticker.emoji, photo.caption) == (52.5, "🙂", "my garden")
    assert (document.document.file_name, contact.contact.phone_number) == ("letter.pdf", "+49 30 1")


async def test_a_live_place_moves_by_edits(bot: Bot, maya: Phone) -> None:
    """One message, whose newest place counts."""
    shared = await maya.sends_location(52.5, 13.4, live_seconds=900)
    await maya.moves(shared, 52.6, 13.4)
    edited = (await bot.get_updates())[-1].edited_message
    assert (edited.message_id, edited.location.latitude) == (shared.id, 52.6)


async def test_a_place_is_sent_and_must_be_on_earth(bot: Bot, maya: Phone) -> None:
    """Where help is."""
    await bot.send_location(maya.id, 52.5, 13.4)
    assert maya.shown[-1].content == {"location": {"latitude": 52.5, "longitude": 13.4}}
    with pytest.raises(BadRequest, match="Wrong latitude or longitude"):
        await bot.send_location(maya.id, 152.5, 13.4)


async def test_the_menu_is_that_of_the_nearest_scope_and_language(bot: Bot, maya: Phone) -> None:
    """Help comes first in the menu, in the words of whoever reads it."""
    await bot.set_my_commands([BotCommand("stop", "Stop")])
    assert maya.menu == ["stop"]
    await bot.set_my_commands([BotCommand("help_now", "Help")], BotCommandScopeAllPrivateChats())
    await bot.set_my_commands([BotCommand("hilfe", "Hilfe")], BotCommandScopeAllPrivateChats(), "de")
    assert maya.menu == ["hilfe"]
    await bot.set_my_commands([BotCommand("plan", "Plan")], BotCommandScopeChat(maya.id))
    assert maya.menu == ["plan"]
    assert (await bot.get_my_commands())[0].command == "stop"
    await bot.delete_my_commands(BotCommandScopeChat(maya.id))
    assert maya.menu == ["hilfe"]


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([{"command": "Help-Now", "description": "Help"}], "BOT_COMMAND_INVALID"),
        ([{"command": "help", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "help", "description": "Help"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_commands_have_a_form(raw: Raw, commands: list, words: str) -> None:
    """A menu that is refused as a whole is no menu."""
    assert await raw.refused("setMyCommands", commands=commands) == words


async def test_the_bot_describes_itself(bot: Bot, raw: Raw) -> None:
    """What people read before they press Start."""
    await bot.set_my_description("Not an emergency service.")
    await bot.set_my_short_description("Between visits")
    assert (await bot.get_my_description()).description == "Not an emergency service."
    assert await raw.refused("setMyShortDescription", short_description="a" * 121)


async def test_marks_become_entities(bot: Bot, maya: Phone, raw: Raw) -> None:
    """Lengths count without the marks; a mark that is not closed is refused."""
    sent = await bot.send_message(maya.id, "<b>Call</b> 😀 <a href='tel:1'>now</a>", parse_mode="HTML")
    assert sent.text == "Call 😀 now"
    assert [(one.type, one.offset, one.length) for one in sent.entities] == [("bold", 0, 4), ("text_link", 8, 3)]
    with pytest.raises(BadRequest, match="Can't parse entities"):
        await bot.send_message(maya.id, "<b>Call", parse_mode="HTML")
