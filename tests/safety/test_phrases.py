"""The phrase syntax a clinician writes, and every example and trap of every phrase file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harbour import settings
from harbour.safety.phrases import GAP, Phrase, PhraseFinder, compile_phrase, read_phrases

FILES = sorted((settings.ROOT / "content" / "safety").glob("*.yml"))
SAID = [
    (file.name, number, phrase, text, wanted)
    for file in FILES
    for number, phrase in enumerate(read_phrases(file), 1)
    for texts, wanted in ((phrase.examples, True), (phrase.traps, False))
    for text in texts
]


def finds(phrase: str, text: str) -> bool:
    """Whether one phrase is found in a text."""
    return bool(PhraseFinder([Phrase(phrase, "a test", ("x",), ("y",))]).find(text))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("took too much", "i took too much", True),
        ("took too much", "I TOOK TOO MUCH!", True),
        ("took too much", "too much took", False),
        ("took too much", "i took far too much", False),
        ("(missed|late for) my", "late for my jab", True),
        ("(missed|late for) my", "missed my jab", True),
        ("(missed|late for) my", "late my jab", False),
        ("get [some] help", "get help", True),
        ("get [some] help", "get some help", True),
        ("get [some] help", "get any help", False),
        ("get [some|real good] help", "get real good help", True),
        ("get [some|real good] help", "get real help", False),
        ("tablet*", "the tablets", True),
        ("tablet*", "tabletop", True),
        ("tablet*", "a stablet", False),
        ("(dose|tablet*)", "doses", False),
        ("(dose|tablet*)", "tablets", True),
        ("can not", "i can't", True),
        ("can not", "i cant", True),
        ("can not", "i can\u2019t", True),
        ("can't", "i can not", True),
        ("can not", "i can", False),
        ("missed ... dose", "missed dose", True),
        ("missed ... dose", "missed my very own first dose", True),
        ("missed ... dose", "missed my very own first big dose", False),
    ],
)
def test_the_phrase_syntax_means_what_it_says(phrase: str, text: str, found: bool) -> None:
    """Words in order, `(a|b c)` one of, `[x]` or none, `word*` any ending, `...` up to four words between."""
    assert finds(phrase, text) is found


def test_the_gap_is_as_wide_as_documented() -> None:
    """`...` bridges GAP words and not one more."""
    assert finds("start ... end", "start " + "word " * GAP + "end")
    assert not finds("start ... end", "start " + "word " * (GAP + 1) + "end")


@pytest.mark.parametrize("phrase", ["", "   ", "...", "... ..."])
def test_a_phrase_without_a_word_is_refused(phrase: str) -> None:
    """A phrase that would be found in every message is an error that shows it."""
    with pytest.raises(ValueError, match="has no word to look for"):
        compile_phrase(phrase)


def test_words_are_compared_literally() -> None:
    """Characters that mean something to a regular expression mean themselves in a phrase."""
    assert not finds("b.n*", "bin bank")
    assert finds("a.m*", "at 9 a.m. sharp")


def test_a_phrase_found_twice_is_told_once_with_its_longest_words() -> None:
    """Staff see each reason once, in the visitor's fullest words."""
    finder = PhraseFinder([Phrase("missed ... dose", "a test", ("x",), ("y",))])
    found = finder.find("missed dose, and missed my second dose")
    assert [f.words for f in found] == ["missed my second dose"]


def test_findings_stand_in_the_order_of_the_file() -> None:
    """The first entry of the file comes first, wherever in the message it was found."""
    finder = PhraseFinder([Phrase("blue", "a", ("x",), ("y",)), Phrase("cold", "b", ("x",), ("y",))])
    assert [f.phrase.phrase for f in finder.find("cold and blue")] == ["blue", "cold"]


@pytest.mark.parametrize("text", ["", " ", "\u200b", "😀😀", "∕greet", "\x00", "a" * 10_000])
def test_text_without_the_phrase_finds_nothing(text: str) -> None:
    """Blank, odd and very long messages are searched without an error."""
    assert PhraseFinder([Phrase("took too much", "a test", ("x",), ("y",))]).find(text) == []


@pytest.mark.parametrize("missing", ["phrase", "why", "examples", "traps"])
def test_an_entry_that_lacks_something_is_named(tmp_path: Path, missing: str) -> None:
    """The error names the file, the entry and what to add: a phrase without traps is not taken."""
    entry = {"phrase": "took too much", "why": "x", "examples": ["i took too much"], "traps": ["too much rain"]}
    file = tmp_path / "od.yml"
    file.write_text(yaml.safe_dump([entry, {k: v for k, v in entry.items() if k != missing}]))
    with pytest.raises(ValueError, match=f"od.yml: entry 2 has no {missing}: add it"):
        read_phrases(file)


def test_there_are_phrase_files() -> None:
    """The files the next test runs over are there, and none of them is empty."""
    assert {f.name for f in FILES} >= {"overdose_risk.yml", "referral.yml"}
    assert len(SAID) > 150


@pytest.mark.parametrize(
    ("file", "number", "phrase", "text", "wanted"),
    SAID,
    ids=[f"{f}-{n}-{'example' if w else 'trap'}-{t[:40]}" for f, n, _, t, w in SAID],
)
def test_each_example_is_found_and_each_trap_is_not(
    file: str, number: int, phrase: Phrase, text: str, wanted: bool
) -> None:
    """Every example of every entry matches its phrase; every trap does not."""
    assert bool(PhraseFinder([phrase]).find(text)) is wanted, f"content/safety/{file}: entry {number}"
