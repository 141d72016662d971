"""What is added after an answer, and when: notes, the overdose-risk note, the question about danger. (The
referral: referral.py.)

Pure decisions over the events of a conversation (dicts, as Rasa's action server receives them), so
that each action stays thin. An addition is made once, then rests for REST turns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from harbour.guide.topics import Guide
from harbour.safety.signals import OVERDOSE_KINDS, OVERDOSE_RISK, Found

REST = 10
NOTES_PER_TURN = 2

GENERAL = "utter_overdose_risk"
TWO_NAMES = "utter_note_two_names"
# A danger whose own card already says what the note of this kind says: another kind goes first.
COVERED = {"relapse_disclosure": "relapse", "intent_to_use": "beating_the_block"}
# A guide note that says what the overdose note of this kind says, and less.
SAID_BY_KIND = {"utter_note_block_not_total": "beating_the_block"}
# Beginnings of the names of responses: after these nothing is added, until one of the others was said.
CARDS = ("utter_emergency_overdose", "utter_suicide_risk")
CALM = (
    "utter_emergency_overdose_denied",
    "utter_suicide_risk_denied",
    "utter_suicide_risk_safe",
    "utter_crisis_denied",
)

QUESTION = "utter_check_danger"
QUESTIONS = {"suicide_risk": "utter_check_suicide"}  # asked about directly: asking does not put the idea there


@dataclass(frozen=True)
class Said:
    """When a response was last given: how many visitor turns ago (0: this turn), and which mix-up it was for."""

    turns_ago: int
    response: str
    mixup: str = ""


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


def _spoken(events: Iterable[dict[str, Any]]) -> Iterable[Said]:
    """What we said, latest first."""
    turns = 0
    for event in reversed(list(events)):
        if event.get("event") == "user":
            turns += 1
        metadata = event.get("metadata") or {}
        if event.get("event") == "bot" and metadata.get("utter_action"):
            yield Said(turns, metadata["utter_action"], metadata.get("mixup") or "")


def last_said(events: Iterable[dict[str, Any]], responses: Collection[str]) -> Said | None:
    """The last time one of the responses was given, or None."""
    return next((said for said in _spoken(events) if said.response in responses), None)


def resting(events: list[dict[str, Any]], responses: Collection[str]) -> bool:
    """Whether one of the responses was given within the last REST turns."""
    said = last_said(events, responses)
    return said is not None and said.turns_ago <= REST


def hushed(events: list[dict[str, Any]]) -> bool:
    """Whether an emergency or suicide card was given within the last REST turns and not called off since.

    The card names what to do; whoever reads it needs nothing beside it.
    """
    for said in _spoken(events):
        if said.turns_ago > REST or said.response.startswith(CALM):
            return False
        if said.response.startswith(CARDS):
            return True
    return False


def answered_leaf(message: dict[str, Any]) -> str:
    """The leaf that the latest message was answered with: `faq/dose_duration`, `greet`, ..."""
    intent = (message.get("intent") or {}).get("name") or ""
    selected = (message.get("response_selector") or {}).get(intent) or {}
    return (selected.get("response") or {}).get("intent_response_key") or intent


def due_notes(guide: Guide, leaf: str, signals: Found, events: list[dict[str, Any]], room: int) -> list[str]:
    """The responses of the notes that belong to the answer and are not resting, at most `room`."""
    topic = guide.topics.get(leaf)
    names = [f"utter_note_{slug}" for slug in (topic.notes if topic else ())]
    kinds = signals.get(OVERDOSE_RISK, {})
    return [name for name in names if SAID_BY_KIND.get(name) not in kinds and not resting(events, {name})][:room]


def two_names_due(leaf: str, mixup: str, events: list[dict[str, Any]]) -> bool:
    """Whether the note that tells naltrexone and naloxone apart is due for a mix-up of this kind ("": none).

    Once in a conversation; again when the two are mixed up in another way. The answer to "are they the
    same" is that note itself.
    """
    if not mixup or leaf == "beyond/naloxone_vs_naltrexone":
        return False
    said = last_said(events, {TWO_NAMES})
    return said is None or said.mixup != mixup


def _kinds(leaf: str, signals: Found) -> list[str]:
    """The kinds of risk a turn speaks of, most pressing first; what the card said already comes last."""
    found = set(signals.get(OVERDOSE_RISK, {}))
    if leaf == "relapse_disclosure":
        found.add(COVERED[leaf])
    return sorted(found, key=lambda kind: (kind == COVERED.get(leaf), OVERDOSE_KINDS.index(kind)))


def due_overdose_note(guide: Guide, leaf: str, signals: Found, events: list[dict[str, Any]]) -> str | None:
    """The one overdose-risk response that is due, or None.

    By the visitor's words the note of the most pressing kind that is not resting; where only the topic
    or a disclosure calls for it, the general one, unless any was given lately.
    """
    if hushed(events):
        return None
    kinds = _kinds(leaf, signals)
    for kind in kinds:
        if not resting(events, {f"{GENERAL}_{kind}"}):
            return f"{GENERAL}_{kind}"
    topic = guide.topics.get(leaf)
    called = leaf in COVERED or (topic is not None and OVERDOSE_RISK in topic.adds)
    every = {GENERAL, *(f"{GENERAL}_{kind}" for kind in OVERDOSE_KINDS)}
    return GENERAL if called and not kinds and not resting(events, every) else None


def due_question(risks: Iterable[dict[str, Any]], events: list[dict[str, Any]]) -> DangerQuestion | None:
    """The question that is due: a danger is suspected, none raised the alarm, and nothing was asked in REST turns.

    `risks`: a verdict's dicts, most pressing first.
    """
    risks = list(risks)
    suspected = next((risk["id"] for risk in risks if risk["level"] == "check"), None)
    if suspected is None or any(risk["level"] == "alarm" for risk in risks):
        return None
    return None if resting(events, {QUESTION, *QUESTIONS.values()}) else DangerQuestion(suspected)
