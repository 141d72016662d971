"""action_overdose_risk: the note on overdose after a break, when it is due."""

from __future__ import annotations

import pytest

from actions.overdose_risk import ActionOverdoseRisk
from tests.actions.helpers import assert_rests, assert_says, create_tracker, message, since

MISSED = {"overdose_risk": ["missed my dose"]}


@pytest.mark.parametrize(
    "leaf",
    [
        "faq/using_on_naltrexone",
        "faq/overdose_after_treatment",
        "faq/treatment_duration",
        "faq/dose_duration",
        "faq/naltrexone_drawbacks",
        "beyond/missed_dose",
    ],
)
def test_topics_about_a_break_bring_the_note(leaf: str) -> None:
    """The note follows by topic, and remembers that it came by topic."""
    assert_says(ActionOverdoseRisk(), create_tracker(message(leaf)), {"response": "utter_overdose_risk", "danger": 1})


def test_words_about_a_break_bring_the_note_after_any_answer() -> None:
    """A trigger in the visitor's words counts more than the topic."""
    tracker = create_tracker(message("faq/withdrawal_symptoms", signals=MISSED))
    assert_says(ActionOverdoseRisk(), tracker, {"response": "utter_overdose_risk", "danger": 2})


@pytest.mark.parametrize("leaf", ["relapse_disclosure", "intent_to_use"])
def test_a_disclosure_brings_the_note(leaf: str) -> None:
    """Who has used or is about to is told, at the highest danger."""
    assert_says(ActionOverdoseRisk(), create_tracker(message(leaf)), {"response": "utter_overdose_risk", "danger": 3})


@pytest.mark.parametrize("leaf", ["greet", "faq/withdrawal_symptoms", "nlu_fallback", "out_of_scope"])
def test_turns_without_danger_bring_none(leaf: str) -> None:
    """Nothing is added where nobody speaks of a break."""
    assert_rests(ActionOverdoseRisk(), create_tracker(message(leaf)))
    assert_rests(ActionOverdoseRisk(), create_tracker(message(leaf, signals={"therapy_referral": ["need help"]})))


def test_the_note_rests_for_ten_turns() -> None:
    """Asked again about the same, the visitor is not told again."""
    for turns in (1, 10):
        assert_rests(
            ActionOverdoseRisk(),
            create_tracker(message("faq/dose_duration"), since(turns, "utter_overdose_risk", danger=1)),
        )


def test_the_note_comes_again_after_ten_turns() -> None:
    """After ten messages it is due again, whole."""
    tracker = create_tracker(message("faq/dose_duration"), since(11, "utter_overdose_risk", danger=1))
    assert_says(ActionOverdoseRisk(), tracker, {"response": "utter_overdose_risk", "danger": 1})


def test_a_rising_danger_is_reminded_at_once() -> None:
    """Who asked about the dose and then says that one was missed hears the short reminder."""
    tracker = create_tracker(message("faq/dose_duration", signals=MISSED), since(1, "utter_overdose_risk", danger=1))
    assert_says(ActionOverdoseRisk(), tracker, {"response": "utter_overdose_risk_again", "danger": 2})


def test_a_falling_danger_is_not_reminded() -> None:
    """After the graver note the lighter cause says nothing."""
    assert_rests(
        ActionOverdoseRisk(),
        create_tracker(message("faq/dose_duration"), since(1, "utter_overdose_risk_again", danger=2)),
    )
