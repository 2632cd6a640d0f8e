"""A file as text: UTF-8, nothing invisible in it, its lines counted as an editor counts them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from bot.reading.complaint import BadFiles, Complaint
from bot.reading.document import Mark

# Far beyond any lexicon. What is larger is the wrong file.
LARGEST_BYTES = 5_000_000

# Control characters, line ends that only some programs see, marks of a lost encoding, halves of characters.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd-\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file, whose name is what a complaint shows."""

    file: str
    text: str
    lines: tuple[str, ...]

    def mark(self, line: int) -> Mark:
        """The line with this number, or the nearest that there is. A remark is not shown: it is not what is meant."""
        line = max(1, min(line, len(self.lines)))
        near = self.line(line).strip()
        return Mark(self.file, line, "" if near.startswith("#") else near)

    def line(self, number: int) -> str:
        """What is written there; nothing, behind the last line."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def complaint(self, line: int, what: str, hint: str = "") -> Complaint:
        """Something is wrong in this line."""
        mark = self.mark(line)
        return Complaint(mark.file, mark.line, mark.near, what, hint)


def read_source(path: Path) -> Source:
    """The file at `path`. Raises BadFiles when it cannot be read as text."""
    file = shown(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise BadFiles([Complaint(file, None, "", "There is no such file.")]) from None
    except OSError as error:
        raise BadFiles([Complaint(file, None, "", f"This cannot be read: {error.strerror}.")]) from None
    if len(data) > LARGEST_BYTES:
        what = f"This file is larger than {LARGEST_BYTES // 1_000_000} MB."
        raise BadFiles([Complaint(file, None, "", what, "Is it the right one?")])
    return source_of(file, data)


def source_of(file: str, data: bytes) -> Source:
    """The text in `data`. Raises BadFiles for a wrong encoding, for invisible characters and when there is no text."""
    text = _decoded(file, data).replace("\r\n", "\n").replace("\r", "\n")
    source = Source(file, text, tuple(text.removesuffix("\n").split("\n")))
    complaints = [
        source.complaint(number, what_is_invisible(line), "Delete it and type that spot again.")
        for number, line in enumerate(source.lines, start=1)
        if INVISIBLE.search(line)
    ]
    if not text.strip():
        complaints.append(Complaint(file, 1, "", "This file is empty.", "Write something in it, or delete it."))
    if complaints:
        raise BadFiles(complaints)
    return source


def what_is_invisible(text: str) -> str:
    """A sentence about the first character in `text` that no reader sees, or nothing when all can be seen."""
    found = INVISIBLE.search(text)
    if found is None:
        return ""
    name = unicodedata.name(found.group(), "a control character").lower()
    return f"There is a character here that cannot be seen: U+{ord(found.group()):04X}, {name}."


def shown(path: Path) -> str:
    """The path as a person should read it: from here if it lies below here, else as given."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _decoded(file: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line = len(re.findall(r"\r\n|\r|\n", before)) + 1
        near = re.split(rb"\r\n|\r|\n", data)[line - 1].decode("utf-8", "replace").strip()
        # Zeros between the letters: another encoding altogether, of which no line can be shown.
        near = "" if "\0" in near else INVISIBLE.sub("�", near)
        hint = "In your editor, save it with the encoding UTF-8."
        raise BadFiles([Complaint(file, line, near, "This file is not UTF-8 text.", hint)]) from None
