"""The middle of the page: everything in order, in words, from the program's own records."""

from __future__ import annotations

from typing import Any


def titles(view: dict[str, Any]) -> list[str]:
    return [line["title"] for line in view["log"]]


def follows(lines: list[str], *wanted: str) -> bool:
    """Whether these are told in this order, whatever stands between them."""
    rest = iter(lines)
    return all(any(words in line for line in rest) for words in wanted)


async def test_a_crisis_is_told_in_order(demo):
    """Stored, heard, opened, asked; then who is next, and when."""
    await demo.stage.says("maya", "I am going to end it tonight")
    view = await demo.view()
    assert follows(
        titles(view),
        "Maya’s message is stored",
        "Says they will end their life",
        "Case 1 is opened",
        "Tier 1 of 4 is asked: Jo Park and Ana Lopez",
    )
    assert view["standing"]["case"]["level"] == "emergency"
    assert view["standing"]["next"][0]["words"] == "Tier 2 is asked: Lee Ng"
    rule = next(line for line in view["log"] if line["kind"] == "rule")
    assert "end it tonight" in rule["text"]
    assert "version" in rule["text"]


async def test_an_ordinary_message_says_that_no_rule_fired(demo):
    """Silence of the rules is something to see as well."""
    await demo.stage.says("maya", "the rain is nice today")
    view = await demo.view()
    assert "none fired" in view["log"][0]["text"]
    assert view["standing"]["case"] is None


async def test_skipping_asks_the_next_and_an_acknowledgement_names_who_has_it(demo):
    """The whole of an evening's first minutes, on the demo's own clock."""
    stage = demo.stage
    await stage.says("maya", "I am going to end it tonight")
    await stage.skip()
    page = stage.handsets["lee"].bubbles[-1]
    assert page.page == "emergency"
    await stage.taps("lee", page.id, "acknowledge")
    view = await demo.view()
    assert follows(titles(view), "Tier 2 of 4 is asked: Lee Ng", "Lee Ng acknowledges", "Lee Ng opens Maya’s record")
    assert view["standing"]["case"]["holder"] == "Lee Ng"
    assert "Lee Ng has seen this" in stage.handsets["maya"].bubbles[-1].text
    await stage.taps("lee", stage.handsets["lee"].bubbles[-1].id, "take_over")
    view = await demo.view()
    assert view["standing"]["case"]["speaker"] == "Lee Ng"
    assert "the program is silent" in view["log"][-2]["text"] + view["log"][-1]["text"]


async def test_a_phone_that_cannot_be_reached_is_told(demo):
    """A page that nobody got must never look like one that somebody has."""
    stage = demo.stage
    await stage.set_reachable("jo", reachable=False)
    await stage.says("maya", "I am going to end it tonight")
    view = await demo.view()
    asked = {person["name"]: person for line in view["log"] for person in line["people"]}
    assert asked["Jo Park"]["mark"] == "failed"
    assert "not delivered" in asked["Jo Park"]["words"]
    assert asked["Ana Lopez"]["mark"] == "ok"
    await stage.set_reachable("jo", reachable=True)
    await stage.skip()
    assert stage.handsets["jo"].bubbles[-1].page == "emergency"


async def test_a_story_is_played_and_its_expectations_are_ticked(demo):
    """A story is a rehearsal: what it promises is checked while it is shown."""
    await demo.play("demo-evening")
    await demo.played()
    marks = [line["kind"] for line in (await demo.view())["log"]]
    assert marks.count("tick") == 7
    assert "cross" not in marks


async def test_skipping_passes_over_tries_that_fail_again(demo):
    """Thirty tries to reach a phone that is off are one press: what follows from them is what one wants to see."""
    stage = demo.stage
    for who in ("jo", "ana"):
        await stage.set_reachable(who, reachable=False)
    await stage.says("maya", "I am going to end it tonight")
    for _ in range(4):
        await stage.skip()
    lines = titles(await demo.view())
    assert follows(lines, "Jo Park’s phone cannot be reached", "Tier 2 of 4 is asked: Lee Ng")
    assert stage.handsets["lee"].bubbles[-1].page == "emergency"


async def test_every_story_that_comes_with_it_holds_in_front_of_people(demo):
    """On a clock that runs, with a database thread, as in the rehearsal that stands still."""
    for story in demo.stories:
        await demo.play(story)
        await demo.played()
        view = await demo.view()
        marks = [line["kind"] for line in view["log"]]
        assert "tick" in marks, story
        assert [line["title"] for line in view["log"] if line["kind"] == "cross"] == [], story


async def test_what_is_due_goes_on_after_a_restart(demo):
    """Killed between two tiers, and nobody would notice."""
    stage = demo.stage
    await stage.says("maya", "I am going to end it tonight")
    await stage.restart()
    await stage.skip()
    assert stage.handsets["lee"].bubbles[-1].page == "emergency"
    assert follows(titles(await demo.view()), "Tier 1 of 4 is asked", "Tier 2 of 4 is asked: Lee Ng")
