"""The demo page in a real browser: an evening by mouse and by keyboard, on a desk and on a telephone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.demo.looking import DANGLING, FAINT, NAMELESS, NARROW, SIDEWAYS, WIDE, shot, tab_to

CRISIS = "I am going to end it tonight"


async def opened(witness, demo, size=WIDE) -> Page:
    page = witness.page
    await page.set_viewport_size(size)
    await page.goto(demo.address)
    await expect(page.locator("#participant-title")).to_contain_text("Maya")
    return page


def nothing_went_wrong(witness) -> None:
    assert witness.complaints() == []
    assert witness.left_the_loopback() == []


async def maya_writes(page: Page, words: str) -> None:
    await page.get_by_label("Write as the participant").fill(words)
    await page.keyboard.press("Enter")


async def sees_988_and_jo_is_paged(page: Page) -> None:
    await expect(page.locator("#participant .screen")).to_contain_text("988")
    await expect(page.locator("#staff .bubble.page")).to_contain_text("EMERGENCY")
    await expect(page.locator("#log")).to_contain_text("Tier 1 of 4 is asked")
    await expect(page.locator("#standing")).to_contain_text("Tier 2 is asked: Lee Ng")


async def test_a_hard_evening_by_mouse(browser_page, demo):
    """From Maya's message to the name of whoever has it, with every promise in between on the screen."""
    page = await opened(browser_page, demo)
    await shot(page, "start-wide")
    await maya_writes(page, CRISIS)
    await sees_988_and_jo_is_paged(page)
    await shot(page, "crisis-wide")
    await page.get_by_role("button", name="Skip to the next thing").click()
    lee = page.locator("#staff .people button", has_text="Lee")
    await expect(lee.locator(".mark")).to_contain_text("1")
    await lee.click()
    await page.locator("#staff").get_by_role("button", name="Acknowledge").click()
    await expect(page.locator("#participant .screen")).to_contain_text("Lee Ng has seen this")
    await expect(page.locator("#log")).to_contain_text("Lee Ng acknowledges")
    await expect(page.locator("#standing")).to_contain_text("In the hands of Lee Ng")
    await shot(page, "acknowledged-wide")
    nothing_went_wrong(browser_page)


async def test_the_same_evening_by_keyboard(browser_page, demo):
    """Whoever cannot use a mouse can show it, and take part in it, as well; and can see where they are."""
    page = await opened(browser_page, demo)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await tab_to(page, "#participant-words")
    await page.keyboard.type(CRISIS)
    await page.keyboard.press("Enter")
    await sees_988_and_jo_is_paged(page)
    await page.keyboard.type("1")
    await page.keyboard.press("Enter")
    await expect(page.locator("#participant .screen")).to_contain_text("play the guitar")
    await tab_to(page, "#skip", back=True)
    ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none"
    await page.keyboard.press("Enter")
    await expect(page.locator("#log")).to_contain_text("Tier 2 of 4 is asked")
    await tab_to(page, "#staff .people button:nth-child(2)")
    await page.keyboard.press("Space")
    await tab_to(page, "#staff .choices button[data-choice=acknowledge]")
    await page.keyboard.press("Enter")
    await expect(page.locator("#participant .screen")).to_contain_text("Lee Ng has seen this")
    focus = await page.evaluate("document.activeElement.dataset.choice")
    assert focus == "acknowledge", "the focus must not be lost when the button changes"
    nothing_went_wrong(browser_page)


async def test_the_way_to_a_person_is_always_on_the_phone(browser_page, demo):
    """One press, no second question, whatever else is going on."""
    page = await opened(browser_page, demo)
    await page.get_by_role("button", name="I need help now").click()
    await sees_988_and_jo_is_paged(page)
    await expect(page.get_by_role("button", name="I need help now")).to_be_visible()
    nothing_went_wrong(browser_page)


async def test_a_story_plays_to_its_end(browser_page, demo):
    """Whoever only wants to watch presses one button."""
    page = await opened(browser_page, demo)
    await page.get_by_role("button", name="Play").click()
    await expect(page.locator("#log .tick")).to_have_count(7)
    await expect(page.locator("#log .cross")).to_have_count(0)
    await expect(page.get_by_role("button", name="Play")).to_be_visible()
    await page.get_by_role("button", name="Start over").click()
    await expect(page.locator("#intro")).to_be_visible()
    await expect(page.locator(".bubble")).to_have_count(0)
    nothing_went_wrong(browser_page)


