"""The safety screen as a graph component: it has the last word on every message.

Pure logic in `harbour.safety`; here it meets Rasa. An alarm, and whatever a crisis says after it, becomes
the intent, whatever the classifier or the fallback said; a check leaves the answer as it is and is shown
beside it. The state of the crisis goes into slots by way of entities, so that rules can choose the reply.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from harbour.assistant.component import MessageReader, said_last
from harbour.assistant.topics import pressed
from harbour.guide.referral import OFFERS
from harbour.safety.crisis import Heard, Move, State, asks, decide, press, whom
from harbour.safety.followups import load_followups
from harbour.safety.reading import Reading, load_reader
from harbour.safety.signals import load_signals
from harbour.safety.signs import ALARM, CHECK
from harbour.safety.steps import NONE, payloads
from harbour.safety.verdict import Risk, verdict
from harbour.safety.whom import BODILY, about_whom
from harbour.text.clean import clean


def asked_about(tracker: Optional[DialogueStateTracker]) -> str:
    """The danger that our last words asked about ("are you thinking about ending your life?"), or ""."""
    for event in reversed(list(tracker.events) if tracker else []):
        if isinstance(event, UserUttered):
            return ""
        name = (event.metadata or {}).get("utter_action") if isinstance(event, BotUttered) else None
        if name in ("utter_check_danger", "utter_check_suicide"):
            return str(event.metadata["suspected"])
        if name in ("utter_suicide_risk", "utter_suicide_risk_again"):
            return "suicide_risk"
    return ""


def _raised(risks: List[Risk]) -> List[str]:
    """Ids of the alarms, most pressing first."""
    return [risk.id for risk in risks if risk.level == ALARM]


def _heard(message: Message, text: str, risks: List[Risk], reading: Reading, state: State, asked: bool) -> Heard:
    """The message as the crisis sees it."""
    best = next(iter(message.get("topic_ranking") or []), {"name": "", "confidence": 0.0})
    said = (message.get("intent") or {}).get("name") or ""
    return Heard(
        topic=best["name"] if said == best["name"].split("/")[0] else said,
        sure=best["confidence"],
        alarms=tuple(_raised(risks)),
        checks=tuple(risk.id for risk in risks if risk.level != ALARM),
        signs=tuple((e.sign.id, e.start) for e in reading.evidence if e.level == ALARM),
        followups=load_followups().find(text, state.crisis) if state.crisis and text else (),
        asked=asked,
        asks=not text or asks(text),  # a button is as clear as can be
    )


def _about(state: State, move: Move, risks: List[Risk], reading: Reading, before: Optional[str], text: str) -> str:
    """About whom the conversation is from now on; `before`: until now, None where that does not count."""
    if move.followup and move.followup.about:
        return move.followup.about
    risk = next((risk for risk in risks if risk.level == ALARM), None)
    if risk is None:
        return before or about_whom(text)
    own = any(
        e.level == ALARM and e.sign.id == risk.id and (e.sign.about or about_whom(text, BODILY[0])) == "self"
        for e in reading.evidence
    )
    return whom(state, before or "", risk.about, own)


def _after(risks: List[Risk], move: Move, about: str, reading: Reading) -> List[Risk]:
    """The verdict's risks as the crisis leaves them: raised while it is on; once the visitor took it back or help
    is there, a doubt and no alarm, also where the experts alone heard another danger in "they're here now"."""
    found = [replace(risk, about=about) if risk.id == move.danger else risk for risk in risks]
    if move.over:
        return [
            replace(risk, level=CHECK) if risk.id == move.danger or reading.level(risk.id) != ALARM else risk
            for risk in found
        ]
    if not move.raised:
        return found
    words = next((r.words for r in found if r.id == move.danger), move.followup.words if move.followup else "")
    return [Risk(move.danger, about, "now", ALARM, words), *(r for r in found if r.id != move.danger)]


def _entities(slots: Dict[str, str], tracker: Optional[DialogueStateTracker], end: int) -> List[Dict[str, Any]]:
    """The slots that this message changes, as the entities that fill them; `about` always."""
    before = {name: (tracker.get_slot(name) if tracker else None) or NONE for name in slots}
    return [
        {"entity": name, "value": value, "start": 0, "end": end, "extractor": "SafetyScreen"}
        for name, value in slots.items()
        if name == "about" or value != before[name]
    ]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyScreen(MessageReader):
    """Sets `risk`, `signals`, `topics` and the entities `about`, `crisis`, `told` and `step`."""

    def read(self, message: Message, tracker: Optional[DialogueStateTracker]) -> None:
        """Screen a message. Runs behind classifier and fallback."""
        button = pressed(message.get(TEXT) or "")
        text = "" if button else clean(message.get(TEXT) or "")
        probabilities: dict[str, float] = {**(message.get("probabilities") or {}), **(message.get("dangers") or {})}
        said = (message.get("intent") or {}).get("name")
        before = tracker.get_slot("about") if tracker else None
        state = State.read(tracker.get_slot("crisis"), tracker.get_slot("told")) if tracker else State()
        asked = asked_about(tracker)
        if asked and said == "affirm":
            probabilities[asked] = 1.0  # "yes" to our question is the alarm itself
        reading = load_reader().read(text)
        if f"/{button}" in payloads():
            risks: List[Risk] = []
            bare = True
            move = press(state, *button.split("/"))
        else:
            # a button, or a bare yes or no, is about whoever the conversation is about
            bare = bool(button) or said in ("affirm", "deny")
            risks = verdict(reading, probabilities, before if bare else None, message.get("other"))
            another = bool(asked) or not OFFERS.isdisjoint(said_last(tracker))
            move = decide(state, _heard(message, text, risks, reading, state, another))
        about = _about(state, move, risks, reading, before if bare or state.crisis else None, text)
        risks = _after(risks, move, about, reading)
        alarms = _raised(risks)
        if move.danger and not move.beside:
            sure = max((probabilities.get(alarm, 1.0) for alarm in alarms), default=1.0)
            message.set("intent", {"name": move.danger, "confidence": sure}, add_to_output=True)
        message.set("risk", [risk.as_dict() for risk in risks], add_to_output=True)
        message.set("signals", load_signals().found_in(reading.doc), add_to_output=True)
        message.set("topics", self._topics(message, move, alarms), add_to_output=True)
        told = " ".join(move.state.told) or NONE
        slots = {"about": about, "crisis": move.state.crisis or NONE, "told": told, "step": move.step}
        message.set("entities", _entities(slots, tracker, len(text)), add_to_output=True)

    @staticmethod
    def _topics(message: Message, move: Move, alarms: list[str]) -> list[str]:
        """What is answered: the dangers, or the topic; when we ask back, the three likeliest."""
        ranked = [item["name"].split("/")[-1] for item in message.get("topic_ranking") or []]
        if move.danger and not move.beside:
            return list(dict.fromkeys([move.danger, *alarms]))
        asked_back = (message.get("intent") or {}).get("name") == "nlu_fallback"
        return ranked[: 3 if asked_back else 1]
