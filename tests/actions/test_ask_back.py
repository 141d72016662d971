"""action_ask_back: three questions to choose from, then a person."""

from __future__ import annotations

from typing import Any

from actions.ask_back import ActionAskBack, likely_questions
from harbour.guide.topics import load_guide
from tests.actions.helpers import assert_says, create_tracker, message, since

RANKING = [
    {"name": name, "confidence": 0.1}
    for name in (
        "greet",
        "faq/dose_duration",
        "suicide_risk",
        "beyond/missed_dose",
        "faq/naltrexone_forms",
        "faq/naltrexone_what",
    )
]
BUTTONS = [
    {"title": "How long does one dose last?", "payload": "/faq/dose_duration"},
    {"title": "What if I miss a dose?", "payload": "/beyond/missed_dose"},
    {"title": "How is naltrexone taken?", "payload": "/faq/naltrexone_forms"},
]
ASKED = {"response": "utter_ask_back", "buttons": BUTTONS}
AGAIN = {"response": "utter_ask_back_again"}


def _unsure(**parsed: Any) -> dict[str, Any]:
    return message("nlu_fallback", topic_ranking=RANKING, **parsed)


def test_the_likeliest_questions_are_offered() -> None:
    """Three questions as buttons, best first; small talk and dangers are no questions."""
    assert_says(ActionAskBack(), create_tracker(_unsure()), ASKED)


def test_fewer_questions_are_offered_when_fewer_are_likely() -> None:
    """What the ranking holds is offered, no more."""
    assert likely_questions(load_guide(), RANKING[:2]) == BUTTONS[:1]


def test_not_understood_again_a_person_is_offered() -> None:
    """Asked back in the turn before, we do not ask again."""
    assert_says(ActionAskBack(), create_tracker(_unsure(), since(1, "utter_ask_back")), AGAIN)
    assert_says(ActionAskBack(), create_tracker(_unsure(), since(1, "utter_ask_back_again")), AGAIN)


def test_after_an_understood_turn_we_ask_again() -> None:
    """Two turns later the three questions are offered once more."""
    assert_says(ActionAskBack(), create_tracker(_unsure(), since(2, "utter_ask_back")), ASKED)


def test_without_a_likely_question_a_person_is_offered_at_once() -> None:
    """No empty list of buttons is ever shown."""
    assert_says(ActionAskBack(), create_tracker(message("nlu_fallback", topic_ranking=[RANKING[0]])), AGAIN)
    assert_says(ActionAskBack(), create_tracker(message("nlu_fallback")), AGAIN)
