"""The trained assistant, loaded once for all tests that talk to it. Needs Rasa: the assistant's environment."""

from __future__ import annotations

import asyncio
import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # Rasa is imported when an assistant is asked for, not when tests are collected
    from harbour.assistant.turns import Assistant, Turn

NUMBERS = itertools.count(1)


class Visitor:
    """Somebody in one conversation with the assistant, for tests that read like a conversation."""

    def __init__(self, assistant: Assistant, country: str = "GB") -> None:
        self.assistant = assistant
        self.country = country
        self.conversation = f"test-{next(NUMBERS)}"
        self.context: dict[str, Any] = {}

    def _turn(self, **request: Any) -> Turn:
        from harbour.assistant.turns import Request

        wanted = {"country": self.country, "context": self.context, **request}
        with warnings.catch_warnings():
            # Rasa warns that a button's /faq/... is no intent of its own; our classifier reads it after Rasa did
            warnings.filterwarnings("ignore", message="Failed to parse arguments in line '/[a-z_]+/")
            turn = asyncio.run(self.assistant.turn(Request(self.conversation, **wanted)))
        said = [reply.response for reply in turn.replies]
        assert len(set(said)) == len(said), f"said twice in one turn: {said}"
        self.context, self.country = turn.context, turn.country  # as the gateway keeps them
        return turn

    def says(self, text: str, **request: Any) -> Turn:
        """What comes of typing `text`."""
        return self._turn(text=text, **request)

    def presses(self, payload: str, **request: Any) -> Turn:
        """What comes of pressing the button with this payload."""
        return self._turn(button=payload, **request)

    def forgotten(self) -> None:
        """The assistant loses its memory of the conversation; the gateway's context stays."""
        asyncio.run(self.assistant.forget(self.conversation))

    def tracker(self) -> Any:
        """Rasa's record of the conversation."""
        return asyncio.run(self.assistant.agent.tracker_store.retrieve(self.conversation))


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    """The whole assistant in this process; trained first if what it is made from has changed."""
    from harbour.assistant.launcher import configure_logging
    from harbour.assistant.local import load_assistant
    from harbour.assistant.training import train

    configure_logging()
    train()
    return load_assistant()


@pytest.fixture
def visitor(assistant: Assistant) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, each in a new conversation that is forgotten after the test."""
    came: list[Visitor] = []

    def come(country: str = "GB", to: Assistant | None = None) -> Visitor:
        came.append(Visitor(to or assistant, country))
        return came[-1]

    yield come
    for one in came:
        one.forgotten()
