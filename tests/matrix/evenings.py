"""Three evenings on Matrix, the same for every app that a participant may have."""

from __future__ import annotations

from tests.support.clinic import Clinic


async def a_check_in(clinic: Clinic) -> None:
    """From the first question, which comes by itself into a room that the program opens, to the thank-you: answered by
    number, by words, and not at all."""
    maya = clinic.maya
    await maya.reads("I am a program")
    await maya.reads("How is your mood")
    await maya.says("6")
    await maya.reads("tense or anxious")
    await maya.says("Skip")
    question = await maya.reads("Any thoughts today")
    assert "1. No" in question
    await maya.says("1")
    await maya.reads("sleep last night")
    await maya.says("about 7")
    await maya.reads("medicines as planned")
    await maya.says("yes")
    await maya.reads("anyone you like or trust")
    await maya.says("skip")
    await maya.reads("practise a skill")
    await maya.says("no")
    await maya.reads("That is all for today")
    assert await clinic.ana.shows() == []  # nobody on the team was disturbed


async def a_crisis(clinic: Clinic) -> None:
    """Numbers at once, the question, a page without a name, and what was said once the page is taken."""
    maya, ana = clinic.maya, clinic.ana
    await maya.opens(clinic.bot_id)
    await maya.says("I am going to end it tonight")
    await maya.reads("Call 911")
    question = await maya.reads("Are you safe right now?")
    assert "1. I'm safe" in question
    page = await ana.reads("needs you")
    assert "Maya" not in page
    await ana.says("1")
    assert "end it tonight" in await ana.reads("Maya Rivers")
    assert "Ana" in await maya.reads("has seen this")
    await maya.says("3")
    await maya.reads("911")


async def a_relay(clinic: Clinic) -> None:
    """The therapist takes over, both write, both read; handed back, the program answers again and she reads no more."""
    maya, ana = clinic.maya, clinic.ana
    await maya.opens(clinic.bot_id)
    await maya.says("I am going to end it tonight")
    await maya.reads("Are you safe right now?")
    await ana.reads("needs you")
    await ana.says("Acknowledge")
    await ana.reads("Maya Rivers")
    await ana.says("Take over")
    await ana.reads("You are speaking with Maya Rivers now")
    await maya.reads("Ana Lopez from the programme is here now")
    await ana.says("Hi Maya, Ana here. Are you alone?")
    assert await maya.reads("Are you alone?") == "Ana: Hi Maya, Ana here. Are you alone?"
    await maya.says("my sister just came, façade and 🍀")
    assert await ana.reads("my sister") == "Maya: my sister just came, façade and 🍀"
    await ana.says("Good. I stay with you both.")
    await maya.reads("I stay with you both")
    await ana.says("Hand back")
    await maya.reads("I am the program again")
    await maya.says("thank you")
    await maya.reads("I am a program")
    await ana.says("Resolve")
    await ana.reads("Why is case 1 resolved?")
    assert not any("thank you" in text for text in ana.seen)


async def is_encrypted_throughout(clinic: Clinic) -> None:
    """Not one message of either side went over the wire as it was written."""
    hers, her_therapists = await clinic.maya.shows(), await clinic.ana.shows()
    assert {one.wire for one in [*hers, *her_therapists]} == {"m.room.encrypted"}
    assert len({one.sender for one in hers}) == 2


async def is_trusted_throughout(clinic: Clinic) -> None:
    """The app could read everything, and shows no warning beside anything."""
    shown = await clinic.maya.shows()
    assert [one for one in shown if one.unreadable or one.shield != 0] == []
