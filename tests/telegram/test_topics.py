"""The relay in topics of the staff's group: one for each case, found again, and never missed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.telegram import Group
from tests.fakes.telegram.faults import error
from tests.fakes.telegram.telegram import Telegram
from tests.support.telegram import TelegramClinic
from tests.telegram.staff import TOPICS, kept, until, ward

pytestmark = pytest.mark.slow  # Telegram lets a bot say one thing a second in a group
Ward = tuple[TelegramClinic, Group]


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Ward]:
    async with ward(tmp_path) as found:
        yield found


async def speaking(clinic: TelegramClinic, group: Group) -> int:
    """Ana speaks with Maya; the number of the topic."""
    await clinic.maya.says("I need help now")
    await clinic.ana.taps("Acknowledge", await clinic.ana.sees("needs you"))
    await clinic.ana.taps("Take over", await clinic.ana.sees("can be read only"))
    await clinic.ana.sees("You are speaking with this participant now", where=group)
    return group.topics[0].id


def said(group: Group, topic: int) -> list[str]:
    return [one.text for one in group.topic(topic) if one.by_bot and one.text]


async def test_a_case_is_spoken_of_in_a_topic_of_its_own(made: Ward) -> None:
    """Both ways, under the number of the case; not a word of it in the group's main chat or in Ana's own."""
    clinic, group = made
    topic = await speaking(clinic, group)
    assert [one.name for one in group.topics] == ["Case 1"]
    await clinic.ana.says("are you alone?", where=group, topic=topic)
    await clinic.maya.sees("are you alone?")
    await clinic.maya.says("my sister is here")
    await clinic.ana.sees("Case 1: my sister is here", where=group)
    assert said(group, topic)[-1] == "Case 1: my sister is here"
    assert not any("sister" in words for words in clinic.ana.heard)
    assert [one.text for one in group.shown if one.topic is None and one.by_bot and one.text] == []


async def test_a_topic_rests_with_the_conversation_and_opens_with_the_next(made: Ward) -> None:
    """Handed back: nobody writes there by mistake. Taken over again: the same topic."""
    clinic, group = made
    topic = await speaking(clinic, group)
    await clinic.ana.taps("Hand back", where=group)
    await clinic.ana.sees("The program speaks again")
    await until(lambda: group.chat.topics[topic].closed)
    await clinic.ana.taps("Take over", await clinic.ana.sees("The program speaks again"))
    await until(lambda: not group.chat.topics[topic].closed)
    await clinic.maya.says("back again")
    await clinic.ana.sees("Case 1: back again", where=group)
    assert len(group.topics) == 1


async def test_a_topic_ends_with_its_case(made: Ward) -> None:
    """Closed, and forgotten: what comes next has a number and a topic of its own."""
    clinic, group = made
    topic = await speaking(clinic, group)
    await clinic.ana.taps("Resolve", where=group)
    await clinic.ana.taps("Reached, safe with their plan", await clinic.ana.sees("Why, for case 1"))
    await clinic.ana.taps("Close", await clinic.ana.sees("Case 1 is resolved"))
    await clinic.ana.taps("Follow-up done and plan reviewed", await clinic.ana.sees("Why is case 1 closed"))
    await clinic.ana.sees("Case 1 is closed")
    await until(lambda: not kept(clinic).topics)
    assert group.chat.topics[topic].closed


async def test_a_topic_that_somebody_deleted_is_made_anew(made: Ward) -> None:
    """What was to be said in it is said in the new one."""
    clinic, group = made
    topic = await speaking(clinic, group)
    await group.deletes_topic(topic)
    await clinic.maya.says("can you hear me?")
    await clinic.ana.sees("Case 1: can you hear me?", where=group, within=15)
    assert [one.name for one in group.topics] == ["Case 1"]
    assert group.topics[0].id != topic
    await clinic.ana.says("yes", where=group, topic=group.topics[0].id)
    await clinic.maya.sees("yes")


async def test_a_topic_that_takes_nothing_is_opened(made: Ward) -> None:
    """Somebody closed it by hand, and Telegram says so only when we speak."""
    clinic, group = made
    topic = await speaking(clinic, group)
    clinic.telegram.faults.add("sendMessage", error(400, "Bad Request: TOPIC_CLOSED"), chat=group.id)
    group.chat.topics[topic].closed = True
    await clinic.maya.says("still there?")
    await clinic.ana.sees("Case 1: still there?", where=group, within=15)
    assert not group.chat.topics[topic].closed


async def test_what_lands_in_general_is_taken_away_at_once(made: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong number of a topic once put messages where everybody reads them (tdlib/telegram-bot-api#854)."""
    clinic, group = made
    topic = await speaking(clinic, group)
    astray(clinic.telegram, group, topic, monkeypatch)
    await clinic.maya.says("for Ana alone")
    await until(lambda: [one.topic for one in group.shown if "for Ana alone" in one.text] not in ([], [None]))
    shown = [one for one in group.shown if "for Ana alone" in one.text]
    assert [one.topic for one in shown] == [kept(clinic).topics["case 1"].number]
    assert kept(clinic).topics["case 1"].number != topic
    deleted = [one for one in group.chat.messages.values() if one.deleted and "for Ana alone" in one.text]
    assert [one.thread for one in deleted] == [None]


