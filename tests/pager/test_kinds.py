"""Which services may ring somebody, and what their addresses may say."""

from __future__ import annotations

import pytest

from bot.channels.pager.kinds import KINDS, NoSuchKind, NotAnAddress, NotForPagers, kind_of
from bot.channels.pager.ringing import NotLoadable, is_open, plugin_for
from flows.pager import shown

A, B, DIGITS = "a" * 40, "b" * 40, "15551234567/15557654321"
#: One address of each kind, as its service gives it out.
ADDRESSES = {
    "mailto": "mailto://user:pass@mail.example.org?to=jo@example.org",
    "mailtos": "mailtos://user:pass@mail.example.org?to=jo@example.org",
    "json": "json://user:pass@example.org/a/b",
    "jsons": "jsons://example.org/a",
    "xml": "xml://example.org",
    "xmls": "xmls://example.org",
    "form": "form://example.org",
    "forms": "forms://example.org",
    "46elks": "46elks://user:pass@+15551234567/+15557654321",
    "bulksms": "bulksms://user:pass@+15557654321",
    "clickatell": f"clickatell://15551234567@{A[:8]}/15557654321",
    "clicksend": "clicksend://user:pass@+15557654321",
    "d7sms": "d7sms://token@15557654321",
    "httpsms": f"httpsms://key@{DIGITS}",
    "infobip": f"infobip://{A[:32]}@{DIGITS}",
    "msgbird": f"msgbird://{A[:25]}/{DIGITS}",
    "plivo": f"plivo://{A[:25]}@{B}/{DIGITS}",
    "seven": f"seven://{A[:25]}/15557654321",
    "sinch": f"sinch://{A[:32]}:{B[:32]}@{DIGITS}",
    "smseagle": "smseagle://token@10.0.0.1/15557654321",
    "smseagles": "smseagles://token@sms.example.org/15557654321",
    "sns": f"sns://AKIA0000000000000000/{A}/us-east-1/+15557654321",
    "telnyx": f"telnyx://{A[:25]}@{DIGITS}",
    "twilio": f"twilio://AC{A[:32]}:{B[:32]}@{DIGITS}",
    "voipms": f"voipms://pass:jo@example.org/{DIGITS}",
    "vonage": f"vonage://{A[:8]}:{B[:16]}@{DIGITS}",
    "betterstack": "betterstack://token",
    "goalert": "goalert://10.0.0.1/token",
    "goalerts": "goalerts://example.org/token",
    "ilert": "ilert://apikey",
    "opsgenie": "opsgenie://apikey",
    "pagerduty": f"pagerduty://{A[:32]}@{B[:20]}",
    "signl4": "signl4://secret",
    "squadcast": f"squadcast://{A[:32]}",
    "gotify": "gotify://example.org/token",
    "gotifys": "gotifys://example.org/token",
    "ntfy": "ntfy://topic",
    "ntfys": "ntfys://example.org/topic",
    "pover": f"pover://{A[:30]}@{B[:30]}",
    "prowl": f"prowl://{A}",
    "signal": "signal://10.0.0.1:8080/+15551234567/+15557654321",
    "signals": "signals://example.org/+15551234567/+15557654321",
    "threema": "threema://*THEGWID@secret/15557654321",
}
OPEN = {"mailto", "json", "xml", "form", "smseagle", "goalert", "gotify", "signal"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_on_the_list_can_be_rung(kind: str) -> None:
    """A newer Apprise may call its classes otherwise: found out here, and not in the first night."""
    service = plugin_for(ADDRESSES[kind])
    assert service.retry == 0
    assert not service.optional
    assert service.request_timeout == (5.0, 10.0)
    assert is_open(service) == (kind in OPEN)


def test_within_this_machine_nothing_is_open() -> None:
    """A mail server or a gateway on the same machine needs no TLS."""
    assert not is_open(plugin_for("json://127.0.0.1:8080/"))
    assert not is_open(plugin_for("mailto://localhost:25?from=a@example.org&to=b@example.org"))


@pytest.mark.parametrize(
    "url",
    [
        "macosx://x", "dbus://x", "gnome://x", "windows://x", "syslog://x", "blink1://x", "file:///etc/passwd",
        "config://x", "http://example.org/notify.yaml", "https://hooks.slack.com/services/T/B/C", "slack://T/B/C/#room",
        "discord://a/b", "matrix://u:p@example.org/#room", "tgram://token/1", "apprise://example.org/token", "smpp://x",
    ],
)  # fmt: skip
def test_whatever_else_could_be_notified_is_no_pager(url: str) -> None:
    """The screen of this machine, files, plug-ins, rooms of many: whoever is in one could answer for its owner."""
    with pytest.raises(NoSuchKind) as told:
        kind_of(url)
    assert "mailtos" in str(told.value)


@pytest.mark.parametrize("url", ["", "jo@example.org", "+15551234567", "mailto:jo@example.org", "json://", "a b://x"])
def test_what_is_no_address_is_told_how_one_looks(url: str) -> None:
    """Somebody will write a bare telephone number."""
    with pytest.raises((NotAnAddress, NoSuchKind)):
        kind_of(url)


@pytest.mark.parametrize(
    "more", ["verify=no", "VERIFY=0", "optional=yes", "retry=9", "pgpkey=/etc/passwd", "redirect=yes", "a=b&wait=9"]
)
def test_what_would_make_a_page_less_sure_cannot_be_written(more: str) -> None:
    """Not checking who answers, failing in silence, reading files of this machine."""
    with pytest.raises(NotForPagers):
        kind_of(f"jsons://example.org/?{more}")


@pytest.mark.parametrize(
    "url", ["twilio://hunter2", "mailto://hunter2:hunter2@", "pagerduty://hunter2", "xyz://hunter2"]
)
def test_a_complaint_never_repeats_the_address(url: str) -> None:
    """There is a password in it more often than not."""
    with pytest.raises((NotLoadable, NoSuchKind, NotAnAddress)) as told:
        plugin_for(url)
    assert "hunter2" not in f"{told.value!s}{told.value!r}"
    assert told.value.__cause__ is None


def test_an_address_is_shown_by_its_kind_and_two_characters() -> None:
    """Enough to know which one it is."""
    assert shown("mailtos://user:hunter2@example.org?to=jo@example.org") == "mailtos …rg"
    assert shown(f"twilio://AC{A}:{B}@{DIGITS}/") == "twilio …21"
