"""Slang, brand names and misspellings become the guide's words, and nothing else changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harbour import settings
from harbour.text.lexicon import Lexicon, load_lexicon, read_lexicon

DRUGS = [
    "heroin",
    "naltrexone",
    "naloxone",
    "methadone",
    "buprenorphine",
    "diazepam",
    "disulfiram",
    "thioridazine",
    "tramadol",
    "codeine",
    "pregabalin",
    "gabapentin",
]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


def _write(path: Path, terms: dict[str, list[str]]) -> Path:
    file = path / "lexicon.yml"
    file.write_text(
        yaml.safe_dump(
            {"terms": terms, "drug_names": {"naltrexone": ["revia"]}, "never_a_misspelling": []}, sort_keys=False
        )
    )
    return file


def test_a_phrase_with_two_meanings_is_refused(tmp_path: Path) -> None:
    """The error names the file, the phrase, both terms and what to do."""
    file = _write(tmp_path, {"heroin": ["brown"], "cannabis": ["brown"]})
    with pytest.raises(ValueError, match="lexicon.yml: 'brown' stands under both 'heroin' and 'cannabis': keep one"):
        read_lexicon(file)


def test_a_phrase_twice_under_one_term_is_harmless(tmp_path: Path) -> None:
    """A repeated phrase means what it meant."""
    assert read_lexicon(_write(tmp_path, {"heroin": ["smack", "smack"]})).phrases == {"smack": "heroin"}


@pytest.mark.parametrize("drug", DRUGS)
def test_a_drugs_own_name_stays(lexicon: Lexicon, drug: str) -> None:
    """No drug's proper name is ever turned into another drug's."""
    assert lexicon.standardise(f"is {drug.upper()} safe?") == f"is {drug} safe?"


@pytest.mark.parametrize("drug", [d for d in DRUGS if len(d) >= 7])
def test_a_drug_name_with_one_letter_wrong_never_becomes_another_drug(lexicon: Lexicon, drug: str) -> None:
    """One letter left out, doubled or swapped never gives another drug, and nearly always the same if the name is long."""
    slips = [drug[:i] + drug[i + 1 :] for i in range(1, len(drug))]
    slips += [drug[:i] + drug[i] + drug[i:] for i in range(1, len(drug))]
    slips += [drug[:i] + drug[i + 1] + drug[i] + drug[i + 2 :] for i in range(1, len(drug) - 1)]
    read = {slip: lexicon.standardise(slip) for slip in slips}
    assert {slip: word for slip, word in read.items() if word in set(DRUGS) - {drug}} == {}
    assert len(drug) < 8 or sum(word == drug for word in read.values()) > len(slips) * 0.85


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("is Narcan the same as Vivitrol", "is naloxone the same as naltrexone"),
        ("he is on subs and gear", "he is on buprenorphine and heroin"),
        ("my pellet and my jab", "my implant and my injection"),
        ("im rattling", "i am withdrawal"),
        ("naltrexonne", "naltrexone"),
        ("methadon", "methadone"),
        ("antabuze", "disulfiram"),
        ("u cant b4 tmrw", "you cannot before tomorrow"),
    ],
)
def test_visitors_words_become_the_guides_words(lexicon: Lexicon, written: str, read: str) -> None:
    """Slang, brands, misspellings and short forms are read as what they stand for."""
    assert lexicon.standardise(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "gearbox",
        "the skagen road",
        "nalogue",
        "jabber",
        "pillow",
        "odd",
        "subsidy",
        "wide",
        "uncle",
        "i am clean",
        "a new script",
        "i was using",
        "brown bread",
        "the shot was good",
    ],
)
def test_a_phrase_inside_another_word_is_left_alone(lexicon: Lexicon, text: str) -> None:
    """Only whole words count, and words whose meaning depends on the sentence are not in the lexicon."""
    assert lexicon.standardise(text) == text


@pytest.mark.parametrize(
    "word",
    [
        "cocaine",
        "methane",
        "methods",
        "caffeine",
        "medicine",
        "medication",
        "meditation",
        "nutrition",
        "national",
        "nicotine",
        "benzodiazepine",
        "trampoline",
        "traumatic",
        "methodist",
        "diazole",
        "comedian",
        "codeword",
        "discipline",
        "butterfly",
        "gabardine",
        "pregnant",
        "pregnancy",
        "therapist",
        "naturally",
        "paracetamol",
        "ibuprofen",
        "oxycodone",
        "morphine",
        "fentanyl",
        "sertraline",
        "mirtazapine",
        "clonazepam",
    ],
)
def test_correct_words_and_other_medicines_stay(lexicon: Lexicon, word: str) -> None:
    """A word that is spelt right is no misspelling of a drug in the list."""
    assert lexicon.standardise(word) == word


def test_every_word_we_say_ourselves_stays_but_for_listed_phrases(lexicon: Lexicon) -> None:
    """No word of our own sentences is taken for a misspelt drug."""
    said = (settings.ROOT / "domain.yml").read_text(encoding="utf-8")
    words = {w for w in re.findall(r"[a-z']+", said.lower()) if len(w) >= 7}
    changed = {w: lexicon.standardise(w) for w in words if w not in lexicon.phrases}
    assert {w: to for w, to in changed.items() if w != to} == {}


def test_every_listed_single_word_becomes_its_term(lexicon: Lexicon) -> None:
    """What the file lists takes effect: each phrase on its own is read as its term."""
    lost = {
        p: lexicon.standardise(p)
        for p, term in lexicon.phrases.items()
        if p == p.strip() and lexicon.standardise(p) != term
    }
    assert lost == {}


def test_every_term_means_itself(lexicon: Lexicon) -> None:
    """A standard term is not itself changed into another: reading twice is reading once."""
    assert {t: lexicon.standardise(t) for t in set(lexicon.phrases.values()) if lexicon.standardise(t) != t} == {}


@given(st.text(st.characters()))
def test_any_text_can_be_standardised(text: str) -> None:
    """Whatever is typed, standardising gives a text and never an error."""
    assert isinstance(load_lexicon().standardise(text), str)


def test_a_capital_in_a_doubled_phrase_is_a_clear_error(tmp_path: Path) -> None:
    """Two spellings of one phrase are still one phrase with two meanings."""
    file = _write(tmp_path, {"heroin": ["brown"], "opium": ["Brown"]})
    with pytest.raises(ValueError, match="stands under both"):
        read_lexicon(file)


@pytest.mark.parametrize(
    "text", ["thorazine", "can i drop in to the clinic", "a drop of milk", "ask ken", "my da is on it", "chip shop"]
)
def test_words_that_mean_something_else_stay(text: str) -> None:
    """Another medicine, a visit, milk, a name, a father, a shop."""
    assert load_lexicon().standardise(text) == text


def test_a_name_between_two_medicines_is_left_alone() -> None:
    """A word as near to one as to the other is not made the rescue medicine."""
    assert load_lexicon().standardise("naltoxone") in ("naltoxone", "naltrexone")
