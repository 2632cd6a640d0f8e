"""Which services may ring somebody, and what their addresses may say.

A list of those that make sense for one person's pager; everything else that Apprise could do is refused: rooms of many
(whoever is in one could answer in the name of its owner), the screen of this machine, files, plug-ins.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from flows.errors import HandrailError

#: Kind: the module of Apprise that knows it, and its class there. Only these modules are ever loaded.
KINDS: Mapping[str, tuple[str, str]] = {
    # mail
    "mailto": ("email", "NotifyEmail"),
    "mailtos": ("email", "NotifyEmail"),
    # a webhook of one's own
    "json": ("custom_json", "NotifyJSON"),
    "jsons": ("custom_json", "NotifyJSON"),
    "xml": ("custom_xml", "NotifyXML"),
    "xmls": ("custom_xml", "NotifyXML"),
    "form": ("custom_form", "NotifyForm"),
    "forms": ("custom_form", "NotifyForm"),
    # SMS
    "46elks": ("fortysixelks", "Notify46Elks"),
    "bulksms": ("bulksms", "NotifyBulkSMS"),
    "clickatell": ("clickatell", "NotifyClickatell"),
    "clicksend": ("clicksend", "NotifyClickSend"),
    "d7sms": ("d7networks", "NotifyD7Networks"),
    "httpsms": ("httpsms", "NotifyHttpSMS"),
    "infobip": ("infobip", "NotifyInfobip"),
    "msgbird": ("messagebird", "NotifyMessageBird"),
    "plivo": ("plivo", "NotifyPlivo"),
    "seven": ("seven", "NotifySeven"),
    "sinch": ("sinch", "NotifySinch"),
    "smseagle": ("smseagle", "NotifySMSEagle"),
    "smseagles": ("smseagle", "NotifySMSEagle"),
    "sns": ("sns", "NotifySNS"),
    "telnyx": ("telnyx", "NotifyTelnyx"),
    "twilio": ("twilio", "NotifyTwilio"),
    "voipms": ("voipms", "NotifyVoipms"),
    "vonage": ("vonage", "NotifyVonage"),
    # services that ring until somebody answers
    "betterstack": ("betterstack", "NotifyBetterStack"),
    "goalert": ("goalert", "NotifyGoAlert"),
    "goalerts": ("goalert", "NotifyGoAlert"),
    "ilert": ("ilert", "NotifyILert"),
    "opsgenie": ("opsgenie", "NotifyOpsgenie"),
    "pagerduty": ("pagerduty", "NotifyPagerDuty"),
    "signl4": ("signl4", "NotifySIGNL4"),
    "squadcast": ("squadcast", "NotifySquadcast"),
    # an app on one's own phone
    "gotify": ("gotify", "NotifyGotify"),
    "gotifys": ("gotify", "NotifyGotify"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "ntfys": ("ntfy", "NotifyNtfy"),
    "pover": ("pushover", "NotifyPushover"),
    "prowl": ("prowl", "NotifyProwl"),
    "signal": ("signal_api", "NotifySignalAPI"),
    "signals": ("signal_api", "NotifySignalAPI"),
    "threema": ("threema", "NotifyThreema"),
}
#: What may not stand in an address, and why.
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("pgpkey", "pgppub", "pgpprv", "template"), "it would read files of this machine"),
    **dict.fromkeys(("optional", "retry", "wait"), "whether it is sent again is decided here"),
    **dict.fromkeys(("redirect", "redirects"), "a page goes to this address and to no other"),
    "verify": "somebody in between could then read and answer pages",
}


class NoSuchKind(HandrailError):
    """A pager cannot be of the kind "{0}". There are: {1}."""


class NotAnAddress(HandrailError):
    """A pager's address is written kind://…, such as mailtos://user:password@example.org?to=jo@example.org"""


class NotForPagers(HandrailError):
    """ "{0}" cannot stand in a pager's address: {1}."""


def kind_of(url: str) -> str:
    """The kind of a pager. Raises NotAnAddress, NoSuchKind, NotForPagers; none of them repeats the address, in which
    there may be a password."""
    kind, there, rest = url.partition("://")
    kind = kind.casefold()
    if not there or not rest.strip() or not kind.isalnum():
        raise NotAnAddress()
    if kind not in KINDS:
        raise NoSuchKind(kind[:20], ", ".join(sorted(KINDS)))
    for name, _ in parse_qsl(urlsplit(f"x://{rest}").query, keep_blank_values=True):
        if why := REFUSED.get(name.casefold().strip()):
            raise NotForPagers(name[:20], why)
    return kind
