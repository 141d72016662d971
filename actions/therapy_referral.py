"""Adds the way to therapy and treatment, the free public route first, then a question if one is open."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import answered_leaf
from harbour.guide.referral import BUTTONS, referral
from harbour.guide.topics import load_guide


class ActionTherapyReferral(Action):
    """Whenever it is asked for; otherwise once in ten turns, and not at all once it was declined."""

    def name(self) -> str:
        return "action_therapy_referral"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        message = tracker.latest_message
        told = {e["entity"]: e["value"] for e in message.get("entities") or [] if e["entity"] in ("helping", "country")}
        signals = message.get("signals") or {}
        due = referral(load_guide(), answered_leaf(message), signals, tracker.events, tracker.slots, told)
        for response in due.responses:
            dispatcher.utter_message(response=response)
        if due.question:
            dispatcher.utter_message(response=due.question, buttons=list(BUTTONS[due.question]))
        return [SlotSet("referral", due.state)] if due.state != tracker.slots.get("referral") else []
