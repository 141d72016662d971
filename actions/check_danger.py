"""Asks one calm question when a message might mean danger but did not raise an alarm."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import due_question


class ActionCheckDanger(Action):
    """Once in ten turns; "yes" is the most pressing danger that was suspected.

    Not asked about the danger that the conversation is about already: its card was given.
    """

    def name(self) -> str:
        return "action_check_danger"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        crisis = tracker.get_slot("crisis")  # what the conversation is about already is not asked about
        risks = [r for r in tracker.latest_message.get("risk") or [] if r["level"] != "check" or r["id"] != crisis]
        question = due_question(risks, tracker.events)
        if question:
            dispatcher.utter_message(
                response=question.response,
                suspected=question.suspected,
                buttons=[{"title": title, "payload": payload} for title, payload in question.buttons],
            )
        if bool(question) == bool(tracker.get_slot("suspected")):
            return []
        return [SlotSet("suspected", bool(question))]
