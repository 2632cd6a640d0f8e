"""The list of lines that the code says is the code's own: nothing missing, nothing too much."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from bot.loading import shipped_config
from flows.lines import LINES

LINE = re.compile(r"(crisis|everyday|care)\.[a-z_]*[a-z]")
TOP = shipped_config().parent
#: Keywords of the functions that say a line; any other keyword fills a slot.
NO_SLOTS = {"urgency", "ask", "question", "ref", "replaces", "not_before", "choices", "page", "slots", "room", "via"}
SAYS = {"say", "line", "reply", "tell", "_ask", "_tell"}
TREES = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for package in ("bot", "flows", "storage")
    for path in (TOP / package).rglob("*.py")
    if path.name != "lines.py"
}
KNOWN = {f"{name}.{line}" for name, lines in LINES.items() for line in lines}


def constants(tree: ast.AST) -> set[str]:
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {value for value in found if LINE.fullmatch(value)}


@pytest.mark.parametrize("path", TREES, ids=lambda path: path.relative_to(TOP).as_posix())
def test_every_line_that_the_code_names_is_on_the_list(path: Path):
    """A line that is not on it would not be missed in a programme's files, and at night it would be."""
    assert constants(TREES[path]) <= KNOWN


def test_every_slot_on_the_list_is_filled_where_the_line_is_said():
    """A slot that is never filled would stop the program in the middle of a sentence."""
    filled: dict[str, set[str]] = defaultdict(set)
    for tree in TREES.values():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in SAYS:
                said = {line for argument in call.args for line in constants(argument)}
                # A call that chooses between lines may fill more than the chosen one needs.
                for line in said:
                    filled[line] |= slots_of(call) & wanted(line) if len(said) > 1 else slots_of(call)
    assert len(filled) > 50
    # Where none is to be seen, a function in between fills them.
    assert {line: slots for line, slots in filled.items() if slots and slots != wanted(line)} == {}


def wanted(line: str) -> set[str]:
    name, _, step = line.partition(".")
    return set(LINES[name][step])


def slots_of(call: ast.Call) -> set[str]:
    named = {keyword.arg for keyword in call.keywords if keyword.arg} - NO_SLOTS
    for keyword in call.keywords:
        if keyword.arg == "slots" and isinstance(keyword.value, ast.Dict):
            named |= {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)}
    return named
