"""Where somebody says they are, as a graph component: sets the country whose numbers are shown.

Pure reading in `harbour.contacts.places`; here it meets Rasa. It runs after the safety screen and leaves
its verdict as it is: a message with danger in it is answered as danger, with the numbers of the place it
names. Only a message that says nothing but a place is answered as such.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from harbour import settings
from harbour.assistant.component import MessageReader, crisis_of
from harbour.contacts.countries import NOT_SAID
from harbour.contacts.places import Place, country_after, place_named
from harbour.safety.reading import load_reader
from harbour.safety.signs import ALARM, SAFETY_IDS
from harbour.text.clean import clean

INTENT = "country"
CRISIS = ("crisis", "told", "step")  # what the screen says of a crisis
SETTLED, URGENT, UNSURE = "settled", "urgent", "unsure"  # values of the slot `place`


def _alarmed(parsed: Dict[str, Any]) -> bool:
    """Whether a message raised an alarm, or is the button of a danger."""
    pressed = (parsed.get("intent") or {}).get("name") in SAFETY_IDS
    return pressed or any(risk["level"] == ALARM for risk in parsed.get("risk") or [])


def _only_a_place(place: Place, text: str) -> bool:
    """Whether a message says nothing but a place: no other word, and no sign of danger in it."""
    return place.alone and not any(e.level == ALARM for e in load_reader().read(clean(text)).evidence)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PlaceExtractor(MessageReader):
    """Adds the entity `country`, and for a message that is nothing but a place, intent and `place`."""

    def read(self, message: Message, tracker: Optional[DialogueStateTracker]) -> None:
        """Settle the country by a place that is said. Runs behind the safety screen."""
        place = place_named(message.get(TEXT) or "")
        if place:
            self._settle(message, place, tracker)

    def _settle(self, message: Message, place: Place, tracker: Optional[DialogueStateTracker]) -> None:
        crisis = crisis_of(tracker)
        before = tracker.latest_message.parse_data if tracker and tracker.latest_message else {}
        only = _only_a_place(place, message.get(TEXT))
        urgent = bool(crisis) or _alarmed(before) or (not only and _alarmed(message.data))
        known = (tracker.get_slot("country") if tracker else None) or NOT_SAID
        code = country_after(place, known, settings.load().country, urgent)
        if only and (code or place.among):
            self._answer(message, UNSURE if not code else URGENT if urgent else SETTLED, place, crisis)
        if code:
            self._add(message, "country", code, place)

    def _answer(self, message: Message, how: str, place: Place, crisis: str) -> None:
        """Answer the place alone. No word of it is about danger, so whatever experts or a crisis made of the
        message is taken back: the crisis stays as it was."""
        stays = [e for e in message.get("entities") or [] if e["entity"] not in CRISIS]
        message.set("entities", stays, add_to_output=True)
        message.set("intent", {"name": INTENT, "confidence": 1.0}, add_to_output=True)
        message.set("risk", [r for r in message.get("risk") or [] if r["id"] == crisis], add_to_output=True)
        message.set("topics", [crisis] if crisis else [], add_to_output=True)
        self._add(message, "place", how, place)

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
