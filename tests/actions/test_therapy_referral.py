"""action_therapy_referral: the way to therapy, then a question if one is open; a no is kept."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.events import SlotSet

from actions.therapy_referral import ActionTherapyReferral
from harbour.guide.referral import BUTTONS
from tests.actions.helpers import assert_rests, assert_says, bot, create_tracker, message, since, user

REFERRAL = {"response": "utter_referral"}
WHOM = {"response": "utter_referral_whom", "buttons": list(BUTTONS["utter_referral_whom"])}
COUNTRY = {"response": "utter_referral_country", "buttons": list(BUTTONS["utter_referral_country"])}
ASKS = {"therapy_referral": {"asked": ["need help"]}}


def _tracker(latest: dict[str, Any], events: Any = None, **slots: Any) -> Any:
    return create_tracker(latest, events, **{"country": "GB", "referral": None, "helping": None, **slots})


def _answer(**told: str) -> dict[str, Any]:
    """A pressed button of ours, or an answer read as one."""
    return message("therapy_referral", entities=[{"entity": k, "value": v} for k, v in told.items()])


@pytest.mark.parametrize(
    "leaf", ["faq/naltrexone_cure", "faq/therapy_need", "faq/therapy_types", "faq/naltrexone_cravings"]
)
def test_topics_about_therapy_bring_the_referral_and_no_question(leaf: str) -> None:
    """The way to therapy follows what is said about it."""
    assert_says(ActionTherapyReferral(), _tracker(message(leaf)), REFERRAL)


def test_words_that_ask_for_help_bring_the_referral_and_a_question() -> None:
    """A wish for help counts after any answer."""
    assert_says(ActionTherapyReferral(), _tracker(message("faq/withdrawal_symptoms", signals=ASKS)), REFERRAL, WHOM)


@pytest.mark.parametrize("turns", [1, 10])
def test_the_referral_rests_for_ten_turns(turns: int) -> None:
    """By topic or words it is not repeated within ten messages."""
    for latest in (message("faq/therapy_need"), message("faq/withdrawal_symptoms", signals=ASKS)):
        assert_rests(ActionTherapyReferral(), _tracker(latest, since(turns, "utter_referral")))


def test_the_referral_comes_again_after_ten_turns() -> None:
    """Later in a long conversation it is due again."""
    tracker = _tracker(message("faq/therapy_need"), since(11, "utter_referral"))
    assert_says(ActionTherapyReferral(), tracker, REFERRAL)


@pytest.mark.parametrize("turns", [1, 5, 11])
def test_asked_for_it_comes_each_time(turns: int) -> None:
    """Nobody who asks for therapy is told nothing."""
    tracker = _tracker(message("therapy_referral"), since(turns, "utter_referral"), helping="me")
    assert_says(ActionTherapyReferral(), tracker, REFERRAL)


def test_the_two_questions_come_one_after_the_other() -> None:
    """For whom first, the country then, each once, each behind the help."""
    tracker = _tracker(message("therapy_referral"), country=None)
    assert_says(ActionTherapyReferral(), tracker, REFERRAL, WHOM)
    events = [user(), bot("utter_referral"), bot("utter_referral_whom"), user()]
    tracker = _tracker(_answer(helping="someone"), events, helping="someone", country=None)
    assert_says(ActionTherapyReferral(), tracker, {"response": "utter_referral_someone"}, COUNTRY)
    events += [bot("utter_referral_someone"), bot("utter_referral_country"), user()]
    tracker = _tracker(_answer(country="IE"), events, helping="someone", country="IE")
    assert_says(ActionTherapyReferral(), tracker, REFERRAL)


def test_a_no_is_kept_in_the_conversation() -> None:
    """Declined just now becomes declined, without a word; topics bring nothing from then on."""
    assert_says(
        ActionTherapyReferral(),
        _tracker(message("deny"), since(1, "utter_referral"), referral="declining"),
        events=[SlotSet("referral", "declined")],
    )
    assert_rests(ActionTherapyReferral(), _tracker(message("faq/therapy_need"), referral="declined"))


def test_asked_for_again_the_no_is_forgotten() -> None:
    """It comes back, and may be declined again."""
    tracker = _tracker(message("therapy_referral"), referral="declined", helping="me")
    assert_says(ActionTherapyReferral(), tracker, REFERRAL, events=[SlotSet("referral", None)])


@pytest.mark.parametrize("leaf", ["greet", "faq/withdrawal_symptoms", "nlu_fallback", "deny"])
def test_other_turns_bring_none(leaf: str) -> None:
    """Where nobody speaks of therapy nothing is added."""
    signals = {"overdose_risk": {"relapse": ["used again"]}}
    assert_rests(ActionTherapyReferral(), _tracker(message(leaf, signals=signals)))
