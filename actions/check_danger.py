"""Asks one calm question when a message might mean danger but did not raise an alarm."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import resting

QUESTION = "utter_check_danger"
QUESTIONS = {"suicide_risk": "utter_check_suicide"}  # asked about directly: asking does not put the idea there


class ActionCheckDanger(Action):
    """Once in ten turns; "yes" is the most pressing danger that was suspected.

    Not asked about the danger that the conversation is about already: its card was given.
    """

    def name(self) -> str:
        return "action_check_danger"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        risks = tracker.latest_message.get("risk") or []
        suspected = [
            risk["id"] for risk in risks if risk["level"] == "check" and risk["id"] != tracker.get_slot("crisis")
        ]
        alarmed = any(risk["level"] == "alarm" for risk in risks)
        asking = bool(suspected) and not alarmed and not resting(tracker.events, {QUESTION, *QUESTIONS.values()})
        if asking:
            dispatcher.utter_message(
                response=QUESTIONS.get(suspected[0], QUESTION),
                suspected=suspected[0],
                buttons=[
                    {"title": "Yes", "payload": f"/{suspected[0]}"},
                    {"title": "No", "payload": "/deny"},
                ],
            )
        if asking == bool(tracker.get_slot("suspected")):
            return []
        return [SlotSet("suspected", asking)]
