"""Links that acknowledge one page: made when it leaves, good for a while, and for nothing else.

A link names the page and its end, under a keyed mark; nothing is kept for it. It opens nothing: whoever finds one can
say "I have it" in its owner's name, and read the number of a case.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.keyfile import MasterKey

#: Bytes of the page's key, of the end in seconds since 1970, and of the mark: 43 characters in all, for an SMS.
KEY, END, MARK = 16, 4, 12
LENGTH = 43


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: which page, and until when it counts."""

    key: str
    ends: datetime

    def ended(self, now: datetime) -> bool:
        return now >= self.ends


class Links:
    """Makes and reads the links of one programme."""

    def __init__(self, master: MasterKey, public_url: str, count_for: timedelta) -> None:
        self._secret = master.link_key
        self.public_url = public_url.rstrip("/")
        self.count_for = count_for

    def make(self, key: str, now: datetime) -> tuple[str, datetime]:
        """The link to acknowledge the page of this key, and when it ends. Nothing where there is no door."""
        ends = (now + self.count_for).replace(microsecond=0)
        if not self.public_url:
            return "", ends
        plain = bytes.fromhex(key) + int(ends.timestamp()).to_bytes(END, "big")
        return f"{self.public_url}/a/{_written(plain + self._mark(plain))}", ends

    def read(self, token: str) -> Link | None:
        """What a token says; None where it is not one of ours."""
        if len(token) != LENGTH or not token.isascii():
            return None
        try:
            whole = base64.b64decode(f"{token}=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if _written(whole) != token:  # the last character has two bits to spare: one link is one string
            return None
        plain, mark = whole[: KEY + END], whole[KEY + END :]
        if not hmac.compare_digest(mark, self._mark(plain)):
            return None
        return Link(plain[:KEY].hex(), datetime.fromtimestamp(int.from_bytes(plain[KEY:], "big"), UTC))

    def _mark(self, plain: bytes) -> bytes:
        return hmac.digest(self._secret, b"acknowledge|" + plain, "sha256")[:MARK]


def _written(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()
