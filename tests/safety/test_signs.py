"""The product's signs and contexts: every example is found, every trap left alone."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harbour.safety.context import STOP
from harbour.safety.phrases import Phrase, PhraseFinder
from harbour.safety.reading import load_reader
from harbour.safety.signs import ALARM, QUIET, SAFETY_IDS, Sign
from harbour.safety.verdict import DEADLY, verdict

SIGNS = load_reader().signs
RULES = list(zip(load_reader().contexts.rules, load_reader().contexts.finder.phrases))


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.where for sign in SIGNS])
def test_a_sign_finds_its_examples_and_no_trap_is_an_alarm(sign: Sign) -> None:
    """Each example by its own phrase; each trap is read with all signs and contexts and raises no alarm."""
    finder = PhraseFinder([sign.phrase])
    assert [e for e in sign.phrase.examples if not finder.find(e)] == []
    assert [t for t in sign.phrase.traps if load_reader().read(t).level(sign.id) == ALARM] == []


@pytest.mark.parametrize(("rule", "phrase"), RULES, ids=[rule.where for rule, _ in RULES])
def test_a_context_finds_its_examples_and_not_its_traps(rule: object, phrase: Phrase) -> None:
    """By its own phrase, as a clinician wrote it."""
    finder = PhraseFinder([phrase])
    assert [e for e in phrase.examples if not finder.find(e)] == []
    assert [t for t in phrase.traps if finder.find(t)] == []


@pytest.mark.parametrize("id", SAFETY_IDS)
def test_every_example_of_an_alarm_is_read_as_one(id: str) -> None:
    """With all signs and contexts together too: at most one example in fifty is lowered by another rule."""
    examples = [e for s in SIGNS if s.id == id and s.level == ALARM for e in s.phrase.examples]
    lowered = [e for e in examples if load_reader().read(e).level(id) == QUIET]
    assert len(examples) >= 20
    assert len(lowered) <= len(examples) / 50, lowered


def test_every_danger_has_signs_enough() -> None:
    """Ten kinds of signs at least for each danger."""
    assert min(Counter(sign.id for sign in SIGNS)[id] for id in SAFETY_IDS) >= 10


READER = load_reader()
STOPS = READER.contexts.rules
FRAMES = ("years ago {}", "{} years ago", "back in 2009 {}", "when i was nineteen {}", "{} last summer")
DEADLY_EXAMPLES = [
    (sign.id, example)
    for sign in SIGNS
    if sign.id in DEADLY and sign.level == ALARM and "past" not in sign.despite
    for example in sign.phrase.examples
    if READER.read(example).level(sign.id) == ALARM
]


def says_now(text: str) -> bool:
    """Whether a message speaks of now or in several sentences: a past told beside it does not reach all of it."""
    doc = READER.tokens(text)
    stops = [number for number, _ in READER.contexts.finder.spans(doc) if STOPS[number].context == STOP]
    return bool(stops) or any(mark in text.rstrip(".!?") for mark in ".!?")


@given(st.sampled_from(DEADLY_EXAMPLES), st.sampled_from(FRAMES))
def test_what_is_told_as_past_never_raises_an_alarm(told: tuple[str, str], frame: str) -> None:
    """By the signs alone: any example of a deadly sign, told as long ago."""
    id, example = told
    assume(not says_now(example))
    text = frame.format(example.rstrip(".!? "))
    assert [r.id for r in verdict(READER.read(text), None) if r.id == id and r.level == ALARM] == [], text


@pytest.mark.parametrize(
    "text",
    [
        "no he didnt overdose",
        "shes not overdosing",
        "its not an overdose",
        "he hasnt taken an overdose",
        "he never od'd",
        "her lips are not blue",
        "he isnt unconscious",
        "she has not collapsed",
        "he hasnt gone blue",
        "no signs of an overdose",
        "im not suicidal",
        "i am not going to kill myself",
        "i would never kill myself",
        "i dont want to end my life",
        "no thoughts of suicide",
        "i wasnt trying to kill myself",
        "she isnt suicidal",
        "he never tried to hang himself",
        "i have no plans to end it",
        "im not self harming",
    ],
)
def test_what_is_denied_raises_no_alarm(text: str) -> None:
    """By the signs alone: a plain no beside a deadly sign."""
    assert [r.id for r in verdict(READER.read(text), None) if r.id in DEADLY and r.level == ALARM] == []
