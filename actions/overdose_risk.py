"""Adds the overdose-risk note that fits what the visitor said, or the topic."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import answered_leaf, due_overdose_note
from harbour.guide.topics import load_guide


class ActionOverdoseRisk(Action):
    """One note a turn, each kind once in ten turns, none after an emergency or suicide card."""

    def name(self) -> str:
        return "action_overdose_risk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        message = tracker.latest_message
        signals = message.get("signals") or {}
        response = due_overdose_note(load_guide(), answered_leaf(message), signals, tracker.events)
        if response:
            dispatcher.utter_message(response=response)
        return []
