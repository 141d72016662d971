"""Adds what the guide leaves out or contradicts, marked as not from the guide."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import answered_leaf, due_notes
from harbour.guide.topics import load_guide


class ActionGuideNote(Action):
    """The notes of section A that belong to the answer just given, each once in ten turns."""

    def name(self) -> str:
        return "action_guide_note"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        for response in due_notes(load_guide(), answered_leaf(tracker.latest_message), tracker.events):
            dispatcher.utter_message(response=response)
        return []
