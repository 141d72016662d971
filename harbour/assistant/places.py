"""Where somebody says they are, as a graph component: sets the country whose numbers are shown.

Pure reading in `harbour.contacts.places`; here it meets Rasa. It runs after the safety screen and leaves
its verdict as it is: a message with danger in it is answered as danger, with the numbers of the place it
names. Only a message that says nothing but a place is answered as such.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from harbour import settings
from harbour.contacts.places import Place, country_after, place_named
from harbour.safety.signs import SAFETY_IDS

INTENT = "country"
SETTLED, URGENT, UNSURE = "settled", "urgent", "unsure"  # values of the slot `place`


def _slot(tracker: Optional[DialogueStateTracker], name: str) -> Any:
    return tracker.get_slot(name) if tracker and name in tracker.slots else None


def _alarmed(parsed: Dict[str, Any]) -> bool:
    """Whether a message raised an alarm, or is the button of a danger."""
    pressed = (parsed.get("intent") or {}).get("name") in SAFETY_IDS
    return pressed or any(risk["level"] == "alarm" for risk in parsed.get("risk") or [])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PlaceExtractor(GraphComponent):
    """Adds the entity `country`, and for a message that is nothing but a place, intent and `place`."""

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
    ) -> PlaceExtractor:
        return cls()

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Read the messages. Runs after the safety screen."""
        for message in messages:
            place = place_named(message.get(TEXT) or "")
            if place:
                self._settle(message, place, tracker)
        return messages

    def _settle(self, message: Message, place: Place, tracker: Optional[DialogueStateTracker]) -> None:
        crisis = _slot(tracker, "crisis")
        alarm = _alarmed(message.data)
        before = tracker.latest_message.parse_data if tracker and tracker.latest_message else {}
        urgent = bool(crisis or alarm or _alarmed(before))
        code = country_after(place, _slot(tracker, "country") or "", settings.load().country, urgent)
        if code:
            self._add(message, "country", code, place)
        # In a crisis the alarm is that of before, not of a message that only names a place.
        if not place.alone or (alarm and not crisis) or not (code or place.among):
            return
        self._add(message, "place", UNSURE if not code else URGENT if urgent else SETTLED, place)
        message.set("intent", {"name": INTENT, "confidence": 1.0}, add_to_output=True)
        if not crisis:
            message.set("topics", [], add_to_output=True)  # no topic of the guide was asked about

    @staticmethod
    def _add(message: Message, entity: str, value: str, place: Place) -> None:
        start = (message.get(TEXT) or "").lower().find(place.words)
        found = {
            "entity": entity,
            "value": value,
            "start": max(start, 0),
            "end": max(start, 0) + len(place.words),
            "extractor": "PlaceExtractor",
        }
        message.set("entities", [*(message.get("entities") or []), found], add_to_output=True)
