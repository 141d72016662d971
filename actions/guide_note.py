"""Adds what the guide leaves out or contradicts, and tells two names apart, marked as not from the guide."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import NOTES_PER_TURN, TWO_NAMES, answered_leaf, due_notes, hushed, two_names_due
from harbour.guide.topics import load_guide


class ActionGuideNote(Action):
    """Naltrexone or naloxone, where they were mixed up; then the answer's notes, each once in ten turns."""

    def name(self) -> str:
        return "action_guide_note"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        message, events = tracker.latest_message, tracker.events
        leaf, mixup = answered_leaf(message), (message.get("mixup") or {}).get("kind", "")
        room = NOTES_PER_TURN
        if two_names_due(leaf, mixup, events):
            dispatcher.utter_message(response=TWO_NAMES, mixup=mixup)
            room -= 1
        signals = {} if hushed(events) else message.get("signals") or {}
        for response in due_notes(load_guide(), leaf, signals, events, room):
            dispatcher.utter_message(response=response)
        return []
