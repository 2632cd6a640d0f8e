"""YAML stays what a clinician wrote, or says in plain words why it cannot be read."""

import pytest
import yaml

from bot.reading import BadFiles, parse_yaml, read_yaml, source_of, yaml_file


@pytest.fixture(params=["with its C library", "without"], autouse=True)
def loader(request, monkeypatch):
    """Both parsers have to do; which one is there depends on the machine."""
    if request.param == "without":
        monkeypatch.setattr(yaml_file, "LOADER", yaml.BaseLoader)


def parsed(text):
    return parse_yaml(source_of("a.yaml", text.encode()))


def complaints(text):
    with pytest.raises(BadFiles) as caught:
        parsed(text)
    return [(complaint.line, complaint.what) for complaint in caught.value.complaints]


def test_words_stay_words():
    """YAML would make a truth value of No, a number of 21:00, and lose the zero of a telephone number."""
    document = parsed("a: No\nb: 21:00\nc: 0123\nd: ~\ne:\nf: 1.0\ng: 2025-01-01\nNo: on\n")
    assert document.value == {
        "a": "No",
        "b": "21:00",
        "c": "0123",
        "d": "~",
        "e": "",
        "f": "1.0",
        "g": "2025-01-01",
        "No": "on",
    }


def test_every_part_knows_its_line():
    document = parsed("# a remark\n\nsteps:\n  - id: a\n    say: |\n      one\n      two\n  -\n    id: b\n")
    assert document.value == {"steps": [{"id": "a", "say": "one\ntwo\n"}, {"id": "b"}]}
    lines = {place: document.at(place).mark.line for place in document.places()}
    assert lines == {
        (): 3,
        ("steps",): 3,
        ("steps", 0): 4,
        ("steps", 0, "id"): 4,
        ("steps", 0, "say"): 5,
        ("steps", 1): 9,
        ("steps", 1, "id"): 9,
    }
    assert document.at(("steps", 0, "say")).mark.near == "say: |"


def test_a_complaint_about_something_missing_points_to_where_it_would_be():
    complaint = parsed("steps:\n  - id: a\n").complaint(("steps", 0, "next"), "It leads nowhere.")
    assert (complaint.file, complaint.line, complaint.near) == ("a.yaml", 2, "- id: a")


def test_a_key_that_is_there_twice_is_refused():
    """YAML would take the second without a word."""
    (only,) = complaints("a: 1\nb: 2\na: 3\n")
    assert only == (3, 'The key "a" is here twice.')


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: *b\n", 1, "References with *"),
        ("a: &b c\n", 1, "Names with &"),
        ("a: &b\n  - *b\n", 1, "Names with &"),
        ("a: !!python/object:os.system x\n", 1, "Tags with !"),
        ("a: !x b\n", 1, "Tags with !"),
        ("a: 1\n<<: {b: 2}\n", 2, "Merging with <<"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("? [a]\n: b\n", 1, "A key must be"),
        ("'': b\n", 1, "no key"),
        ("{: b}\n", 1, "A value is missing"),
        ("a:\n\tb: c\n", 2, "begins with a tab"),
        ("a:\n  - b\n\t- c: d\n", 3, "begins with a tab"),
        ("a: @b\n", 1, "means something else"),
        ("a: b: c\n", 1, 'There is a ":" here'),
        ("x: 1\na: 'b\nc: d\n", 2, "is not closed"),
        ("a: {b: c\nd: e\n", 2, 'A "{" is not closed'),
        ("- a\nb: c\n", 2, "does not fit"),
        ("a:\n  b: c\n d: e\n", 3, "does not fit"),
        ('a: "\\q"\n', 1, "does not understand"),
        ("a: %b\n", 1, "means something else"),
        ("# only\n# remarks\n", 1, "nothing in this file but comments"),
        (" \n\n", 1, "This file is empty"),
        ("", 1, "This file is empty"),
        ('a: 1\nb: "\\0"\n', 2, "cannot be seen: U+0000"),
        ("[" * 500, 1, "nested"),
        ("- " * 500, 1, "nested"),
    ],
)
def test_what_is_not_read_is_said_in_plain_words(text, line, words):
    """Somebody without a word of YAML has to find the place and know what to do."""
    first, *_ = complaints(text)
    assert first[0] == line
    assert words in first[1]


@pytest.mark.parametrize("text", ["say: *very* good\n", "say: %\n", "say: |x\n", "%a\n", "a: [b\n", "a: !b!c d\n"])
def test_other_slips_are_told_at_their_line(text):
    """The two parsers notice them at different moments and in different words."""
    assert complaints(text)[0][0] in {1, 2}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("say: Call us at #5\n", 1, "What follows the # would not be read."),
        ("say: Ünder Größe #5\n", 1, "What follows the # would not be read."),
        ("- in # minutes\n", 1, "What follows the # would not be read."),
        ("say: #5\n", 1, "What follows the # would not be read."),
        ("- Ring\n  twice #now\n", 2, "What follows the # would not be read."),
        ("say: Hello\n  - well\n", 2, "This looks like an item of a list, but belongs to the text above."),
    ],
)
def test_text_that_yaml_would_cut_off_or_run_together_is_refused(text, line, words):
    """Half a telephone number is worse than none, and YAML itself would not have said a word."""
    assert complaints(text) == [(line, words)]


def test_remarks_and_quoted_signs_are_fine():
    text = "a: 15  # minutes\nb: 'Call #5'\nc: a#b\nd: [x, y] #z\ne: |\n  - Call #5\n"
    assert parsed(text).value == {"a": "15", "b": "Call #5", "c": "a#b", "d": ["x", "y"], "e": "- Call #5\n"}


def test_all_tricks_are_told_at_once():
    assert [line for line, _ in complaints("a: &x 1\nb: 2\nc: *x\n")] == [1, 3]


def test_text_in_another_encoding_is_named(tmp_path):
    """Old editors still save Latin-1, and an umlaut in a name must not end in a traceback."""
    path = tmp_path / "a.yaml"
    path.write_bytes("title: x\nname: Müller\n".encode("latin-1"))
    with pytest.raises(BadFiles) as caught:
        read_yaml(path)
    (complaint,) = caught.value.complaints
    assert (complaint.line, complaint.what) == (2, "This file is not UTF-8 text.")
    assert complaint.near == "name: M�ller"


def test_the_mark_that_some_editors_put_first_is_no_text():
    assert parse_yaml(source_of("a.yaml", b"\xef\xbb\xbfa: b\r\nc: d\r\n")).value == {"a": "b", "c": "d"}


def test_what_cannot_be_seen_is_refused():
    """A line end that only some programs see would put every line number after it in doubt."""
    (only,) = complaints("a: b\nc: d\u2028e: f\n")
    assert only == (2, "There is a character here that cannot be seen: U+2028, line separator.")


def test_a_missing_file_and_a_folder_are_complaints(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(BadFiles):
            read_yaml(path)


def test_a_file_below_here_is_named_from_here(tmp_path, monkeypatch):
    """Ready to paste: no machine's own folders in it."""
    (tmp_path / "a.yaml").write_text("a: b\n")
    assert read_yaml(tmp_path / "a.yaml").mark.file == (tmp_path / "a.yaml").as_posix()
    monkeypatch.chdir(tmp_path)
    assert read_yaml(tmp_path / "a.yaml").mark.file == "a.yaml"
