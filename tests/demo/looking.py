"""What the tests of the page look for: names, contrast, nothing sideways."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

SHOTS = Path(__file__).resolve().parents[2] / ".shots"
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}

#: Every control that a person can reach and that has no name to be called by.
NAMELESS = """() => [...document.querySelectorAll('button, input, select, a[href], [role=log]')]
  .filter((element) => element.checkVisibility())
  .filter((element) => {
    const labels = element.labels ? [...element.labels].map((label) => label.textContent.trim()).join('') : '';
    const title = element.querySelector('option') ? '' : element.textContent.trim();
    return !(element.getAttribute('aria-label') || labels || title);
  })
  .map((element) => element.outerHTML.slice(0, 120))"""

#: Text whose contrast with what is behind it is below WCAG AA, as [words, ratio].
FAINT = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const over = (top, under) => top.slice(0, 3).map((value, n) => value * top[3] + under[n] * (1 - top[3]));
  const light = (rgb) => rgb.map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, n) => sum + value * [0.2126, 0.7152, 0.0722][n], 0);
  const colour = (written) => { const found = channels(written); return found.length === 3 ? [...found, 1] : found; };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
    const words = own || element.placeholder || '';
    if (!words || element.closest('.hidden, option') || element.matches(':disabled')) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const style = element.placeholder ? getComputedStyle(element, '::placeholder') : getComputedStyle(element);
    const ground = behind(element);
    const [a, b] = [light(over(colour(style.color), ground)), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push([words.slice(0, 40), Math.round(ratio * 100) / 100]);
  }
  return found;
}"""

#: What is wider than the window, which must be nothing.
SIDEWAYS = """() => [...document.querySelectorAll('body, body *')]
  .filter((element) => element.checkVisibility() && !element.closest('.hidden, .jump'))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.outerHTML.slice(0, 120))"""

#: Ids that are there twice, and labels that point nowhere.
DANGLING = """() => {
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  const twice = ids.filter((id, n) => ids.indexOf(id) !== n);
  const nowhere = ['aria-labelledby', 'aria-controls', 'for']
    .flatMap((name) => [...document.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name)))
    .filter((id) => !document.getElementById(id));
  return [...twice, ...nowhere];
}"""


async def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look; the folder is in no commit."""
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")


async def tab_to(page: Page, selector: str, *, back: bool = False, at_most: int = 60) -> None:
    """Press Tab until the focus is on `selector`, as somebody without a mouse does."""
    for _ in range(at_most):
        if await page.evaluate("(wanted) => document.activeElement?.matches(wanted)", selector):
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"the keyboard does not get to {selector}")
