"""A complaint can be pasted into a message to whoever wrote the file."""

from bot.reading import BadFiles, Complaint, did_you_mean, listed, nearest


def test_a_complaint_says_what_happened_where_and_what_to_do():
    """The shape is the one that the style guide promises."""
    hint = did_you_mean("by", ["hello", "bye"])
    complaint = Complaint("config/content/en/checkin.yaml", 18, "next: by", 'There is no step "by" in this file.', hint)
    assert str(complaint) == (
        "config/content/en/checkin.yaml, line 18\n"
        "    next: by\n"
        '  There is no step "by" in this file. Did you mean "bye"?'
    )


def test_a_complaint_about_a_whole_file_has_no_line():
    assert str(Complaint("a.yaml", None, "", "There is no such file.")) == "a.yaml\n  There is no such file."


def test_several_complaints_stand_apart():
    """One run tells everything; braces in a file are only text."""
    bad = BadFiles([Complaint("a", 1, "{0}", "One."), Complaint("b", 2, "{x}", "Two.")])
    assert str(bad) == "a, line 1\n    {0}\n  One.\n\nb, line 2\n    {x}\n  Two."
    assert [complaint.file for complaint in bad.complaints] == ["a", "b"]


def test_a_secret_put_into_a_file_by_mistake_is_not_shown():
    """Complaints end up in logs and messages."""
    assert "12:AB" not in str(Complaint("a.toml", 3, 'bot_token = "12:AB"', "There is no key."))
    assert "bot_token" in str(Complaint("a.toml", 3, 'bot_token = "12:AB"', "There is no key."))


def test_a_very_long_line_is_cut():
    assert len(str(Complaint("a", 1, "x" * 5000, "Too long."))) < 200


def test_the_nearest_word_is_found_whatever_its_capitals():
    assert nearest("SLEPE", ["Sleep", "bye"]) == "Sleep"
    assert nearest("quite different", ["Sleep", "bye"]) is None
    assert nearest("x", []) is None


def test_when_nothing_is_near_a_few_known_words_are_listed():
    """Many are not: nobody reads forty words."""
    assert did_you_mean("zzz", ["a", "b", "c"]) == 'Known here: "a", "b" and "c".'
    assert did_you_mean("zzz", [f"word{n}" for n in range(40)]) == ""
    assert listed(["a"], "or") == '"a"'
    assert listed([], "or") == ""
