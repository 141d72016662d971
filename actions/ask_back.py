"""Asks back when the assistant is not sure: the likeliest questions as buttons, then a person."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from harbour.guide.additions import last_said
from harbour.guide.topics import RETRIEVAL, Guide, load_guide

OFFERED = 3


def likely_questions(guide: Guide, ranking: List[Dict[str, Any]]) -> List[Dict[str, str]]:
    """Buttons for the likeliest topics that are questions, best first, at most OFFERED."""
    leaves = [item["name"] for item in ranking if item["name"].split("/")[0] in RETRIEVAL]
    return [{"title": guide.title(leaf), "payload": f"/{leaf}"} for leaf in leaves[:OFFERED]]


class ActionAskBack(Action):
    """First time: three questions to choose from. Again within two turns: a person and the phone line."""

    def name(self) -> str:
        return "action_ask_back"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Dict[str, Any]]:
        before = last_said(tracker.events, {"utter_ask_back", "utter_ask_back_again"})
        buttons = likely_questions(load_guide(), tracker.latest_message.get("topic_ranking") or [])
        if not buttons or (before is not None and before.turns_ago <= 1):
            dispatcher.utter_message(response="utter_ask_back_again")
        else:
            dispatcher.utter_message(response="utter_ask_back", buttons=buttons)
        return []
