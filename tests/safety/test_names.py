"""Naltrexone and naloxone told apart, however they are spelt and whatever is said of them."""

from __future__ import annotations

import re

import pytest

from harbour import settings
from harbour.guide.responses import ResponseBook
from harbour.safety.names import (
    DAILY,
    EITHER,
    FILE,
    GIVING,
    KINDS,
    NALOXONE,
    NALTREXONE,
    RESCUE,
    SPELLING,
    UNCLEAR,
    mixed_up,
    name_of,
    read_kinds,
)
from harbour.safety.phrases import PhraseFinder

BOTH_WAYS = [
    "naltroxone",
    "naloxtrone",
    "nalotrexone",
    "nalexone",
    "naltoxone",
    "nalaxtrone",
    "naloxrone",
    "nalthoxone",
    "naltroxine",
    "naloxetrone",
    "naloxotrone",
    "nalteroxone",
    "nalorexone",
    "naloxtone",
    "noltroxone",
    "neltroxone",
    "naltroxon",
    "nalaxtrexone",
    "naltloxone",
    "naltreloxone",
    "nalotroxone",
    "naltoxene",
    "naltrox",
    "nalotrex",
    "nalaxetrone",
    "nalxtrone",
    "nalexotrone",
    "naltreoxone",
]
SURELY_NALTREXONE = [
    "naltrexone",
    "naltrexon",
    "naltrexine",
    "naltexone",
    "nalrexone",
    "naltrxone",
    "naltraxone",
    "noltrexone",
    "naltrixone",
    "nalatrexone",
    "naltrezone",
    "naltraxon",
    "nartrexone",
    "naltrexonne",
    "natlexone",
    "natrexone",
    "vivitrol",
    "revia",
    "nalorex",
]
SURELY_NALOXONE = [
    "naloxone",
    "nalaxone",
    "noloxone",
    "naloxane",
    "nalxone",
    "nalaxon",
    "nolaxone",
    "naloxene",
    "naloxin",
    "naloxonne",
    "neloxone",
    "nalaxene",
    "narcan",
    "nyxoid",
    "prenoxad",
    "kloxxado",
]
NEITHER = [
    "morphine",
    "narcotic",
    "november",
    "nicotine",
    "normal",
    "naproxen",
    "naloxegol",
    "nalmefene",
    "noxious",
    "national",
    "naturally",
    "nothing",
    "another",
    "neurotoxin",
    "nitroxoline",
    "suboxone",
    "methadone",
]


@pytest.mark.parametrize("word", BOTH_WAYS)
def test_a_spelling_with_parts_of_both_could_be_either(word: str) -> None:
    """Nobody guesses between two medicines; the message is a mix-up wherever the word stands."""
    assert name_of(word) == EITHER
    assert mixed_up(f"what is {word.upper()}?") is not None


@pytest.mark.parametrize(
    ("word", "name"),
    [(word, NALTREXONE) for word in SURELY_NALTREXONE]
    + [(word, NALOXONE) for word in SURELY_NALOXONE]
    + [(word, "") for word in NEITHER],
)
def test_other_words_are_one_of_them_or_neither(word: str, name: str) -> None:
    """Brands and plain misspellings are what they are, other words are let be, and neither is a mix-up."""
    assert name_of(word) == name
    assert mixed_up(f"what is {word}?") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("is naltrexone the thing you spray up the nose", RESCUE),
        ("give him naltrexone he is overdosing", RESCUE),
        ("where can i get vivitrol spray", RESCUE),
        ("is nal trex one up the nose", RESCUE),
        ("do i give nalterxone if he overdoses", RESCUE),
        ("does naltrexone reverse an overdose", RESCUE),
        ("they gave him naltrexone and he woke up", RESCUE),
        ("should i carry a naltrexone kit", RESCUE),
        ("is Naltrexone the antidote??", RESCUE),
        ("he is on naloxone to stay off it", DAILY),
        ("a naloxone implant", DAILY),
        ("does narcan stop cravings", DAILY),
        ("i missed my naloxone this morning", DAILY),
        ("have you got the nal spray", UNCLEAR),
        ("where do they give out nal kits", UNCLEAR),
        ("how long does naltroxone last", SPELLING),
        ("whats a naloxtrone jab", SPELLING),
    ],
)
def test_what_is_said_of_one_and_true_of_the_other_is_a_mix_up(text: str, kind: str) -> None:
    """A spray, an overdose, an antidote: naloxone. Cravings, an implant, every day: naltrexone."""
    found = mixed_up(text)
    assert found is not None and found.kind == kind
    assert found.words


