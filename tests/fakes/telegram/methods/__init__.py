"""The methods of the Bot API, a file for each family. A method is a function in a table; what is not there is a 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi
    from tests.fakes.telegram.parameters import Parameters

Method = Callable[["BotApi", "Parameters"], Any]

#: By name in lower case, as Client.cpp `init_methods` has them: getme and getMe are the same.
METHODS: dict[str, Method] = {}


def method(*names: str) -> Callable[[Method], Method]:
    def keep(function: Method) -> Method:
        METHODS.update({name.lower(): function for name in names})
        return function

    return keep
