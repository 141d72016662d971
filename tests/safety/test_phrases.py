"""The phrase syntax a clinician writes, and every example and trap of every phrase file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harbour import settings
from harbour.safety.phrases import GAP, WITHIN, Phrase, PhraseFinder, compile_phrase, expand, read_phrases
from harbour.safety.signals import FILES as SIGNAL_FILES

FILES = [settings.ROOT / "content" / "safety" / name for name in SIGNAL_FILES.values()]
SAID = [
    (file.name, number, phrase, text, wanted)
    for file in FILES
    for number, phrase in enumerate(read_phrases(file), 1)
    for texts, wanted in ((phrase.examples, True), (phrase.traps, False))
    for text in texts
]


def one(*together: str) -> Phrase:
    """An entry that looks for all of these phrases."""
    return Phrase(tuple((phrase,) for phrase in together), "a test", ("x",), ("y",))


def finds(phrase: str, text: str) -> bool:
    """Whether one phrase is found in a text."""
    return bool(PhraseFinder([one(phrase)]).find(text))


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
    finder = PhraseFinder([one("missed ... dose")])
    found = finder.find("missed dose, and missed my second dose")
    assert [f.words for f in found] == ["missed my second dose"]


def test_findings_stand_in_the_order_of_the_file() -> None:
    """The first entry of the file comes first, wherever in the message it was found."""
    finder = PhraseFinder([one("blue"), one("cold")])
    assert [f.phrase.phrase for f in finder.find("cold and blue")] == ["blue", "cold"]


@pytest.mark.parametrize("text", ["cold and blue", "blue, and so cold", "blue and he is really cold"])
def test_parts_stand_in_any_order(text: str) -> None:
    """Of an entry with `together` each part is found, whichever comes first."""
    assert [f.words for f in PhraseFinder([one("blue", "cold")]).find(text)]


@pytest.mark.parametrize("text", ["blue", "cold", "blue " + "and " * WITHIN + "cold", "blue blue"])
def test_parts_must_all_be_there_and_near(text: str) -> None:
    """One part alone, or two far apart, are no find."""
    assert PhraseFinder([one("blue", "cold")]).find(text) == []


def test_a_word_counts_for_one_part_only() -> None:
    """Two parts that look for the same word need it twice."""
    assert PhraseFinder([one("(blue|cold)", "(blue|grey)")]).find("so blue") == []


def test_one_of_several_phrases_is_enough() -> None:
    """An entry may say the same in several phrases."""
    entry = Phrase((("took too much", "had too many"),), "a test", ("x",), ("y",))
    assert PhraseFinder([entry]).find("he had too many") and PhraseFinder([entry]).find("i took too much")


def test_a_gap_ends_with_the_sentence() -> None:
    """What stands in the next sentence is not part of a phrase."""
    assert not finds("missed ... dose", "i missed it. the dose is high")


def test_lists_stand_for_their_words() -> None:
    """A list may name another list; an unknown one is an error that names it."""
    lists = {"him": "him|her", "anyone": "{him}|them"}
    assert expand("wake ({anyone})", lists) == "wake (him|her|them)"
    with pytest.raises(ValueError, match="{nobody} is no list of words.yml"):
        expand("wake ({nobody})", lists)


def test_a_phrase_with_too_many_forms_is_refused() -> None:
    """It would slow down every message: the error says to split it."""
    with pytest.raises(ValueError, match="split it into several entries"):
        compile_phrase(" ".join(["(a b|c d|e f|g h|i j|k l|m n)"] * 5))


@pytest.mark.parametrize("text", ["", " ", "\u200b", "😀😀", "∕greet", "\x00", "a" * 10_000])
def test_text_without_the_phrase_finds_nothing(text: str) -> None:
    """Blank, odd and very long messages are searched without an error."""
    assert PhraseFinder([one("took too much")]).find(text) == []


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
