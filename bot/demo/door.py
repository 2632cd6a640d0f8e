"""The page's files, and who may have them: nobody but a browser on this machine, and there only this page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).resolve().parent / "page"
FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@web.middleware
async def only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """No page of anywhere else may talk to this one, whatever name it found for this machine."""
    if not _from_here(request):
        return web.Response(status=403, text="This demo answers only its own page on this machine.\n")
    response = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


def _from_here(request: web.Request) -> bool:
    port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    named_here = host in {f"{name}:{port}" for name in LOOPBACK}
    same_page = origin is None or origin == f"http://{host}"
    same_site = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    return named_here and same_page and same_site


def page_files() -> list[web.RouteDef]:
    """The routes of the page and what it is made of."""
    return [web.get(path, _file) for path in FILES]


async def _file(request: web.Request) -> web.Response:
    name, kind = FILES[request.path]
    return web.Response(text=(PAGE / name).read_text("utf-8"), content_type=kind, charset="utf-8")
