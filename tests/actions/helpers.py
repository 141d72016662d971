"""What every test of an action needs: a conversation, the action run on it, and what came of it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]


def user(text: str = "x") -> dict[str, Any]:
    """A visitor's message, as an event."""
    return {"event": "user", "text": text}


def bot(response: str, **metadata: Any) -> dict[str, Any]:
    """A reply of ours, as an event."""
    return {"event": "bot", "text": "x", "metadata": {"utter_action": response, **metadata}}


def since(turns: int, response: str, **metadata: Any) -> Events:
    """The events of a conversation in which `response` was given `turns` visitor messages ago."""
    return [user(), bot(response, **metadata), *[user() for _ in range(turns)]]


def message(leaf: str, **parsed: Any) -> dict[str, Any]:
    """The latest message as Rasa hands it over, answered with `leaf`; `parsed` adds our screen's findings."""
    intent = leaf.split("/")[0]
    selected = {intent: {"response": {"intent_response_key": leaf}}} if "/" in leaf else {}
    return {"intent": {"name": intent}, "response_selector": selected, **parsed}


def create_tracker(latest: dict[str, Any], events: Events | None = None, **slots: Any) -> Tracker:
    """A conversation whose latest message is `latest`."""
    return Tracker(
        sender_id="visitor",
        slots=slots,
        latest_message=latest,
        events=events if events is not None else [user()],
        paused=False,
        followup_action=None,
        active_loop={},
        latest_action_name=None,
    )


def run_action(action: Action, tracker: Tracker) -> tuple[Events, list[dict[str, Any]]]:
    """The events the action returns, and what it dispatched: response, buttons and what else was passed on."""
    dispatcher = CollectingDispatcher()
    events = action.run(dispatcher, tracker, {})
    empty = ("text", "elements", "custom", "template", "image", "attachment")
    for said in dispatcher.messages:  # named responses only, never raw text
        assert not any(said[key] for key in empty if key != "template")
    return events, [{k: v for k, v in said.items() if k not in empty and v != []} for said in dispatcher.messages]


def assert_rests(action: Action, tracker: Tracker) -> None:
    """The action neither speaks nor changes anything."""
    assert run_action(action, tracker) == ([], [])


def assert_says(action: Action, tracker: Tracker, *said: dict[str, Any], events: Events | None = None) -> None:
    """The action dispatches exactly these messages and returns exactly these events."""
    assert run_action(action, tracker) == (events or [], list(said))
