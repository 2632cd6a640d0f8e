"""A real Chromium, and a witness of everything it complained about and everywhere it went.

How it lives with pytest-asyncio: this is Playwright's *asynchronous* interface, started and stopped inside the test's
own event loop, once a test. So the server under test, the browser's driver and the test take turns in one loop, and
nothing outlives it. Playwright's synchronous interface refuses to start while a loop runs, and a browser shared
between tests would belong to a loop that is already closed. It costs about a second a test.

Chromium is the system's (`.ci/browser` installs it on Debian); Playwright never downloads one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, async_playwright

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_IS_HERE = CHROMIUM.exists()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page that asks for the outside world is answered at once, and differently on no machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
]
INSIDE = {"data", "blob", "about", "chrome-error"}


@dataclass
class Witness:
    """A page, and what was seen of it."""

    page: Page
    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def complaints(self) -> list[str]:
        """Everything the browser was unhappy about. A good page leaves none."""
        return self.page_errors + self.console_errors

    def left_the_loopback(self) -> list[str]:
        """The requests that would have gone to another machine. There must be none."""
        return [url for url in self.requests if not _stays_here(url)]


def _stays_here(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme in INSIDE:
        return True
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def open_browser() -> AsyncIterator[BrowserContext]:
    """A fresh Chromium with an empty profile. Its context can open several pages: a participant's, a clinician's."""
    if not CHROMIUM_IS_HERE:
        raise RuntimeError(f"There is no {CHROMIUM}: .ci/browser says what to do")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield await browser.new_context(locale="en-GB", timezone_id="UTC")
        finally:
            await browser.close()


async def watched_page(context: BrowserContext) -> Witness:
    """A new page under observation from its first moment."""
    page = await context.new_page()
    witness = Witness(page)
    page.on("console", lambda said: witness.console_errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: witness.page_errors.append(str(error)))
    page.on("request", lambda request: witness.requests.append(request.url))
    page.on("websocket", lambda socket: witness.requests.append(socket.url))
    return witness
