"""What the libraries under a pager log: addresses, with their passwords. Nothing of it gets out but a status."""

from __future__ import annotations

import logging
import re
import threading

#: They name addresses, accounts and tokens, some of them already at the level of warnings.
TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
STATUS = re.compile(r"error=(\d{3})\b")


class Ear(logging.Handler):
    """Hears what is logged in one thread, and keeps nothing of it but the last status that a service answered."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._here = threading.local()

    def begin(self) -> None:
        self._here.status = 0

    def status(self) -> int:
        return int(getattr(self._here, "status", 0))

    def emit(self, record: logging.LogRecord) -> None:
        if found := STATUS.search(record.getMessage()):
            self._here.status = int(found[1])

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Not even a fault in here may print what was logged."""


EAR = Ear()


def silence() -> None:
    """From now on they speak to nobody but the ear, whatever else in this process listens to everything."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
        logger.handlers = [EAR if name == "apprise" else logging.NullHandler()]
