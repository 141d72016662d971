"""Reading a message for signs: misspellings, order, and the words that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harbour.safety.reading import SignReader
from tests.safety.signs_fixture import CONTEXT, write_folder


@pytest.mark.parametrize(
    "text",
    [
        "HE'S NOT BREATHING",
        "he\u2019s not breathing",
        "hes not breathing",
        "he is not brething",
        "not breathing, he isnt moving",
        "he isnt breathing",
        "she isn\u2019t breathin",
        "he is not breathiiiing",
    ],
)
def test_a_sign_is_found_however_it_is_typed(small: SignReader, text: str) -> None:
    """Capitals, curly quotes, missing apostrophes, slips and any order of the parts."""
    assert small.read(text).level("emergency_overdose") == "alarm"


@pytest.mark.parametrize("text", ["he is overdressed", "the overdue bill", "breathing is easy, he says"])
def test_another_english_word_is_no_misspelling(small: SignReader, text: str) -> None:
    """A correct word is never bent into a sign."""
    assert small.read(text).level("emergency_overdose") == "quiet"


def test_a_misspelt_stem_is_mended_too(small: SignReader) -> None:
    """`overdose*` also finds a misspelt form of it."""
    assert small.read("he has ovedrosed").level("emergency_overdose") == "alarm"


def test_the_strongest_evidence_comes_first(small: SignReader) -> None:
    """An alarm before a check, in one danger; other dangers are not mixed in."""
    found = small.read("very sleepy, i want to die, overdose").of("emergency_overdose")
    assert [e.level for e in found] == ["alarm", "check"]


def test_lowered_means_that_all_signs_are_taken_back(small: SignReader) -> None:
    """One sign that stands is enough for the danger to stand; no sign at all is not lowered."""
    assert small.read("she overdosed years ago").lowered("emergency_overdose")
    assert not small.read("she overdosed years ago. he is not breathing").lowered("emergency_overdose")
    assert not small.read("hello").lowered("emergency_overdose")


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ({"phrase": "x", "level": "high"}, "level 'high': write alarm or check"),
        ({"phrase": "x", "about": "them"}, "about 'them': write self or other"),
        ({"phrase": "x", "worry": 1}, "unknown key 'worry'"),
        ({"phrase": "({nobody})"}, "{nobody} is no list of words.yml"),
        ({}, "has no phrase: add it"),
    ],
)
def test_a_wrong_sign_is_named(tmp_path: Path, entry: dict[str, Any], error: str) -> None:
    """The error names file, entry and what to write."""
    with pytest.raises(ValueError, match=f"suicide_risk.yml: entry 1.*{error}"):
        SignReader(write_folder(tmp_path, {"suicide_risk": [entry]}, CONTEXT))


def test_a_list_with_a_bare_no_is_named(tmp_path: Path) -> None:
    """YAML reads a bare no as false: the error says to quote it."""
    folder = write_folder(tmp_path, {}, CONTEXT)
    (folder / "words.yml").write_text("nots: [no, not]\n")
    with pytest.raises(ValueError, match="nots: False is not text: put it in quotes"):
        SignReader(folder)
