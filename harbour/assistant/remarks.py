"""What a message says beside its topic, as a graph component after the safety screen.

A medicine's name that could be the other one, a no to therapy, for whom help is sought. Pure logic in
`harbour.safety.names` and `harbour.guide.referral`; here it becomes slots, through entities, so that the
replies that depend on it need no action server. An alarm of the screen is never changed, and where it
is in doubt about somebody's life no message is turned into a no.
"""

from __future__ import annotations

from typing import Any, Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from harbour.assistant.component import MessageReader, crisis_of, said_last
from harbour.guide.additions import answered_leaf
from harbour.guide.referral import Heard, hear
from harbour.safety.names import mixed_up
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.verdict import DEADLY
from harbour.text.clean import clean

EMERGENCY = "emergency_overdose"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Remarks(MessageReader):
    """Sets `mixup`, the entities `wrong_medicine`, `referral` and `helping`, and the intent of a no or an answer."""

    def read(self, message: Message, tracker: Optional[DialogueStateTracker]) -> None:
        """Names first, then the referral. Runs behind the safety screen."""
        self._names(message, tracker)
        self._referral(message, tracker)

    def _names(self, message: Message, tracker: Optional[DialogueStateTracker]) -> None:
        emergency = EMERGENCY in (*self._alarms(message), crisis_of(tracker))
        mixup = mixed_up(message.get(TEXT) or "", emergency)
        message.set("mixup", {"kind": mixup.kind, "words": mixup.words} if mixup else None, add_to_output=True)
        wrong = bool(mixup and mixup.wrong_medicine)
        if wrong or (tracker and tracker.get_slot("wrong_medicine")):
            self._tell(message, "wrong_medicine", wrong)

    def _referral(self, message: Message, tracker: Optional[DialogueStateTracker]) -> None:
        risk = message.get("risk") or []
        if self._alarms(message) or (message.get("intent") or {}).get("name") in SAFETY_IDS:
            return
        if crisis_of(tracker) in DEADLY:
            return
        parsed = {key: message.get(key) for key in ("intent", "response_selector")}
        about = next((e["value"] for e in message.get("entities") or [] if e["entity"] == "about"), "self")
        text, signals = clean(message.get(TEXT) or ""), message.get("signals") or {}
        heard: Heard = hear(text, answered_leaf(parsed), about, signals, said_last(tracker))
        for slot, value in heard.slots.items():
            self._tell(message, slot, value)
        doubtful = any(item["id"] in DEADLY for item in risk)  # then a no may be more than a no to therapy
        if heard.intent and not (doubtful and heard.intent == "deny"):
            message.set("intent", {"name": heard.intent, "confidence": 1.0}, add_to_output=True)
            message.set("topics", [heard.intent], add_to_output=True)

    @staticmethod
    def _alarms(message: Message) -> list[str]:
        return [risk["id"] for risk in message.get("risk") or [] if risk["level"] == "alarm"]

    @staticmethod
    def _tell(message: Message, slot: str, value: Any) -> None:
        """Add an entity that sets the slot of the same name."""
        entity = {"entity": slot, "value": value, "start": 0, "end": 0, "extractor": "Remarks"}
        message.set("entities", [*(message.get("entities") or []), entity], add_to_output=True)
