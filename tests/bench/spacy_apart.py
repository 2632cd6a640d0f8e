"""spaCy's PhraseMatcher, to be measured against: in an environment of its own, kept for the next run; never in ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCK = Path(__file__).parents[2] / ".ci" / "spacy.lock"
#: Tokens in lower case, as one would do it by the book. Prints the best seconds a message of several rounds.
PROGRAM = """
import json, sys, time
import spacy
from spacy.matcher import PhraseMatcher

given = json.load(sys.stdin)
nlp = spacy.blank("en")
matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
matcher.add("entry", list(nlp.pipe(given["phrases"])))
rounds = []
for _ in range(given["rounds"]):
    begun = time.process_time()
    for message in given["messages"]:
        matcher(nlp(message))
    rounds.append((time.process_time() - begun) / len(given["messages"]))
print(json.dumps(min(rounds)))
"""


class NotToBeHad(Exception):
    """spaCy cannot be installed here."""


def installed(folder: Path) -> Path:
    """The Python that has it. Raises NotToBeHad."""
    python, ready = folder / "bin" / "python", folder / "ready"
    wanted = LOCK.read_text()
    if not ready.exists() or ready.read_text() != wanted:
        made = [sys.executable, "-m", "venv", "--clear", str(folder)]
        filled = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--only-binary", ":all:"]
        for command in (made, [*filled, "--require-hashes", "-r", str(LOCK)]):
            if subprocess.run(command, check=False, capture_output=True).returncode:
                raise NotToBeHad
        ready.write_text(wanted)
    return python


def seconds(python: Path, phrases: Sequence[str], messages: Sequence[str], rounds: int) -> float:
    """The best seconds a message."""
    given = json.dumps({"phrases": phrases, "messages": messages, "rounds": rounds})
    done = subprocess.run([python, "-c", PROGRAM], input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
