"""The safety screen has the last word on every message."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot
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
    (entity,) = screened("my son asks how long it lasts", faq__a=0.9).get("entities")
    assert (entity["entity"], entity["value"]) == ("about", "other")


def after(*told: str, about: str = "other", **slots: str) -> DialogueStateTracker:
    """A conversation whose crisis, named first, got these responses."""
    values = {"about": about, "crisis": told[0], "told": " ".join(told), "step": told[-1], **slots}
    events = [SlotSet(name, value) for name, value in values.items()]
    return DialogueStateTracker.from_events("x", events, [TextSlot(name, mappings=[{}]) for name in values])


def in_crisis(text: str, intent: str, tracker: DialogueStateTracker, **probabilities: float) -> Message:
    """A message within a crisis after the screen."""
    ranking = [{"name": name.replace("__", "/"), "confidence": p} for name, p in probabilities.items()]
    message = Message({"text": text, "intent": {"name": intent, "confidence": 0.5}, "topic_ranking": ranking})
    message.set("probabilities", {item["name"]: item["confidence"] for item in ranking})
    return SafetyScreen().process([message], tracker)[0]


def slots(message: Message) -> dict[str, str]:
    """What the message sets."""
    return {entity["entity"]: entity["value"] for entity in message.get("entities")}


def test_an_alarm_opens_a_crisis() -> None:
    """Its card is the step, and the state goes into slots by entities."""
    message = screened("he is blue", "faq", emergency_overdose=0.9)
    card = "emergency_overdose"
    assert slots(message) == {"about": "other", "crisis": card, "told": card, "step": card}


def test_a_follow_up_is_the_crisis_and_keeps_the_alarm() -> None:
    """Intent, topic and risk are the emergency's; the words that led to it are the visitor's."""
    message = in_crisis("i have no naloxone", "faq", after("emergency_overdose"), faq__dose_duration=0.9)
    assert message.get("intent")["name"] == "emergency_overdose"
    assert message.get("topics") == ["emergency_overdose"]
    (risk,) = message.get("risk")
    assert (risk["id"], risk["about"], risk["level"], risk["words"]) == (
        "emergency_overdose",
        "other",
        "alarm",
        "no naloxone",
    )
    assert slots(message)["step"] == "emergency_overdose_no_naloxone"


def test_help_lowers_what_the_verdict_raised() -> None:
    """The words of the emergency stay visible for staff, as a doubt; the state is reset."""
    tracker = after("emergency_overdose", "emergency_overdose_waiting")
    message = in_crisis("the ambulance is here for his overdose", "faq", tracker, emergency_overdose=0.9)
    assert [(r["id"], r["level"]) for r in message.get("risk")] == [("emergency_overdose", "check")]
    assert slots(message) | {"about": ""} == {
        "about": "", "crisis": "none", "told": "none", "step": "emergency_overdose_help_here"
    }  # fmt: skip


def test_a_question_beside_a_crisis_keeps_its_own_topic() -> None:
    """The guide answers; the slot names the line of safety."""
    message = in_crisis("how long does a dose last", "faq", after("emergency_overdose"), faq__dose_duration=0.9)
    assert (message.get("intent")["name"], message.get("topics")) == ("faq", ["dose_duration"])
    assert slots(message)["step"] == "emergency_overdose_beside"
    assert [r["level"] for r in message.get("risk")] == ["alarm"]


def test_whoever_is_worried_stays_the_worried_one() -> None:
    """An "i" in a follow-up does not make it about the visitor; "its me" does."""
    about = slots(in_crisis("i dont have any", "deny", after("emergency_overdose"), deny=0.9))["about"]
    assert about == "other"
    assert slots(in_crisis("its me, i took it", "faq", after("emergency_overdose"), faq__a=0.9))["about"] == "self"


def test_outside_a_crisis_each_message_is_about_whom_it_says() -> None:
    """What was said of oneself before does not stick to a question about a son, nor the other way round."""
    tracker = after("none", about="self")
    assert slots(in_crisis("my son asks how long it lasts", "faq", tracker, faq__a=0.9))["about"] == "other"
    assert slots(in_crisis("i want to know how long it lasts", "faq", after("none"), faq__a=0.9))["about"] == "self"
    assert slots(in_crisis("no", "deny", after("none"), deny=0.9))["about"] == "other"


def test_the_step_is_set_back_when_the_crisis_says_nothing() -> None:
    """No rule of an earlier turn applies to this one."""
    message = in_crisis("how long does a dose last", "faq", after("relapse_disclosure"), faq__dose_duration=0.9)
    assert slots(message)["step"] == "none"
    assert message.get("topics") == ["dose_duration"]


def test_a_pressed_button_is_no_typed_text() -> None:
    """Its payload is never searched for signs or follow-ups."""
    button = in_crisis("/suicide_risk/means", "suicide_risk", after("suicide_risk", about="self"), suicide_risk=1.0)
    assert slots(button)["step"] == "suicide_risk_means"
    assert [(r["id"], r["level"], r["words"]) for r in button.get("risk")] == [("suicide_risk", "alarm", "")]
    plain = in_crisis("/press/thank", "thank", after("suicide_risk", about="self"), thank=1.0)
    assert slots(plain)["step"] == "suicide_risk_thank"
    assert plain.get("risk") == []


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
