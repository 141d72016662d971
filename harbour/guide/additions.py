"""What is added after an answer, and when: notes, the overdose-risk note, the referral, the question about danger.

Pure decisions over the events of a conversation (dicts, as Rasa's action server receives them), so
that each action stays thin. An addition is made once, then rests for REST turns unless the visitor
asks for it or the danger rises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harbour.guide.topics import Guide

REST = 10
NOTES_PER_TURN = 2

# How much danger a turn speaks of, for the overdose-risk note.
NO_DANGER, BY_TOPIC, BY_WORDS, BY_DISCLOSURE = 0, 1, 2, 3
DISCLOSURES = frozenset({"relapse_disclosure", "intent_to_use"})

QUESTION = "utter_check_danger"
QUESTIONS = {"suicide_risk": "utter_check_suicide"}  # asked about directly: asking does not put the idea there


@dataclass(frozen=True)
class Said:
    """When a response was last given: how many visitor turns ago (0: this turn) and at what danger."""

    turns_ago: int
    danger: int


@dataclass(frozen=True)
class DangerQuestion:
    """The calm question about a danger that is suspected, and its buttons as (title, payload): "yes" is the alarm."""

    suspected: str

    @property
    def response(self) -> str:
        return QUESTIONS.get(self.suspected, QUESTION)

    @property
    def buttons(self) -> tuple[tuple[str, str], ...]:
        return (("Yes", f"/{self.suspected}"), ("No", "/deny"))


def last_said(events: Iterable[dict[str, Any]], responses: set[str]) -> Said | None:
    """The last time one of the responses was given, or None."""
    turns = 0
    for event in reversed(list(events)):
        if event.get("event") == "user":
            turns += 1
        metadata = event.get("metadata") or {}
        if event.get("event") == "bot" and metadata.get("utter_action") in responses:
            return Said(turns_ago=turns, danger=int(metadata.get("danger") or 0))
    return None


def resting(events: list[dict[str, Any]], responses: set[str]) -> bool:
    """Whether one of the responses was given within the last REST turns."""
    said = last_said(events, responses)
    return said is not None and said.turns_ago <= REST


def answered_leaf(message: dict[str, Any]) -> str:
    """The leaf that the latest message was answered with: `faq/dose_duration`, `greet`, ..."""
    intent = (message.get("intent") or {}).get("name") or ""
    selected = (message.get("response_selector") or {}).get(intent) or {}
    return (selected.get("response") or {}).get("intent_response_key") or intent


def due_notes(guide: Guide, leaf: str, events: list[dict[str, Any]]) -> list[str]:
    """The responses of the notes that belong to the answer and are not resting, at most NOTES_PER_TURN."""
    topic = guide.topics.get(leaf)
    names = [f"utter_note_{slug}" for slug in (topic.notes if topic else ())]
    return [name for name in names if not resting(events, {name})][:NOTES_PER_TURN]


def overdose_danger(guide: Guide, leaf: str, signals: dict[str, list[str]]) -> int:
    """How much danger of overdose the turn speaks of: by disclosure, words, topic, or none."""
    if leaf in DISCLOSURES:
        return BY_DISCLOSURE
    if "overdose_risk" in signals:
        return BY_WORDS
    topic = guide.topics.get(leaf)
    return BY_TOPIC if topic and "overdose_risk" in topic.adds else NO_DANGER


def due_overdose_note(danger: int, events: list[dict[str, Any]]) -> str | None:
    """Which overdose-risk response is due: the note, the short reminder when danger rose, or None."""
    if danger == NO_DANGER:
        return None
    said = last_said(events, {"utter_overdose_risk", "utter_overdose_risk_again"})
    if said is None or said.turns_ago > REST:
        return "utter_overdose_risk"
    return "utter_overdose_risk_again" if danger > said.danger else None


def referral_due(guide: Guide, leaf: str, signals: dict[str, list[str]], events: list[dict[str, Any]]) -> bool:
    """Whether the therapy referral is due: always when asked for, else by topic or words once in REST turns."""
    if leaf == "therapy_referral":
        return True
    topic = guide.topics.get(leaf)
    wanted = "therapy_referral" in signals or (topic is not None and "therapy_referral" in topic.adds)
    return wanted and not resting(events, {"utter_referral"})


def due_question(risks: Iterable[dict[str, Any]], events: list[dict[str, Any]]) -> DangerQuestion | None:
    """The question that is due: a danger is suspected, none raised the alarm, and nothing was asked in REST turns.

    `risks`: a verdict's dicts, most pressing first.
    """
    risks = list(risks)
    suspected = next((risk["id"] for risk in risks if risk["level"] == "check"), None)
    if suspected is None or any(risk["level"] == "alarm" for risk in risks):
        return None
    return None if resting(events, {QUESTION, *QUESTIONS.values()}) else DangerQuestion(suspected)
