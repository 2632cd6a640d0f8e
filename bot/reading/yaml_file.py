"""YAML, read so that every word stays the word that was written.

`No` is the word *No*, `21:00` is text, `0123` keeps its zero: what a value means is for the model that reads it.
What nobody meant is a complaint, even where YAML itself has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.reading.complaint import BadFiles, Complaint
from bot.reading.document import Document, Mark
from bot.reading.text import Source, read_source, what_is_invisible
from bot.reading.yaml_refused import refused
from bot.reading.yaml_words import syntax_complaint

# The fast one is there wherever PyYAML was built with its C library.
LOADER: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_yaml(path: Path) -> Document:
    """The YAML file at `path`. Raises BadFiles."""
    return parse_yaml(read_source(path))


def parse_yaml(source: Source, *, near_remarks: bool = False) -> Document:
    """The same for text already read. Raises BadFiles with everything that is wrong, not only the first.

    With `near_remarks`, one space is enough before the # of a remark, as in any other YAML.
    """
    try:
        # First, so that nothing below ever follows an alias or goes down without end.
        _refuse(refused(source, LOADER, near_remarks=near_remarks))
        node = yaml.compose(source.text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise BadFiles([syntax_complaint(source, error)]) from None
    if node is None:
        what = "There is nothing in this file but comments."
        raise BadFiles([source.complaint(1, what, "Write something in it, or delete it.")])
    builder = _Builder(source)
    document = builder.build(node, source.mark(_line(node)))
    _refuse(builder.complaints)
    return document


class _Builder:
    """Turns nodes into a document, and goes on after a complaint so that all are told at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.complaints: list[Complaint] = []

    def build(self, node: yaml.Node, mark: Mark) -> Document:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, mark)
        if isinstance(node, yaml.SequenceNode):
            items = [self.build(item, self.source.mark(_line(item))) for item in node.value]
            return Document.sequence(items, mark)
        text = str(node.value)
        self._complain_if(what_is_invisible(text), _line(node), "Take it out.")
        return Document(text, mark)

    def _mapping(self, node: yaml.MappingNode, mark: Mark) -> Document:
        parts: dict[str, Document] = {}
        for key_node, value_node in node.value:
            line = _line(key_node)
            key = self._key(key_node)
            if key and key in parts:
                already = f"It is already in line {parts[key].mark.line}; keep one of the two."
                self._complain_if(f'The key "{key}" is here twice.', line, already)
            parts[key] = self.build(value_node, self.source.mark(line))
        return Document.mapping(parts, mark)

    def _key(self, node: yaml.Node) -> str:
        line = _line(node)
        if not isinstance(node, yaml.ScalarNode):
            what = "A key must be one word or text, not a list or a group of keys."
            self._complain_if(what, line, 'Text that begins with { or [ needs "quotes".')
            return ""
        key = str(node.value)
        if not key:
            self._complain_if('There is no key before the ":".', line, "")
        if key == "<<":
            self._complain_if("Merging with << is not used in these files.", line, "Write the keys out.")
        self._complain_if(what_is_invisible(key), line, "Take it out.")
        return key

    def _complain_if(self, what: str, line: int, hint: str) -> None:
        if what:
            self.complaints.append(self.source.complaint(line, what, hint))


def _line(node: yaml.Node) -> int:
    return 1 if node.start_mark is None else int(node.start_mark.line) + 1


def _refuse(complaints: Iterator[Complaint] | list[Complaint]) -> None:
    told = tuple(complaints)
    if told:
        raise BadFiles(told)
