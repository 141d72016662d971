"""Adds the overdose-risk note when the topic or the visitor's words call for it."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import answered_leaf, due_overdose_note, overdose_danger
from harbour.guide.topics import load_guide


class ActionOverdoseRisk(Action):
    """Once in ten turns; a short reminder sooner when the danger rises."""

    def name(self) -> str:
        return "action_overdose_risk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        message = tracker.latest_message
        danger = overdose_danger(load_guide(), answered_leaf(message), message.get("signals") or {})
        response = due_overdose_note(danger, tracker.events)
        if response:
            dispatcher.utter_message(response=response, danger=danger)
        return []
