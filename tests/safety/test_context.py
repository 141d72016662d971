"""ConText in visitors' words: what takes a sign back, how far it reaches, and what ends its reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harbour.safety.reading import SignReader
from tests.safety.signs_fixture import SIGNS, write_folder


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("he is not breathing", "alarm"),
        ("she overdosed", "alarm"),
        ("she overdosed years ago", "quiet"),
        ("years ago she overdosed", "quiet"),
        ("years ago she overdosed. now he is not breathing", "alarm"),
        ("years ago she overdosed but he is not breathing", "alarm"),
        ("years ago was bad. she overdosed", "alarm"),
        ("not an overdose", "quiet"),
        ("it is never going to be just another little overdose", "alarm"),
        ("overdose? not him", "alarm"),
        ("what if he is not breathing", "check"),
        ("what if it rains. he is not breathing", "alarm"),
        ("he overdosed on monday. he is fine now", "quiet"),
        ("a man overdosed in a film", "quiet"),
        ("in a film a man overdosed", "alarm"),
        ("very sleepy", "check"),
        ("not very sleepy", "quiet"),
        ("how long does it last", "quiet"),
    ],
)
def test_a_context_lowers_what_it_reaches(small: SignReader, text: str, level: str) -> None:
    """Category, direction, reach and stop words decide; a sentence's end ends all but the whole message."""
    assert small.read(text).level("emergency_overdose") == level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("i want to die", "alarm"),
        ("i want to die laughing", "quiet"),
        ("i want to die laughing, then i want to die", "alarm"),
    ],
)
def test_a_figure_of_speech_takes_back_the_sign_it_overlaps(small: SignReader, text: str, level: str) -> None:
    """Only that one: the same words elsewhere in the message are meant."""
    assert small.read(text).level("suicide_risk") == level


def test_a_sign_can_stand_despite_a_context(small: SignReader) -> None:
    """ "not suicidal but" is not taken as a no where the file says so."""
    assert small.read("i am not suicidal").level("suicide_risk") == "alarm"


def test_the_not_of_a_sign_takes_nothing_else_back(small: SignReader) -> None:
    """ "not breathing" does not deny the overdose that is named next."""
    assert small.read("she is not breathing overdose").of("emergency_overdose")[0].level == "alarm"
    assert all(e.level == "alarm" for e in small.read("she is not breathing overdose").of("emergency_overdose"))


def test_evidence_tells_its_context_and_time(small: SignReader) -> None:
    """For a clinician: the words found, the context's words, and when it is about."""
    (evidence,) = small.read("my aunt Overdosed years ago").of("emergency_overdose")
    assert (evidence.words, evidence.contexts, evidence.context_words) == ("overdosed", ("past",), ("years ago",))
    assert evidence.when == "past"


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"context": "maybe"}, "context 'maybe': write one of"),
        ({"context": "past", "direction": "up"}, "direction 'up': write one of"),
        ({"context": "past", "reach": 0}, "reach 0: write a number of words, sentence or message"),
        ({"context": "past", "scope": 3}, "unknown key 'scope'"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, rule: dict[str, Any], error: str) -> None:
    """The error names the entry and what to write."""
    with pytest.raises(ValueError, match=f"context.yml: entry 1: {error}"):
        SignReader(write_folder(tmp_path, SIGNS, [{"phrase": "years ago", **rule}]))


def test_a_context_that_sticks_out_of_a_sign_reaches_it(tmp_path: Path) -> None:
    """ "no plans to" shares words with "plans to end it" and still denies it; so does a denial that a gap would swallow."""
    signs = {"suicide_risk": [{"phrase": "(plans|plan) to end it"}, {"phrase": "he ... hang himself"}]}
    context = [{"phrase": "(no plans to|never)", "context": "negated", "reach": 4}]
    reader = SignReader(write_folder(tmp_path, signs, context))
    assert reader.read("i have plans to end it").level("suicide_risk") == "alarm"
    assert reader.read("i have no plans to end it").level("suicide_risk") == "quiet"
    assert reader.read("he tried to hang himself").level("suicide_risk") == "alarm"
    assert reader.read("he never tried to hang himself").level("suicide_risk") == "quiet"
