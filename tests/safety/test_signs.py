"""The product's signs and contexts: every example is found, every trap left alone."""

from __future__ import annotations

from collections import Counter

import pytest

from harbour.safety.phrases import Phrase, PhraseFinder
from harbour.safety.reading import load_reader
from harbour.safety.signs import ALARM, QUIET, SAFETY_IDS, Sign

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
