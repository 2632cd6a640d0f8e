"""The same for a test in another process: a few addresses under /control that take and give JSON.

POST /control/user   {"name": "Maya"}                        a person
POST /control/group  {"title": "Staff", "forum": true}       a group
POST /control/act    {"who": "Maya", "does": "says", "with": {"text": "hello"}, "where": "Staff"}
GET  /control/phone/Maya   GET /control/groups/Staff         what is shown
GET  /control/calls                                          what the bot did
POST /control/push   {…}                                     a raw update
POST /control/fault  {"method": "sendMessage", "fault": "delay", "with": {"seconds": 2}, "chat": 1, "times": 1}
POST /control/clock  {"forward": {"hours": 25}} or {"set": "2026-01-01T09:00:00+00:00"}
POST /control/limits {"on": true}                            POST /control/reset
"""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.telegram.faults import BY_NAME

if TYPE_CHECKING:
    from tests.fakes.telegram.telegram import Telegram


def control(app: web.Application, telegram: Telegram) -> None:
    doors = Doors(telegram)
    for name in ("user", "group", "act", "push", "fault", "clock", "limits", "reset"):
        app.router.add_post(f"/control/{name}", getattr(doors, name))
    app.router.add_get("/control/phone/{name}", doors.phone)
    app.router.add_get("/control/groups/{title}", doors.group_shown)
    app.router.add_get("/control/calls", doors.calls)


class Doors:
    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram

    async def user(self, request: web.Request) -> web.Response:
        return web.json_response({"id": self.telegram.user(**await request.json()).id})

    async def group(self, request: web.Request) -> web.Response:
        about = await request.json()
        about["members"] = [self.telegram.phones[name] for name in about.get("members", [])]
        if about.get("rights"):
            about["rights"] = frozenset(about["rights"])
        return web.json_response({"id": self.telegram.group(**about).id})

    async def act(self, request: web.Request) -> web.Response:
        """Any verb of a phone; bytes are not sent this way."""
        about = await request.json()
        given = about.get("with", {})
        if "where" in about:
            given["where"] = self.telegram.groups[about["where"]]
        try:
            done = await getattr(self.telegram.phones[about["who"]], about["does"])(**given)
        except AssertionError as problem:
            return web.json_response({"error": str(problem)}, status=409)
        return web.json_response(_plain(done))

    async def phone(self, request: web.Request) -> web.Response:
        phone = self.telegram.phones[request.match_info["name"]]
        about = {"id": phone.id, "shown": _plain(phone.shown), "keyboard": phone.keyboard}
        return web.json_response(about | {"answers": phone.answers, "menu": phone.menu})

    async def group_shown(self, request: web.Request) -> web.Response:
        group = self.telegram.groups[request.match_info["title"]]
        about = {"id": group.id, "shown": _plain(group.shown), "topics": _plain(group.topics)}
        return web.json_response(about | {"members": group.members})

    async def calls(self, request: web.Request) -> web.Response:
        return web.json_response(_plain(self.telegram.calls))

    async def push(self, request: web.Request) -> web.Response:
        return web.json_response({"update_id": self.telegram.push(await request.json()).id})

    async def fault(self, request: web.Request) -> web.Response:
        about = await request.json()
        fault = BY_NAME[about.pop("fault")](**about.pop("with", {}))
        self.telegram.faults.add(about.pop("method"), fault, **about)
        return web.json_response({})

    async def clock(self, request: web.Request) -> web.Response:
        about = await request.json()
        if "set" in about:
            self.telegram.clock.set(datetime.fromisoformat(about["set"]))
        self.telegram.clock.forward(**about.get("forward", {}))
        return web.json_response({"now": self.telegram.clock.now()})

    async def limits(self, request: web.Request) -> web.Response:
        for name, value in (await request.json()).items():
            setattr(self.telegram.limits, name, value)
        return web.json_response(_plain(self.telegram.limits))

    async def reset(self, request: web.Request) -> web.Response:
        await self.telegram.reset()
        return web.json_response({})


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return asdict(value) if is_dataclass(value) else value
