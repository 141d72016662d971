"""The topic component gives Rasa what it expects: intents, a ranking and the response selector's output."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from harbour.assistant.topics import (
    PASSAGE,
    RANKED,
    TopicClassifier,
    intent_ranking,
    passages,
    readable,
    response_selector,
)
from harbour.assistant.turns import Assistant
from harbour.safety.signs import SAFETY_IDS

LEAVES = {"faq/dose": 0.5, "faq/pain": 0.3, "greet": 0.2}


def labelled(text: str, probabilities: dict[str, float]) -> Message:
    """A message labelled by a classifier whose experts give these probabilities."""
    component = TopicClassifier({}, None, None)  # type: ignore[arg-type]
    component.model = SimpleNamespace(  # type: ignore[assignment]
        leaves=list(LEAVES),
        probabilities=lambda texts, features: [probabilities] * len(texts),
        other=lambda features: [0.25],
    )
    component.encoder = SimpleNamespace(features=lambda texts: None)  # type: ignore[assignment]
    return component.process([Message({"text": text})])[0]


def test_a_question_fills_intent_and_response_selector() -> None:
    """The leaf's first part is the intent; the selector names the response Rasa utters."""
    message = labelled("how long", LEAVES)
    assert message.get("intent") == {"name": "faq", "confidence": 0.5}
    assert message.get("intent_ranking") == [{"name": "faq", "confidence": 0.5}, {"name": "greet", "confidence": 0.2}]
    assert message.get("topic_ranking")[1] == {"name": "faq/pain", "confidence": 0.3}
    assert message.get("response_selector")["faq"]["response"]["utter_action"] == "utter_faq/dose"


def test_other_topics_select_no_response() -> None:
    """Small talk has an intent and no selection."""
    message = labelled("hello", {"greet": 0.9, "faq/dose": 0.1})
    assert message.get("intent")["name"] == "greet"
    assert message.get("response_selector") is None


def test_a_pressed_button_names_its_topic() -> None:
    """`/faq/pain` from a button is that topic with certainty; a topic nobody knows is only text."""
    assert labelled("/faq/pain", LEAVES).get("probabilities") == {"faq/pain": 1.0}
    assert labelled("/faq/nothing", LEAVES).get("probabilities") == LEAVES
    assert labelled("say /faq/pain", LEAVES).get("probabilities") == LEAVES


def test_a_message_without_text_is_labelled_too() -> None:
    """Nothing to read is no error."""
    message = Message({})
    component = TopicClassifier({}, None, None)  # type: ignore[arg-type]
    component.model = SimpleNamespace(  # type: ignore[assignment]
        leaves=list(LEAVES), probabilities=lambda t, f: [LEAVES], other=lambda f: [0.5]
    )
    component.encoder = SimpleNamespace(features=lambda texts: None)  # type: ignore[assignment]
    assert component.process([message])[0].get("intent")["name"] == "faq"


def test_the_safety_screen_is_told_of_dangers_and_whose_they_are() -> None:
    """The likelihood of each danger, and that it is somebody else's; a pressed button is no message to screen."""
    message = labelled("he is blue", {"emergency_overdose": 0.7, "greet": 0.3})
    assert message.get("dangers")["emergency_overdose"] == 0.7
    assert set(message.get("dangers")) == set(SAFETY_IDS)
    assert message.get("other") == 0.25
    assert labelled("/faq/pain", LEAVES).get("dangers") is None


def test_a_long_story_is_read_in_parts_too() -> None:
    """Overlapping parts that leave no word out; a short text has none."""
    words = [f"w{n}" for n in range(500)]
    parts = passages(" ".join(words))
    assert all(len(part.split()) <= PASSAGE for part in parts)
    assert [w for w in words if not any(w in part.split() for part in parts)] == []
    assert passages("a short question") == []


def test_danger_in_the_middle_of_a_long_story_counts() -> None:
    """Where one part speaks most of danger, that part's likelihoods count."""
    component = TopicClassifier({}, None, None)  # type: ignore[arg-type]

    def probabilities(texts: list[str], features: Any) -> list[dict[str, float]]:
        return [{"suicide_risk": 0.9 if "die" in t and len(t.split()) <= PASSAGE else 0.1} for t in texts]

    component.model = SimpleNamespace(leaves=["greet"], probabilities=probabilities, other=lambda f: [0.5])  # type: ignore[assignment]
    component.encoder = SimpleNamespace(features=lambda texts: None)  # type: ignore[assignment]
    story = f"{'and so on ' * 90} i want to die {'and so on ' * 90}"
    message = component.process([Message({"text": story})])[0]
    assert message.get("dangers")["suicide_risk"] == 0.9
    assert message.get("probabilities")["suicide_risk"] == 0.1


def test_the_selectors_output_has_rasas_shape() -> None:
    """Keys as Rasa's own response selector writes them."""
    selected = response_selector("beyond/alcohol", 0.7)
    assert selected["all_retrieval_intents"] == ["beyond", "faq"]
    assert selected["beyond"]["response"] == {
        "responses": [],
        "confidence": 0.7,
        "intent_response_key": "beyond/alcohol",
        "utter_action": "utter_beyond/alcohol",
    }
    assert selected["beyond"]["ranking"] == [{"confidence": 0.7, "intent_response_key": "beyond/alcohol"}]
    assert set(selected) == {"all_retrieval_intents", "beyond"}


def test_an_intent_counts_by_its_best_leaf() -> None:
    """Leaves of one intent stand for it once, best first."""
    ranking = [("faq/a", 0.4), ("greet", 0.3), ("faq/b", 0.2), ("beyond/c", 0.1)]
    assert intent_ranking(ranking) == [
        {"name": "faq", "confidence": 0.4},
        {"name": "greet", "confidence": 0.3},
        {"name": "beyond", "confidence": 0.1},
    ]


def test_both_experts_read_standard_words() -> None:
    """Clean-up and lexicon come before either expert."""
    assert readable("  SMACK\u200b and my PELLET\u2026 ") == "heroin and my implant..."


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("what is naltrexone?", "faq/naltrexone_what"),
        ("can i drink alcohol on naltrexone", "beyond/alcohol"),
        ("hello there", "greet"),
    ],
)
def test_the_trained_model_knows_plain_questions(assistant: Assistant, text: str, leaf: str) -> None:
    """What is asked plainly is understood, with ten topics ranked and probabilities that sum to one."""
    import asyncio

    from rasa.core.channels.channel import UserMessage

    parsed: dict[str, Any] = asyncio.run(assistant.agent.processor.parse_message(UserMessage(text)))
    assert parsed["topic_ranking"][0]["name"] == leaf
    assert len(parsed["topic_ranking"]) == RANKED
    confidences = [item["confidence"] for item in parsed["topic_ranking"]]
    assert confidences == sorted(confidences, reverse=True)
    assert 0 < sum(confidences) <= 1 + 1e-6