@pytest.mark.parametrize(
    "text",
    [
        "what is naltrexone",
        "does naltrexone stop cravings",
        "can you overdose on naltrexone",
        "what happens if i overdose on naltrexone",
        "is narcan the same as naltrexone",
        "can i use naloxone if hes on naltrexone",
        "my nal is wearing off",
        "naltrexone makes my nose run",
        "give him his naltrexone in the morning",
        "i have naltrexone tablets at home",
        "where can i get naloxone",
        "how do i use the narcan spray",
        "the nasal spray for hay fever",
        "hello",
        "",
    ],
)
def test_what_fits_the_name_is_no_mix_up(text: str) -> None:
    """Who names the right one, or both, is not corrected."""
    assert mixed_up(text) is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("i have naltrexone here shall i give it", True),
        ("gave her his naltrexone and she is not breathing", True),
        ("which do i give, naltrexone or naloxone", True),
        ("ive got naltroxone", True),
        ("he is on naltrexone and wont wake up", False),
        ("i gave him narcan", False),
        ("ive got the nal spray", False),
        ("naloxtrone", False),
    ],
)
def test_in_an_emergency_naltrexone_to_be_given_is_the_wrong_medicine(text: str, wrong: bool) -> None:
    """Only while somebody may be dying, and only when it might be given; that he takes it is no mix-up."""
    found = mixed_up(text, emergency=True)
    assert bool(found and found.wrong_medicine) is wrong
    assert not wrong or found.kind in (RESCUE, GIVING)  # type: ignore[union-attr]


def test_examples_and_traps_of_the_phrases_hold() -> None:
    """Every example is found by its own phrase and every trap left alone."""
    for phrase in read_kinds(settings.ROOT / "content" / "safety" / FILE, KINDS).kind_of:
        finder = PhraseFinder([phrase])
        assert [text for text in phrase.examples if not finder.find(text)] == []
        assert [text for text in phrase.traps if finder.find(text)] == []


def test_a_long_message_is_read_quickly_and_whole() -> None:
    """The mix-up at the end of a long tale is found."""
    assert mixed_up("my daughter came home and she sleeps a lot. " * 60 + "is naltrexone a nose spray") is not None


SAFETY = [
    (name, number, variation["text"])
    for name, variations in ResponseBook.load().responses.items()
    for number, variation in enumerate(variations)
    if variation["metadata"]["kind"] == "safety"
]
# "give", "use" and the like before naltrexone in one sentence, unless the sentence forbids it
GIVES = re.compile(r"\b(give|giving|use|using|spray|inject|take|taking|start)\b[^.\n]*\bnaltrexone\b", re.IGNORECASE)
FORBIDS = re.compile(r"\b(not|never|until)\b", re.IGNORECASE)


@pytest.mark.parametrize(("name", "number", "text"), SAFETY, ids=[f"{name}-{number}" for name, number, _ in SAFETY])
def test_no_reply_to_danger_ever_says_to_give_naltrexone(name: str, number: int, text: str) -> None:
    """What is given in an emergency is called naloxone, everywhere."""
    for sentence in re.split(r"(?<=[.!?])\s|\n", text):
        assert not GIVES.search(sentence) or FORBIDS.search(sentence), sentence


def test_each_overdose_card_says_naloxone() -> None:
    """The right medicine is named in every variation of the card."""
    assert all("naloxone" in v["text"] for v in ResponseBook.load().responses["utter_emergency_overdose"])


def test_the_card_with_the_wrong_medicine_is_the_card_and_one_sentence() -> None:
    """The variation differs from the plain card in nothing but that naltrexone will not help."""
    plain, wrong, *_ = (v["text"] for v in ResponseBook.load().responses["utter_emergency_overdose"])
    said = "**Naltrexone will not help now. Give naloxone** if you have it."
    assert said in wrong
    assert wrong.replace(said, "Give naloxone if you have it.") == plain
