"""A Telegram Bot API server for tests: real sockets, strict where Telegram is strict. See ../README.md."""

from tests.fakes.telegram.group import Group
from tests.fakes.telegram.phone import NothingToTap, Phone, Shown
from tests.fakes.telegram.telegram import Telegram, bot_api

__all__ = ["Group", "NothingToTap", "Phone", "Shown", "Telegram", "bot_api"]
