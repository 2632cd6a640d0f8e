"""The page behind a link: a line and perhaps one button, from this server alone, remembered by nobody."""

from __future__ import annotations

import base64
from hashlib import sha256
from html import escape

from aiohttp import web

STYLE = (
    "body{font:1.3rem/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem;text-align:center}"
    "button{font:inherit;padding:.8rem 1.6rem;border:0;border-radius:.4rem;background:#14532d;color:#fff}"
    "button:focus-visible{outline:.2rem solid #93c5fd}"
)
_STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def screen(says: str, *, button: str = "", status: int = 200) -> web.Response:
    """The whole page. A button posts to the very address it stands at."""
    form = f'<form method="post"><button type="submit">{escape(button)}</button></form>' if button else ""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(says)}</title><style>{STYLE}</style></head>"
        f"<body><main><p>{escape(says)}</p>{form}</main></body></html>"
    )
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=HEADERS)
