"""TOML with the line of every key, in all the ways that keys can be written."""

import pytest

from bot.reading import BadFiles, parse_toml, source_of

ALL_OF_IT = '''\
# settings
title = "Handrail"
"quoted key" = 1
'single.key' = 2
a.b . "c d" = 3

[quiet]
from = 21:00:00
until = 07:00:00 # a remark with ] and }
days = [
  "mon", # and one here ]
  """tue
""",
  { name = "wed", "x y" = [1, 2] },
]
text = """
[not.a.table]
key = "no key"
"""
raw = \'\'\'
\'\' = 1\'\'\'
empty = ""
quotes = """""a"""""
when = 1979-05-27 07:32:00

[[line]]
name = "one"
[line.hours]
from = 1
[[line]]
name = "two"
[[line.shift]]
who = "a"
[[line.shift]]
who = "b"

[ deep . "er" ]
x = -1
[deep]
y = { }
'''


def parsed(text):
    return parse_toml(source_of("a.toml", text.encode()))


def complaint(text):
    with pytest.raises(BadFiles) as caught:
        parsed(text)
    return caught.value.complaints[0]


@pytest.mark.parametrize(
    ("place", "near"),
    [
        (("title",), 'title = "Handrail"'),
        (("quoted key",), '"quoted key" = 1'),
        (("single.key",), "'single.key' = 2"),
        (("a", "b", "c d"), 'a.b . "c d" = 3'),
        (("quiet",), "[quiet]"),
        (("quiet", "until"), "until = 07:00:00 # a remark with ] and }"),
        (("quiet", "days", 0), '"mon", # and one here ]'),
        (("quiet", "days", 1), '"""tue'),
        (("quiet", "days", 2, "x y", 1), '{ name = "wed", "x y" = [1, 2] },'),
        (("quiet", "text"), 'text = """'),
        (("quiet", "raw"), "raw = '''"),
        (("quiet", "quotes"), 'quotes = """""a"""""'),
        (("quiet", "when"), "when = 1979-05-27 07:32:00"),
        (("line", 0, "name"), 'name = "one"'),
        (("line", 0, "hours"), "[line.hours]"),
        (("line", 1, "name"), 'name = "two"'),
        (("line", 1, "shift", 1, "who"), 'who = "b"'),
        (("deep", "er", "x"), "x = -1"),
        (("deep",), "[deep]"),
        (("deep", "y"), "y = { }"),
    ],
)
def test_every_key_knows_its_line(place, near):
    document = parsed(ALL_OF_IT)
    assert document.holds(place)
    assert document.at(place).mark.near == near


def test_a_file_of_remarks_changes_nothing():
    """The shipped settings file may well be all comments."""
    assert parsed("# quiet_from = 21:00\n").value == {}


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a = 1\na = 2", 2, "This key is here twice."),
        ("[a]\nb = 1\n[a]\n", 3, "This table is here twice."),
        ("a = yes", 1, "This value cannot be read."),
        ("\na", 2, 'There is a key here without a "=".'),
        ('a = "b', 1, "A quote is not closed."),
        ("a = 'b\n", 1, "A quote is not closed in its line."),
        ("a = [1\nb = 2", 2, 'A "[" is not closed by a "]", or a comma is missing.'),
        ("a = 1 2", 1, "Something follows the value that does not belong to it."),
        ('a = "\\q"', 1, "There is a \\ here that TOML does not understand."),
        ("a = " + "[" * 9000, 1, "This file is nested too deep."),
        ("a = " + "9" * 5000, 1, "This number is too long."),
        ('b = 1\na = "\\u0000"', 2, "There is a character here that cannot be seen: U+0000, a control character."),
        ("", 1, "This file is empty."),
    ],
)
def test_what_is_not_read_is_said_in_plain_words(text, line, what):
    told = complaint(text)
    assert (told.line, told.what) == (line, what)
