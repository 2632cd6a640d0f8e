"""Whatever somebody types into a file, it is read or complained about; nothing else ever happens."""

from typing import Annotated, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from bot.reading import BadFiles, Document, Mark, Strict, overlay, parse_toml, parse_yaml, read_as, source_of


class Choice(Strict):
    """One answer."""

    id: str
    label: str


class Say(Strict):
    """A remark."""

    kind: Literal["say"]
    say: str


class Ask(Strict):
    """A question."""

    kind: Literal["ask"]
    choices: tuple[Choice, ...] = ()
    minutes: int | None = None
    then: "Ask | str | None" = None


class Talk(Strict):
    """A whole file."""

    title: str
    steps: list[Annotated[Say | Ask, Field(discriminator="kind")]]


YAML = """\
# A check-in
title: "Check-in: today"
steps:
  - kind: say
    say: |
      Hello.
      How are you?
  - kind: ask
    minutes: 21
    choices:
      - {id: well, label: Well}
      - {id: badly, label: 'Not well'}
    then: bye
"""

TOML = """\
# A check-in
title = "Check-in: today"
[[steps]]
kind = "say"
say = '''
Hello.
'''
[[steps]]
kind = "ask"
minutes = 21
choices = [
  {id = "well", label = "Well"},
]
[steps.then]
kind = "ask"
"""

SIGNS = st.sampled_from([*" \t\n\r:-[]{}#&*!|>'\"%@`,?~=.\\\0\x85\u2028é", "---", "<<", '"""', "\n  ", "[[a]]"])
INSERTED = st.one_of(SIGNS, st.text(max_size=6)).map(lambda text: text.encode("utf-8", "surrogatepass"))
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(INSERTED, st.binary(max_size=3)))
EDITS = st.lists(EDIT, max_size=4)


def edited(text, edits):
    data = text.encode()
    for where, taken, put in edits:
        at = int(where * len(data))
        data = data[:at] + put + data[at + taken :]
    return data


def outcome(parse, data):
    """The document, or nothing, and what was complained about."""
    document = None
    try:
        document = parse(source_of("a", data))
        read_as(Talk, document)
    except BadFiles as bad:
        return document, bad.complaints
    return document, ()


def check(parse, data):
    """Every mark is a line of the file, and so is the line of every complaint."""
    count = len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    document, complaints = outcome(parse, data)
    marks = [document.at(place).mark for place in document.places()] if document else []
    assert marks or complaints
    for mark in (*marks, *complaints):
        assert 1 <= mark.line <= count


def test_the_files_are_good_before_they_are_edited():
    """Otherwise the properties below would say nothing."""
    assert read_as(Talk, parse_yaml(source_of("a", YAML.encode()))).steps[1].minutes == 21
    assert read_as(Talk, parse_toml(source_of("a", TOML.encode()))).steps[1].then.kind == "ask"


@given(EDITS)
def test_an_edited_yaml_file_is_read_or_complained_about(edits):
    check(parse_yaml, edited(YAML, edits))


@given(EDITS)
def test_an_edited_toml_file_is_read_or_complained_about(edits):
    check(parse_toml, edited(TOML, edits))


WORDS = st.text("abcNo0:'\" #-é", max_size=6)
VALUES = st.recursive(WORDS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner)))


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(value):
    """`value` as TOML within one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(written(part) for part in value) + "]"
    return quoted(value)


@given(st.dictionaries(WORDS, VALUES, min_size=1))
def test_every_toml_key_is_found_in_its_line(value):
    """The scanner walks the same way as the parser, however odd the keys and the text."""
    text = "".join(f"{quoted(key)} = {written(part)}\n" for key, part in value.items())
    document = parse_toml(source_of("a", text.encode()))
    assert document.value == value
    for key in value:
        assert document.at((key,)).mark.near.startswith(f"{quoted(key)} = ".strip())


def marked(value, file):
    """`value` as if it had been read from `file`."""
    mark = Mark(file, 1, "")
    if isinstance(value, dict):
        return Document.mapping({key: marked(part, file) for key, part in value.items()}, mark)
    if isinstance(value, list):
        return Document.sequence([marked(part, file) for part in value], mark)
    return Document(value, mark)


# Keys that end in a bar hold groups and the others hold words: a group never lies over a word.
GROUPS = st.recursive(
    st.dictionaries(st.sampled_from("abc"), WORDS, max_size=3),
    lambda inner: st.builds(
        lambda words, groups: {**words, **groups},
        st.dictionaries(st.sampled_from("abc"), WORDS, max_size=3),
        st.dictionaries(st.sampled_from(["a|", "b|"]), inner, max_size=2),
    ),
)


@given(GROUPS)
def test_nothing_laid_over_or_under_a_document_changes_nothing(value):
    document, nothing = marked(value, "shipped"), marked({}, "own")
    assert overlay(document, nothing) == document
    assert overlay(nothing, document).value == value


@given(GROUPS, GROUPS, GROUPS)
def test_in_which_pairs_layers_are_joined_does_not_matter(first, second, third):
    """Marks and all."""
    a, b, c = marked(first, "a"), marked(second, "b"), marked(third, "c")
    assert overlay(overlay(a, b), c) == overlay(a, overlay(b, c))


@given(VALUES, VALUES)
def test_the_upper_wins_and_every_mark_is_from_one_of_the_two(lower, upper):
    whole = overlay(marked(lower, "a"), marked(upper, "b"))
    assert overlay(whole, marked(upper, "b")).value == whole.value
    assert {whole.at(place).mark.file for place in whole.places()} <= {"a", "b"}
