"""The safety screen has the last word on every message."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from harbour.assistant.screen import SafetyScreen, asked_about


def screened(text: str, intent: str = "faq", asked: str = "", **probabilities: float) -> Message:
    """A message after the screen; the classifier had chosen `intent` and ranked by probability."""
    ranking = [
        {"name": name.replace("__", "/"), "confidence": p}
        for name, p in sorted(probabilities.items(), key=lambda item: -item[1])
    ]
    message = Message(
        {
            "text": text,
            "intent": {"name": intent, "confidence": 0.5},
            "topic_ranking": ranking,
            "probabilities": {item["name"]: item["confidence"] for item in ranking},
        }
    )
    events = (
        [UserUttered("x"), BotUttered("?", metadata={"utter_action": "utter_check_danger", "suspected": asked})]
        if asked
        else []
    )
    tracker = DialogueStateTracker.from_events("x", events)
    return SafetyScreen().process([message], tracker)[0]


def test_an_alarm_becomes_the_intent() -> None:
    """Whatever the classifier or the fallback chose, danger is answered first."""
    for intent in ("faq", "nlu_fallback", "greet"):
        message = screened("he is blue", intent, emergency_overdose=0.5, faq__dose_duration=0.45)
        assert message.get("intent") == {"name": "emergency_overdose", "confidence": 0.5}
        assert message.get("topics") == ["emergency_overdose"]
        assert [(r["id"], r["level"]) for r in message.get("risk")] == [("emergency_overdose", "alarm")]


def test_the_most_pressing_of_two_alarms_is_answered() -> None:
    """Suicide risk comes before a relapse, however likely that is."""
    message = screened("i used again and want to die", relapse_disclosure=0.55, suicide_risk=0.4)
    assert message.get("intent")["name"] == "suicide_risk"
    assert message.get("topics")[0] == "suicide_risk"


def test_a_check_leaves_the_answer_as_it_is() -> None:
    """Not sure: the question is answered as usual, and the doubt is told."""
    message = screened("how long does it last", faq__dose_duration=0.8, suicide_risk=0.12)
    assert message.get("intent")["name"] == "faq"
    assert message.get("topics") == ["dose_duration"]
    assert [(r["id"], r["level"]) for r in message.get("risk")] == [("suicide_risk", "check")]


def test_asked_back_the_three_likeliest_are_the_topics() -> None:
    """When the fallback asks, the topics are those it may ask about."""
    message = screened("it", "nlu_fallback", faq__a=0.2, faq__b=0.15, beyond__c=0.1, faq__d=0.05)
    assert message.get("topics") == ["a", "b", "c"]


@pytest.mark.parametrize("id", ["suicide_risk", "emergency_overdose", "drug_seeking"])
def test_yes_to_our_question_is_the_alarm_itself(id: str) -> None:
    """Asked whether somebody is in danger, a yes raises the danger we asked about."""
    message = screened("yes", "affirm", asked=id, affirm=0.99)
    assert message.get("intent")["name"] == id
    assert [(r["id"], r["level"]) for r in message.get("risk")] == [(id, "alarm")]


def test_no_to_our_question_raises_nothing() -> None:
    """Asked whether somebody is in danger, a no stays a no."""
    message = screened("no", "deny", asked="suicide_risk", deny=0.99)
    assert message.get("intent")["name"] == "deny"
    assert message.get("risk") == []


def test_yes_without_a_question_raises_nothing() -> None:
    """A yes to something else is no danger."""
    assert screened("yes", "affirm", affirm=0.99).get("risk") == []


def test_whom_it_is_about_is_an_entity() -> None:
    """It fills the slot that picks the wording."""
    (entity,) = screened("my son is not breathing", faq__a=0.9).get("entities")
    assert (entity["entity"], entity["value"]) == ("about", "other")


def test_signals_are_told_to_the_actions() -> None:
    """Trigger words come with the message."""
    assert screened("i missed my dose", faq__a=0.9).get("signals") == {
        "overdose_risk": {"missed_dose": ["missed my dose"]}
    }


def test_a_message_without_anything_is_screened_too() -> None:
    """No text, no ranking, no tracker: no danger and no error."""
    message = SafetyScreen().process([Message({})])[0]
    assert (message.get("risk"), message.get("topics"), message.get("signals")) == ([], [], {})


def _asked(*events: Any) -> str:
    return asked_about(DialogueStateTracker.from_events("x", list(events)))


def test_what_we_asked_last_is_remembered_until_the_visitor_speaks() -> None:
    """Our question counts only for the very next message."""
    check = BotUttered("?", metadata={"utter_action": "utter_check_danger", "suspected": "drug_seeking"})
    suicide = BotUttered("?", metadata={"utter_action": "utter_suicide_risk"})
    other = BotUttered("!", metadata={"utter_action": "utter_greet"})
    assert _asked(UserUttered("a"), check) == "drug_seeking"
    assert _asked(UserUttered("a"), suicide) == "suicide_risk"
    assert _asked(UserUttered("a"), other, check) == "drug_seeking"
    assert _asked(UserUttered("a"), check, UserUttered("b"), other) == ""
    assert _asked(UserUttered("a"), BotUttered("raw", metadata=None)) == ""
    assert _asked() == asked_about(None) == ""
