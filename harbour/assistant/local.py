"""The whole assistant in one process: trained model, memory and actions, no server.

For `harbour answer`, `harbour chat`, evaluation and tests. The actions are the same code that the
action server runs; only the wire between is missing.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from harbour import settings
from harbour.assistant.memory import BoundedTrackerStore
from harbour.assistant.training import latest_model
from harbour.assistant.turns import Assistant
from harbour.assistant.validation import compile_action_schema


class LocalActions(EndpointConfig):
    """An action endpoint that runs the actions here instead of asking a server."""

    def __init__(self) -> None:
        super().__init__(url="local", enable_selective_domain=True)
        self.executor = ActionExecutor()
        self.executor.register_package("actions")

    async def request(self, method: str = "post", subpath: str | None = None, **kwargs: Any) -> Any:
        """Rasa's call to an action server: `json` in kwargs names the action and carries the tracker."""
        result = await self.executor.run(copy.deepcopy(kwargs["json"]))
        return result if isinstance(result, dict) else result.model_dump()


def load_assistant(model: Path | None = None, actions: EndpointConfig | None = None) -> Assistant:
    """The assistant from the newest trained model, or from `model`.

    Raises TurnError when there is no model that loads.
    """
    compile_action_schema()
    endpoints = AvailableEndpoints.read_endpoints(str(settings.ROOT / "endpoints.yml"))
    store = BoundedTrackerStore(Domain.empty())  # Rasa gives it the domain when the model is loaded
    agent = Agent(generator=endpoints.nlg, tracker_store=store, action_endpoint=actions or LocalActions())
    agent.load_model(str(model or latest_model()))
    return Assistant(agent)
