"""What our graph components that read a message after the classifiers have in common."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message


class MessageReader(GraphComponent):
    """A component without settings and nothing to learn; it reads each message in the conversation it came in."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageReader:
        return cls()

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Read the messages. The names of the parameters are those that Rasa looks for."""
        for message in messages:
            self.read(message, tracker)
        return messages

    def read(self, message: Message, tracker: Optional[DialogueStateTracker]) -> None:
        """Add what the component finds to a message."""
        raise NotImplementedError
