"""Adds the way to therapy and treatment, the free public route first."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import answered_leaf, referral_due
from harbour.guide.topics import load_guide


class ActionTherapyReferral(Action):
    """Whenever it is asked for; otherwise once in ten turns, by topic or by the visitor's words."""

    def name(self) -> str:
        return "action_therapy_referral"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        message = tracker.latest_message
        if referral_due(load_guide(), answered_leaf(message), message.get("signals") or {}, tracker.events):
            dispatcher.utter_message(response="utter_referral")
        return []
