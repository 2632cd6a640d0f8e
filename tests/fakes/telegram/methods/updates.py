"""How updates reach the bot: by asking for them, or by having them brought."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.fakes.telegram.methods import method
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.polls import WEBHOOK_SET
from tests.fakes.telegram.refusal import bad_request, conflict

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

#: Client.cpp LONG_POLL_MAX_TIMEOUT.
LONGEST_POLL = 50
#: Client.cpp `process_get_updates_query`.
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@method("getUpdates")
async def get_updates(api: BotApi, given: Parameters) -> list[dict[str, Any]]:
    """Client.cpp: figures out of range are bent into it."""
    if api.webhook.url:
        raise conflict(WEBHOOK_ACTIVE)
    offset = given.integer("offset")
    limit = min(max(given.integer("limit", 100), 1), 100)
    timeout = min(max(given.integer("timeout"), 0), LONGEST_POLL)
    _allow(api, given)
    return api.faults.spoil(await api.polls.take(offset, limit, timeout))


@method("setWebhook")
async def set_webhook(api: BotApi, given: Parameters) -> bool:
    """Client.cpp `do_set_webhook`; as a server with `--local` does, plain HTTP and any port are allowed."""
    url, secret = given.string("url"), given.string("secret_token")
    if not url:
        return await delete_webhook(api, given)
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise bad_request("invalid webhook URL specified")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = min(max(given.integer("max_connections", 40), 1), 100)
    _drop_pending(api, given)
    _allow(api, given)
    api.polls.end(WEBHOOK_SET)
    await api.webhook.set(url, secret, connections)
    return True


@method("deleteWebhook")
async def delete_webhook(api: BotApi, given: Parameters) -> bool:
    _drop_pending(api, given)
    await api.webhook.close()
    return True


@method("getWebhookInfo")
def get_webhook_info(api: BotApi, given: Parameters) -> dict[str, Any]:
    return api.webhook.as_json()


def _drop_pending(api: BotApi, given: Parameters) -> None:
    if given.boolean("drop_pending_updates"):
        api.dropped_pending += len(api.queue.events)
        api.queue.events = []


def _allow(api: BotApi, given: Parameters) -> None:
    """Documentation, "getUpdates": kept until said otherwise; what waits already is not touched; [] is the default."""
    kinds = given.json("allowed_updates", "allowed_updates")
    if kinds is None:
        return
    if not isinstance(kinds, list) or not all(isinstance(one, str) for one in kinds):
        raise bad_request("expected an Array of String as allowed_updates")
    api.allowed = set(kinds) or None