async def test_time_at_sixty_times_brings_what_falls_due(browser_page, demo):
    """Five minutes of silence pass in five seconds, and the backup is paged by itself."""
    page = await opened(browser_page, demo)
    await maya_writes(page, CRISIS)
    await page.get_by_role("button", name="60×").click()
    await expect(page.locator("#log")).to_contain_text("Tier 2 of 4 is asked: Lee Ng", timeout=15_000)
    nothing_went_wrong(browser_page)


async def test_a_lost_connection_doubles_and_loses_nothing(browser_page, demo):
    """A laptop that slept through half an evening shows all of it, once."""
    page = await opened(browser_page, demo)
    await maya_writes(page, CRISIS)
    await sees_988_and_jo_is_paged(page)
    await page.context.set_offline(True)
    for sending in list(demo.connections):
        sending.cancel()
    await expect(page.locator("#notice")).to_contain_text("lost")
    await demo.stage.skip()
    await page.context.set_offline(False)
    await expect(page.locator("#log")).to_contain_text("Tier 2 of 4 is asked")
    await expect(page.locator("#notice")).to_be_hidden()
    on_phone = len(demo.stage.handsets["maya"].bubbles)
    await expect(page.locator("#participant .bubble")).to_have_count(on_phone)


async def test_on_a_telephone_one_thing_at_a_time(browser_page, demo):
    """At 360 pixels nothing scrolls sideways, and what is new elsewhere is marked."""
    page = await opened(browser_page, demo, NARROW)
    await shot(page, "start-narrow")
    await maya_writes(page, CRISIS)
    await expect(page.locator("#participant .screen")).to_contain_text("Are you safe right now?")
    await expect(page.locator("[data-view=staff] .mark")).to_be_visible()
    for view in ("participant", "happened", "staff"):
        await page.locator(f"[data-view={view}]").click()
        await expect(page.locator(f"#{view}")).to_be_visible()
        assert await page.evaluate(SIDEWAYS) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        await shot(page, f"crisis-narrow-{view}")
    await page.locator("#staff").get_by_role("button", name="Acknowledge").click()
    await page.locator("[data-view=participant]").click()
    await expect(page.locator("#participant .screen")).to_contain_text("Jo Park has seen this")
    await page.get_by_role("button", name="Story", exact=True).click()
    await expect(page.get_by_role("button", name="Start over")).to_be_visible()
    assert await page.evaluate(SIDEWAYS) == []
    await shot(page, "acknowledged-narrow")
    nothing_went_wrong(browser_page)


async def test_letters_of_twice_the_size_fit(browser_page, demo):
    """Zoomed to 200 %, a laptop's window has half its pixels; to 400 %, a quarter."""
    page = await opened(browser_page, demo, {"width": 640, "height": 400})
    await maya_writes(page, CRISIS)
    await expect(page.locator("#participant .screen")).to_contain_text("988")
    for width in (640, 320):
        await page.set_viewport_size({"width": width, "height": 400})
        assert await page.evaluate(SIDEWAYS) == []
        await expect(page.get_by_role("button", name="I need help now")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_has_a_name_and_can_be_read(browser_page, demo, scheme):
    """A screen reader can call every control by name; every text stands out from its ground (WCAG AA)."""
    await browser_page.page.emulate_media(color_scheme=scheme)
    page = await opened(browser_page, demo)
    assert await page.evaluate(FAINT) == []
    await demo.stage.set_reachable("jo", reachable=False)
    await demo.play("demo-evening")
    await demo.played()
    await demo.stage.says("maya", "I don't want to be here any more")
    await expect(page.locator("#log .tick")).to_have_count(7)
    await page.wait_for_timeout(400)  # until nothing fades in any more
    assert await page.evaluate(NAMELESS) == []
    assert await page.evaluate(FAINT) == []
    assert await page.evaluate(DANGLING) == []
    logs = page.locator("[role=log]")
    assert await logs.count() == 3
    for number in range(3):
        assert await logs.nth(number).get_attribute("aria-live") == "polite"
        assert await logs.nth(number).get_attribute("aria-label")
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(16, 23, 26)") == (scheme == "dark")
    await shot(page, f"played-wide-{scheme}")


async def test_who_wants_no_movement_gets_none(browser_page, demo):
    """Things that move make some people ill."""
    await browser_page.page.emulate_media(reduced_motion="reduce")
    page = await opened(browser_page, demo)
    await maya_writes(page, CRISIS)
    await expect(page.locator("#participant .bubble").first).to_have_css("animation-name", "none")
