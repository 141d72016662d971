"""The safety screen as a graph component: it has the last word on every message.

Pure logic in `harbour.safety`; here it meets Rasa. An alarm becomes the intent, whatever the
classifier or the fallback said; a check leaves the answer as it is and is shown beside it.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from harbour.safety.reading import load_reader
from harbour.safety.signals import load_signals
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.verdict import verdict
from harbour.safety.whom import about_whom
from harbour.text.clean import clean


def asked_about(tracker: Optional[DialogueStateTracker]) -> str:
    """The danger that our last words asked about ("are you thinking about ending your life?"), or ""."""
    for event in reversed(list(tracker.events) if tracker else []):
        if isinstance(event, UserUttered):
            return ""
        name = (event.metadata or {}).get("utter_action") if isinstance(event, BotUttered) else None
        if name in ("utter_check_danger", "utter_check_suicide"):
            return str(event.metadata["suspected"])
        if name in ("utter_suicide_risk", "utter_suicide_risk_again"):
            return "suicide_risk"
    return ""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyScreen(GraphComponent):
    """Sets `risk`, `check`, `signals`, `topics` and the entity `about`."""

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
    ) -> SafetyScreen:
        return cls()

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Screen the messages. Runs last, after classifier and fallback."""
        for message in messages:
            self._screen(message, tracker)
        return messages

    def _screen(self, message: Message, tracker: Optional[DialogueStateTracker]) -> None:
        text = clean(message.get(TEXT) or "")
        probabilities: dict[str, float] = dict(message.get("probabilities") or {})
        said = (message.get("intent") or {}).get("name")
        asked = asked_about(tracker)
        if asked and said == "affirm":
            probabilities[asked] = 1.0  # "yes" to our question is the alarm itself
        # a bare yes or no is about whoever the conversation is about
        before = tracker.get_slot("about") if tracker and said in ("affirm", "deny") else None
        reading = load_reader().read(text)
        risks = verdict(reading, probabilities, before)
        alarms = [risk.id for risk in risks if risk.level == "alarm"]
        if alarms:
            message.set(
                "intent", {"name": alarms[0], "confidence": max(probabilities.get(a, 1.0) for a in alarms)}, add_to_output=True
            )
        message.set("risk", [risk.as_dict() for risk in risks], add_to_output=True)
        message.set("signals", load_signals().found_in(reading.doc), add_to_output=True)
        message.set("topics", self._topics(message, alarms), add_to_output=True)
        whom = next((risk.about for risk in risks if risk.level == "alarm"), before or about_whom(text))
        about = {"entity": "about", "value": whom, "start": 0, "end": len(text), "extractor": "SafetyScreen"}
        message.set("entities", [about], add_to_output=True)  # sets the slot that picks a reply's wording

    @staticmethod
    def _topics(message: Message, alarms: list[str]) -> list[str]:
        """What is answered: the dangers, or the topic; when we ask back, the three likeliest."""
        ranked = [item["name"].split("/")[-1] for item in message.get("topic_ranking") or []]
        if alarms:
            return alarms
        asked_back = (message.get("intent") or {}).get("name") == "nlu_fallback"
        return ranked[: 3 if asked_back else 1]
