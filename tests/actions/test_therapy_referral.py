"""action_therapy_referral: the way to therapy, on request always, else once in ten turns."""

from __future__ import annotations

import pytest

from actions.therapy_referral import ActionTherapyReferral
from tests.actions.helpers import assert_rests, assert_says, create_tracker, message, since

REFERRAL = {"response": "utter_referral"}
ASKS = {"therapy_referral": ["need help"]}


@pytest.mark.parametrize(
    "leaf", ["faq/naltrexone_cure", "faq/therapy_need", "faq/therapy_types", "faq/naltrexone_cravings"]
)
def test_topics_about_therapy_bring_the_referral(leaf: str) -> None:
    """The way to therapy follows what is said about it."""
    assert_says(ActionTherapyReferral(), create_tracker(message(leaf)), REFERRAL)


def test_words_that_ask_for_help_bring_the_referral() -> None:
    """A wish for help counts after any answer."""
    assert_says(ActionTherapyReferral(), create_tracker(message("faq/withdrawal_symptoms", signals=ASKS)), REFERRAL)


@pytest.mark.parametrize("turns", [1, 10])
def test_the_referral_rests_for_ten_turns(turns: int) -> None:
    """By topic or words it is not repeated within ten messages."""
    for latest in (message("faq/therapy_need"), message("faq/withdrawal_symptoms", signals=ASKS)):
        assert_rests(ActionTherapyReferral(), create_tracker(latest, since(turns, "utter_referral")))


def test_the_referral_comes_again_after_ten_turns() -> None:
    """Later in a long conversation it is due again."""
    assert_says(
        ActionTherapyReferral(), create_tracker(message("faq/therapy_need"), since(11, "utter_referral")), REFERRAL
    )


@pytest.mark.parametrize("turns", [1, 5, 11])
def test_asked_for_it_comes_each_time(turns: int) -> None:
    """Nobody who asks for therapy is told nothing."""
    assert_says(
        ActionTherapyReferral(), create_tracker(message("therapy_referral"), since(turns, "utter_referral")), REFERRAL
    )


@pytest.mark.parametrize("leaf", ["greet", "faq/withdrawal_symptoms", "nlu_fallback"])
def test_other_turns_bring_none(leaf: str) -> None:
    """Where nobody speaks of therapy nothing is added."""
    assert_rests(ActionTherapyReferral(), create_tracker(message(leaf, signals={"overdose_risk": ["used again"]})))
