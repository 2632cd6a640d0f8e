"""Rings one pager, once. Blocks: it is called in a thread of its own (`threads.py`).

Apprise's classes for services are used one by one, not through its front: that would load two hundred of them, take
`?optional=yes` for a success and try again by itself.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from bot.channels.base import DeliveryError
from bot.channels.pager.kinds import KINDS, kind_of
from bot.channels.pager.quiet import EAR, silence
from flows.errors import HandrailError

#: How long, in seconds, a service may take to let us in, and to answer.
LETS_IN, ANSWERS = 5.0, 10.0
#: A service that says one of these would say it again: wrong password, no such address, gone.
FOR_GOOD = frozenset({400, 401, 403, 404, 410, 422})
#: What a mail or a webhook says of its sender. Not the program's own name: it tells what kind of place sends this.
SENDER = "Pager"


class NotLoadable(HandrailError):
    """This address cannot be used as it is written: see https://appriseit.com/services/ for its kind, "{0}"."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is to leave by a pager. `plain` is for lines that are not encrypted."""

    title: str
    text: str
    plain: str


def plugin_for(url: str) -> Any:
    """The service behind an address. Raises what is wrong with it, without repeating it. Contacts nobody."""
    kind = kind_of(url)
    module, name = KINDS[kind]
    silence()
    from apprise import AppriseAsset  # noqa: PLC0415 - a tenth of a second, for whoever uses it
    from apprise.common import PersistentStoreMode  # noqa: PLC0415

    service = getattr(import_module(f"apprise.plugins.{module}"), name)
    silence()  # a module may have set its logger up as it was loaded
    try:
        parts = service.parse_url(url)
        asset = AppriseAsset(
            app_id=SENDER,
            app_desc=SENDER,
            app_url="",
            image_url_mask="",
            image_url_logo="",
            storage_mode=PersistentStoreMode.MEMORY,
            default_service_retry=0,
        )
        made = service(**{**parts, "asset": asset, "cto": LETS_IN, "rto": ANSWERS})
    except Exception:  # noqa: BLE001 - plug-ins raise anything, and their words hold the address
        raise NotLoadable(kind) from None
    made.redirects = False  # a page goes to this address and to no other
    return made


def ring(url: str, words: Words) -> None:
    """Returns once the service took it. Raises DeliveryError; what it tells is a code."""
    try:
        service = plugin_for(url)
    except HandrailError as wrong:
        raise DeliveryError(type(wrong).__name__, permanent=True) from None
    EAR.begin()
    body = words.plain if is_open(service) else words.text
    try:
        took = bool(service.notify(body=body, title=words.title if _has_title(service) else "", body_format="text"))
    except Exception as failure:  # noqa: BLE001 - plug-ins raise anything, and their words hold the address
        raise DeliveryError(type(failure).__name__) from None
    if not took:
        status = EAR.status()
        reason = f"the service answered {status}" if status else "the service did not take it"
        raise DeliveryError(reason, permanent=status in FOR_GOOD)


def _has_title(service: Any) -> bool:
    """Where there is none, Apprise would put it in front of the text, and an SMS would become two."""
    return bool(service.title_maxlen)


def is_open(service: Any) -> bool:
    """Whether what goes there can be read on the way: not encrypted, and not only within this machine."""
    if type(service).__name__ == "NotifyEmail":
        encrypted = str(service.secure_mode) != "insecure"
        host = service.smtp_host
    elif type(service).__name__ == "NotifyNtfy":
        encrypted = bool(service.secure) or str(service.mode) == "cloud"
        host = service.host
    else:
        # The companies' own services speak TLS only, and have one kind; others have one kind with and one without.
        encrypted = bool(service.secure) or not (service.protocol and service.secure_protocol)
        host = getattr(service, "host", "")
    return not encrypted and not _is_here(str(host or ""))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
