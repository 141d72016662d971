"""Safety does not depend on the action server: replies when it is down, slow to fail or talks nonsense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from harbour.assistant.local import load_assistant
from harbour.assistant.turns import Assistant
from harbour.guide.topics import RETRIEVAL, load_guide
from harbour.safety.signs import SAFETY_IDS
from tests.assistant_fixture import Visitor


class BrokenActions(EndpointConfig):
    """An action server that fails in the way it is told."""

    def __init__(self) -> None:
        super().__init__(url="http://127.0.0.1:9/webhook")
        self.failure: Exception | Any = None

    async def request(self, method: str = "post", subpath: str | None = None, **kwargs: Any) -> Any:
        """Rasa's call to the action server."""
        if isinstance(self.failure, Exception):
            raise self.failure
        return self.failure


FAILURES = {
    "refuses connections": aiohttp.ClientConnectionError("refused"),
    "times out": TimeoutError(),
    "answers 500": ClientResponseError(500, "error", "{}"),
    "answers nothing": None,
    "answers nonsense": {"events": "?", "responses": 7},
    "says a response we do not have": {"events": [], "responses": [{"response": "utter_no_such"}]},
}


@pytest.fixture(scope="module")
def alone(assistant: Assistant) -> Assistant:
    """An assistant of its own whose action server is broken."""
    return load_assistant(actions=BrokenActions())


@pytest.fixture(params=FAILURES)
def broken(alone: Assistant, request: pytest.FixtureRequest) -> Assistant:
    """The same, broken in each way."""
    alone.agent.processor.action_endpoint.failure = FAILURES[request.param]  # type: ignore[union-attr]
    return alone


Come = Callable[..., Visitor]


@pytest.mark.parametrize("id", SAFETY_IDS)
def test_danger_is_answered_without_the_action_server(broken: Assistant, visitor: Come, id: str) -> None:
    """Each danger's reply comes whole, with the number, from the assistant alone."""
    turn = visitor(to=broken).presses(f"/{id}")
    assert turn.replies[0].response == f"utter_{id}"
    assert "999" in turn.replies[0].text
    assert turn.raised("alarm") == [id]


@pytest.mark.parametrize(
    ("text", "id"),
    [("he is not breathing and his lips are blue", "emergency_overdose"), ("i want to kill myself", "suicide_risk")],
)
def test_danger_in_words_is_answered_without_the_action_server(
    broken: Assistant, visitor: Come, text: str, id: str
) -> None:
    """So it is when somebody writes it in the middle of a conversation."""
    one = visitor(to=broken)
    one.says("hello")
    turn = one.says(text)
    assert turn.replies[0].response == f"utter_{id}"
    assert turn.raised("alarm")[0] == id


def test_a_crisis_goes_on_without_the_action_server(broken: Assistant, visitor: Come) -> None:
    """What follows an alarm needs no other process either, and a question beside it is still answered."""
    one = visitor(to=broken)
    script = {
        "he is not breathing and his lips are blue": ["utter_emergency_overdose"],
        "i have no naloxone": ["utter_emergency_overdose_no_naloxone"],
        "ok": ["utter_emergency_overdose_here"],
        "how long does one dose last?": ["utter_emergency_overdose_beside", "utter_faq/dose_duration"],
        "he is awake now": ["utter_emergency_overdose_awake"],
        "the ambulance is here": ["utter_emergency_overdose_help_here"],
        "i want to kill myself": ["utter_suicide_risk"],
        "nobody cares": ["utter_suicide_risk_nobody"],
    }
    assert {text: [r.response for r in one.says(text).replies] for text in script} == script


def test_questions_are_answered_without_the_action_server(broken: Assistant, visitor: Come) -> None:
    """Every answer still comes; only notes are missing."""
    one = visitor(to=broken)
    for leaf in (leaf for leaf in load_guide().topics if leaf.split("/")[0] in RETRIEVAL):
        turn = one.presses(f"/{leaf}")
        assert [r.response for r in turn.replies] == [f"utter_{leaf}"]


def test_small_talk_goes_on_without_the_action_server(broken: Assistant, visitor: Come) -> None:
    """The conversation carries on, and the next turn is no worse."""
    one = visitor(to=broken)
    for leaf in ("greet", "thank", "privacy", "human_handoff", "therapy_referral", "concerned_other", "goodbye"):
        assert [r.response for r in one.presses(f"/{leaf}").replies] == [f"utter_{leaf}"]
