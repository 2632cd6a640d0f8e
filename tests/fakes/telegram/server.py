"""The sockets: every call goes through here, and here is where connections break."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from tests.fakes.telegram.api import BotApi, Call
from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.parameters import Parameters, read
from tests.fakes.telegram.refusal import Refusal

HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def application(api: BotApi) -> web.Application:
    """`/bot<token>/<method>` and `/file/bot<token>/<path>`, as the documentation's "Making requests" has them."""
    app = web.Application(client_max_size=60 * 1024 * 1024)
    answering = Answering(api)
    app.router.add_route("*", "/bot{token}/{method}", answering.answer)
    app.router.add_get("/file/bot{token}/{path:.*}", answering.download)
    return app


class Answering:
    def __init__(self, api: BotApi) -> None:
        self.api = api

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.api.token:
            return _answer(Refusal(401, "Unauthorized"))  # ClientManager.cpp `send`; Client.cpp `get_closing_error`
        try:
            given = await read(request)
        except Refusal as refusal:
            return _answer(refusal)
        call = Call(
            method, given.values | {name: file.name for name, file in given.uploads.items()}, self.api.clock.now()
        )
        self.api.calls.append(call)
        fault = self.api.faults.strike(method, call.chat)
        if fault is None:
            return await self._do(call, given)
        call.fault = fault.name
        return await self._spoiled(request, call, given, fault)

    async def _do(self, call: Call, given: Parameters) -> web.Response:
        try:
            result = await self.api.call(call.method, given)
        except Refusal as refusal:
            call.status, call.answer = refusal.code, refusal.description
            self.api.changed()
            return _answer(refusal)
        call.status, call.answer = 200, result
        self.api.changed()
        return _answer(result)

    async def _spoiled(self, request: web.Request, call: Call, given: Parameters, fault: Fault) -> web.StreamResponse:
        """What happened is on record before the answer is spoiled: nobody who hangs up can undo it."""
        answer = await self._do(call, given) if fault.effect else None
        if fault.name == "delay":
            await asyncio.sleep(fault.seconds)
            return answer or web.Response()
        if fault.name == "hang":
            await asyncio.Event().wait()
        if fault.name in {"reset_before", "reset_after"}:
            call.status = 0
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.name == "html502":
            call.status = 502
            return web.Response(status=502, text=HTML, content_type="text/html")
        if fault.name == "garbage200":
            call.status = 200
            return web.Response(text='{"ok":true,"result":', content_type="application/json")
        refusal = Refusal(fault.code, fault.description, fault.parameters)
        call.status, call.answer = refusal.code, refusal.description
        return _answer(refusal)

    async def download(self, request: web.Request) -> web.Response:
        """Documentation, "getFile"."""
        stored = self.api.files.by_path(request.match_info["path"])
        if request.match_info["token"] != self.api.token or stored is None:
            return _answer(Refusal(404, "Not Found"))
        return web.Response(body=stored.content, content_type="application/octet-stream")


def _answer(result: Any) -> web.Response:
    if isinstance(result, Refusal):
        return web.json_response(result.as_json(), status=result.code)
    return web.Response(
        text=json.dumps({"ok": True, "result": result}, ensure_ascii=False), content_type="application/json"
    )


async def serve(app: web.Application, port: int = 0) -> tuple[web.AppRunner, int]:
    """On loopback only. A bot that hangs up stops the wait of its call."""
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    return runner, runner.addresses[0][1]
