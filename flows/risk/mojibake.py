# ruff: noqa: RUF001  (this file is about characters that went wrong)
"""Mojibake: characters that two programs garbled between them (`donâ€™t`, `maÃ±ana`, `don&#39;t`), made whole again.

Only what can have come about in no other way is touched; a capital with an accent before a quotation mark is none.
"""

from __future__ import annotations

from html import unescape
from typing import Final

# What the bytes 0x80 to 0xbf look like to a program that takes them for Windows-1252, or for Latin-1.
_TAIL: Final = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_LEADS: Final = "ÂÃâð&"
_ENTITY: Final = (
    r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|apos|quot|amp|nbsp|[lr]squo|[AEIOUaeiou]acute|[Nn]tilde|iexcl|iquest);"
)
GARBLED: Final = rf"[ÂÃ][{_TAIL}]|â[{_TAIL}]{{2}}|ð[{_TAIL}]{{3}}|{_ENTITY}"


def mended(garbled: str) -> str | None:
    """The one character that was meant, or None if these are just characters."""
    if garbled[0] not in _LEADS:
        return None
    if garbled[0] == "&":
        meant = unescape(garbled)
        return meant if len(meant) == 1 else None
    try:
        return b"".join(_byte(letter) for letter in garbled).decode()
    except ValueError:
        return None


def _byte(letter: str) -> bytes:
    return bytes([ord(letter)]) if ord(letter) < 0x100 else letter.encode("cp1252")
