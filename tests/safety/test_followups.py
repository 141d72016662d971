"""content/safety/followups.yml: every entry finds what it promises, in the crisis where it is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbour import settings
from harbour.safety.followups import FILE, load_followups, read_followups
from harbour.safety.phrases import PhraseFinder
from harbour.safety.reading import load_reader
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.steps import ANOTHER, EMERGENCY, SAME, STEPS, SUICIDE, TAKEN

READER = load_followups()
EXAMPLES = [
    (entry.step, danger, example)
    for entry in READER.entries
    for danger in entry.dangers
    for example in entry.phrase.examples
]
TRAPS = [(n, e.step, trap) for n, e in enumerate(READER.entries) for trap in e.phrase.traps]
ENTRY = "- {{step: {step}, dangers: [{danger}], phrase: took too much, why: x, examples: [took too much], traps: [no]{more}}}\n"
# Asked for by the classifier, by a yes or no, or by the course of the crisis: no phrase is looked for.
NO_PHRASE = {
    EMERGENCY: {"first", "again", "here", "beside", "person", "despair", "grief"},
    SUICIDE: {"first", "here", "beside", "person", "not_now", "thank"},
}


@pytest.mark.parametrize(("step", "danger", "example"), EXAMPLES, ids=[f"{d}-{s}-{e[:40]}" for s, d, e in EXAMPLES])
def test_each_example_is_answered_by_its_own_step(step: str, danger: str, example: str) -> None:
    """Of all entries together the example's own one weighs most."""
    assert READER.find(example, danger)[0].step == step


@pytest.mark.parametrize(("number", "step", "trap"), TRAPS, ids=[f"{n}-{s}-{t[:40]}" for n, s, t in TRAPS])
def test_no_trap_is_found_by_its_entry(number: int, step: str, trap: str) -> None:
    """What only looks alike is left alone."""
    assert PhraseFinder([READER.entries[number].phrase]).find(trap) == []


def test_each_step_that_people_ask_for_has_a_phrase() -> None:
    """No answer is written that nobody can reach."""
    for danger, without in NO_PHRASE.items():
        asked = {SAME.get(e.step, e.step) for e in READER.entries if danger in e.dangers} - {TAKEN, ANOTHER}
        assert asked == set(STEPS[danger]) - without


@pytest.mark.parametrize(
    ("text", "step"),
    [("i have no nalaxone", "no_naloxone"), ("the ambulnce is on its way", "waiting"), ("PARAMEDICS ARE HERE!!", "help_here"),
     ("do i do c p r or cpr", "not_breathing"), ("she\u2019s awake now", "awake")],
)  # fmt: skip
def test_misspelt_words_are_understood(text: str, step: str) -> None:
    """Frightened people do not spell."""
    assert READER.find(text, EMERGENCY)[0].step == step


def test_naltrexone_is_never_mended_into_naloxone() -> None:
    """The two are different medicines."""
    for text in ("hes on naltrexone", "hes on naltrexon", "hes on naltrexone not naloxone"):
        assert READER.find(text, EMERGENCY)[0].step in ("on_naltrexone", "no_naloxone")
    assert READER.find("hes on naltrexone", EMERGENCY)[0].words.endswith("naltrexone")


def test_nothing_is_looked_for_outside_its_crisis() -> None:
    """The same words mean something else elsewhere."""
    assert READER.find("i have no naloxone", SUICIDE) == ()
    assert READER.find("nobody cares", EMERGENCY) == ()
    assert READER.find("", EMERGENCY) == ()


def test_places_are_those_of_the_reading_of_signs() -> None:
    """What stands before and behind can be compared."""
    for text in ("ambulance is here but now my sister isnt breathing either", "he's   awake… but NOT  breathing"):
        assert [t.text for t in READER.tokens(text)] == [t.text for t in load_reader().tokens(text)]


def test_it_is_me_turns_the_talk_to_the_visitor() -> None:
    """The phrase says so itself."""
    assert READER.find("its me who took it", EMERGENCY)[0].about == "self"
    assert READER.find("im all alone with him", EMERGENCY)[0].about == ""


@pytest.mark.parametrize(
    ("step", "danger", "more", "says"),
    [
        ("waitng", EMERGENCY, "", "entry 1: step 'waitng' is none of emergency_overdose"),
        ("waiting", "emergency", "", "entry 1: dangers ['emergency']: write some of"),
        ("waiting", "", "", "entry 1: dangers [None]: write some of"),
        ("waiting", EMERGENCY, ", about: him", "about 'him': write self or other"),
        ("waiting", EMERGENCY, ", level: alarm", "unknown key 'level'"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, step: str, danger: str, more: str, says: str) -> None:
    """File, entry, what is wrong and what to write."""
    path = tmp_path / FILE
    path.write_text(ENTRY.format(step=step, danger=danger or "null", more=more), encoding="utf-8")
    with pytest.raises(ValueError) as error:
        read_followups(path)
    assert says in str(error.value)


def test_the_products_follow_ups_can_be_read() -> None:
    """And the file is not empty."""
    entries = read_followups(settings.ROOT / "content" / "safety" / FILE)
    assert len(entries) > 25 and {d for e in entries for d in e.dangers} == set(SAFETY_IDS)
