"""action_overdose_risk: the note on overdose that fits, when it is due."""

from __future__ import annotations

from typing import Any

import pytest

from actions.overdose_risk import ActionOverdoseRisk
from tests.actions.helpers import assert_rests, assert_says, create_tracker, message, since

GENERAL = {"response": "utter_overdose_risk"}


def _says(*kinds: str) -> dict[str, Any]:
    return {"overdose_risk": {kind: ["words"] for kind in kinds}}


def _note(kind: str) -> dict[str, str]:
    return {"response": f"utter_overdose_risk_{kind}"}


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
def test_topics_about_a_break_bring_the_general_note(leaf: str) -> None:
    """Where only the topic calls for it, the note speaks of every break."""
    assert_says(ActionOverdoseRisk(), create_tracker(message(leaf)), GENERAL)


@pytest.mark.parametrize("leaf", ["faq/withdrawal_symptoms", "faq/dose_duration", "nlu_fallback", "concerned_other"])
def test_words_bring_the_note_that_fits_after_any_answer(leaf: str) -> None:
    """What the visitor said counts more than the topic."""
    tracker = create_tracker(message(leaf, signals=_says("missed_dose")))
    assert_says(ActionOverdoseRisk(), tracker, _note("missed_dose"))


def test_of_several_the_most_pressing_comes() -> None:
    """One note a turn."""
    tracker = create_tracker(message("faq/dose_duration", signals=_says("tolerance", "alone", "after_break")))
    assert_says(ActionOverdoseRisk(), tracker, _note("after_break"))


@pytest.mark.parametrize(("leaf", "note"), [("relapse_disclosure", _note("relapse")), ("intent_to_use", GENERAL)])
def test_a_disclosure_brings_a_note(leaf: str, note: dict[str, str]) -> None:
    """Who has used or is about to is told, also without a word of our lists."""
    assert_says(ActionOverdoseRisk(), create_tracker(message(leaf)), note)


@pytest.mark.parametrize("leaf", ["greet", "faq/withdrawal_symptoms", "nlu_fallback", "out_of_scope"])
def test_turns_without_risk_bring_none(leaf: str) -> None:
    """Nothing is added where nobody speaks of a break."""
    assert_rests(ActionOverdoseRisk(), create_tracker(message(leaf)))
    asks = {"therapy_referral": {"asked": ["need help"]}}
    assert_rests(ActionOverdoseRisk(), create_tracker(message(leaf, signals=asks)))


@pytest.mark.parametrize("turns", [1, 10])
def test_each_kind_rests_for_ten_turns(turns: int) -> None:
    """Said again, the visitor is not told again; of another kind, the visitor is."""
    events = since(turns, "utter_overdose_risk_alone")
    assert_rests(ActionOverdoseRisk(), create_tracker(message("faq/dose_duration", signals=_says("alone")), events))
    assert_rests(ActionOverdoseRisk(), create_tracker(message("faq/dose_duration"), events))
    tracker = create_tracker(message("faq/dose_duration", signals=_says("mixing")), events)
    assert_says(ActionOverdoseRisk(), tracker, _note("mixing"))


def test_the_notes_come_again_after_ten_turns() -> None:
    """After ten messages they are due again."""
    tracker = create_tracker(message("faq/dose_duration"), since(11, "utter_overdose_risk"))
    assert_says(ActionOverdoseRisk(), tracker, GENERAL)


@pytest.mark.parametrize("card", ["utter_emergency_overdose", "utter_suicide_risk_again"])
def test_after_a_card_nothing_is_added(card: str) -> None:
    """An emergency or suicide reply stands alone."""
    for turns in (0, 3):
        tracker = create_tracker(message("faq/dose_duration", signals=_says("relapse")), since(turns, card))
        assert_rests(ActionOverdoseRisk(), tracker)