def astray(telegram: Telegram, group: Group, topic: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on this topic's messages land in General, and nothing says so."""
    post = telegram.api.world.post

    def into_general(chat: object, author: object, date: float, content: object, **how: object) -> object:
        return post(chat, author, date, content, **(how | ({"thread": None} if how.get("thread") == topic else {})))

    monkeypatch.setattr(telegram.api.world, "post", into_general)


async def test_where_no_topic_can_be_had_it_is_said_to_its_reader_alone(made: Ward) -> None:
    """The bot lost its rights: the conversation goes on in Ana's own chat, and an operator is told."""
    clinic, group = made
    await group.demotes_bot()
    await clinic.telegram.phones["Olu"].sees("not as it must be")
    await clinic.maya.says("I need help now")
    await clinic.ana.taps("Acknowledge", await clinic.ana.sees("needs you"))
    await clinic.ana.taps("Take over", await clinic.ana.sees("can be read only"))
    await clinic.ana.sees("You are speaking with this participant now")
    await clinic.maya.says("my sister is here")
    await clinic.ana.sees("Case 1: my sister is here")
    assert group.topics == []


async def test_whoever_is_not_in_the_group_reads_it_in_their_own_chat(made: Ward) -> None:
    """A topic that its reader cannot see is a message that nobody reads."""
    clinic, group = made
    await speaking(clinic, group)
    group.chat.members[clinic.ana.id].status = "member"
    await clinic.ana.leaves(group)
    await until(lambda: str(clinic.ana.id) not in clinic.channel.group._there)
    await clinic.maya.says("are you there?")
    await clinic.ana.sees("Case 1: are you there?")


async def test_a_press_in_a_topic_counts_for_whom_the_button_was(made: Ward) -> None:
    """In a group everybody sees the buttons. Somebody else's finger does nothing, and changes nothing on the screen."""
    clinic, group = made
    topic = await speaking(clinic, group)
    message = next(one for one in group.topic(topic) if one.buttons)
    olu = clinic.telegram.phones["Olu"]
    await olu.joins(group)
    await olu.taps("Hand back", message, where=group)
    await olu.sees("I did not catch that")
    assert next(one for one in group.topic(topic) if one.id == message.id).text == message.text
    await clinic.maya.says("and now?")
    await clinic.ana.sees("Case 1: and now?", where=group)


@pytest.mark.parametrize(
    "settings", [TOPICS.replace("words_on_public_channels = true", ""), TOPICS.replace("case_topics = true", "")]
)
async def test_without_leave_for_words_there_are_no_topics(tmp_path: Path, settings: str) -> None:
    """Both settings are needed: a topic is read by everybody in the group."""
    async with ward(tmp_path, settings) as (clinic, group):
        await clinic.maya.says("I need help now")
        await clinic.ana.taps("Acknowledge", await clinic.ana.sees("needs you"))
        await clinic.ana.taps("Take over", await clinic.ana.sees("can be read only"))
        await clinic.ana.sees("You are speaking with this participant now")
        await clinic.maya.says("my sister is here")
        await clinic.ana.sees("Case 1: my sister is here")
        assert group.topics == []
