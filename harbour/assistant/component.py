"""What our graph components that read a message after the classifiers have in common."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from harbour.safety.crisis import State


def said_last(tracker: Optional[DialogueStateTracker]) -> Set[str]:
    """The responses we gave since the visitor last spoke."""
    said: Set[str] = set()
    for event in reversed(list(tracker.events) if tracker else []):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            said.add((event.metadata or {}).get("utter_action") or "")
    return said


def crisis_of(tracker: Optional[DialogueStateTracker]) -> str:
    """The danger that the conversation is in, or ""."""
    slot = tracker.slots.get("crisis") if tracker else None
    return State.read(slot.value, None).crisis if slot else ""


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
