"""What a call was given, whichever of the four ways it came in; each value is asked for by its type.

Stricter than the original on purpose: that reads "abc" as the number 0 and "perhaps" as false (Client.cpp
`get_integer_arg`, `to_bool`), and a mistake in our program would pass unseen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.telegram.refusal import bad_request


@dataclass
class Upload:
    """A file that came with the call."""

    name: str
    kind: str
    content: bytes


@dataclass
class Parameters:
    """`values` are strings, or what JSON made of them; `uploads` the files beside them."""

    values: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def string(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise bad_request(f'parameter "{name}" must be a String')
        return value

    def needed(self, name: str) -> str:
        # Client.cpp `get_required_string_arg`.
        if not self.has(name):
            raise bad_request(f'parameter "{name}" is required')
        return self.string(name)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise bad_request(f'parameter "{name}" must be an Integer')
        try:
            return int(value)
        except ValueError:
            raise bad_request(f'parameter "{name}" must be an Integer') from None

    def number(self, name: str) -> float:
        value = self.values.get(name)
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be a Float') from None

    def boolean(self, name: str) -> bool:
        value = self.values.get(name)
        if value is None or value == "":
            return False
        # Client.cpp `to_bool`: what it takes for yes; and the ways of saying no that are surely meant.
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if str(value).lower() not in known:
            raise bad_request(f'parameter "{name}" must be a Boolean')
        return known[str(value).lower()]

    def json(self, name: str, what: str) -> Any:
        """A member that PTB and others send as JSON inside of the form."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def message_ids(self, name: str = "message_ids") -> list[int]:
        """Client.cpp `get_message_ids`."""
        if not self.has(name):
            raise bad_request("message identifiers are not specified")
        ids = self.json(name, name)
        if not isinstance(ids, list):
            raise bad_request("expected an Array of message identifiers")
        if len(ids) > 100:
            raise bad_request("too many message identifiers specified")
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in ids):
            raise bad_request("message identifier must be a Number")
        if not all(one > 0 for one in ids):
            raise bad_request("invalid message identifier specified")
        return ids


async def read(request: web.Request) -> Parameters:
    """Documentation, "Making requests": query, form, JSON or multipart; what the body says comes last."""
    given = Parameters(dict(request.query))
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            raise bad_request("can't parse JSON in the request body") from None
        if not isinstance(body, dict):
            raise bad_request("the request body must be an Object")
        given.values |= body
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                given.uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                given.values[name] = value
    return given
