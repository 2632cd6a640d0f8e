"""What an account on Telegram is known by everywhere. Nothing heavy is imported for it: commands start with this."""

from __future__ import annotations

from typing import Final

#: The name of this network in everything that is stored.
NETWORK: Final = "telegram"
#: Where Telegram's own servers are.
OFFICIAL: Final = "https://api.telegram.org"
#: Where the token is taken from when nobody can be asked.
TOKEN: Final = "HANDRAIL_TELEGRAM_TOKEN"  # noqa: S105 - the name of a variable
