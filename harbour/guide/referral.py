"""The way to therapy: when it is given, what is asked about it (two questions at most), and when it is left alone.

Help comes first: the free public route and a phone line are given before anything is asked. Pure: the
assistant's `remarks.py` reads each message with `hear`, the action asks `referral` what to say.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from harbour.guide.additions import CARDS, hushed, last_said, resting
from harbour.guide.topics import RETRIEVAL, Guide
from harbour.safety.signals import ASKED, DECLINED, NOT_NOW, REFERRAL, Found
from harbour.safety.whom import about_whom

LEAF = "therapy_referral"
ROUTE, WHOM, COUNTRY = "utter_referral", "utter_referral_whom", "utter_referral_country"
FOR_ME, FOR_SOMEONE = "utter_referral_me", "utter_referral_someone"
OFFERS = frozenset({ROUTE, WHOM, COUNTRY, FOR_ME, FOR_SOMEONE})
# Beginnings of the names of responses that ask about danger: a no after one of them is a no to that.
CHECKS = ("utter_check_", *CARDS)
ME, SOMEONE = "me", "someone"  # values of the slot `helping`
DECLINING, RESTS = "declining", "declined"  # values of the slot `referral`: said no just now; said no before

BUTTONS = {
    WHOM: (
        {"title": "For me", "payload": f'/{LEAF}{{"helping": "{ME}"}}'},
        {"title": "For someone else", "payload": f'/{LEAF}{{"helping": "{SOMEONE}"}}'},
        {"title": "Not now", "payload": f'/deny{{"referral": "{DECLINING}"}}'},
    ),
    COUNTRY: tuple(
        {"title": title, "payload": f'/{LEAF}{{"country": "{code}"}}'}
        for code, title in (
            ("GB", "United Kingdom"),
            ("US", "United States"),
            ("IE", "Ireland"),
            ("CA", "Canada"),
            ("AU", "Australia"),
            ("ZZ", "Somewhere else"),
        )
    ),
}
ABOUT_THERAPY = ("faq/therapy_need", "faq/therapy_types")
PAYLOADS = frozenset(button["payload"] for buttons in BUTTONS.values() for button in buttons)

_QUESTION = re.compile(r"\?|\b(what|why|how|when|where|which|who|does|do i|is it|can i|should i|will it)\b")
_FIRST_PERSON = re.compile(
    r"\b(me|my|myself|mine|i (?:need|want|am|have|was|use|used|relapsed|struggle|feel)|im|ive|i'm|i've)\b"
)
_SOUGHT_FOR = re.compile(
    r"\b(?:for|help|get|support) (?:(?:my|a|an|our|the) (?:\w+ )?\w+|him|her|them|some(?:one|body))\b"
)
_LEAD = r"(?:(?:it'?s|its|it is|this is|thats|that's|asking|i'm asking|im asking|help|just) )*(?:for |about )?"
_TAIL = r"(?: (?:please|pls|thanks|thank you|actually|really|i guess|i think))*[.!]*"
_ANSWERED_ME = re.compile(rf"{_LEAD}(?:me|myself|my ?self|just me|only me|i am|i'm the one|im the one|mine){_TAIL}")
_ANSWERED_SOMEONE = re.compile(
    rf"{_LEAD}(?:(?:some ?(?:one|body) else|some ?(?:one|body)|not me|both|both of us|him|her|them|"
    rf"(?:my|a|our|the) (?:[\w']+ ){{0,2}}[\w']+)){_TAIL}"
)


@dataclass(frozen=True)
class Heard:
    """What a message says about the referral. `intent`: the topic to answer instead of the one found, or "";
    `slots`: slots to set."""

    intent: str = ""
    slots: dict[str, str] = field(default_factory=dict)


def answered_whom(text: str) -> str:
    """What a message that is nothing but an answer to "who is it for?" says: ME, SOMEONE or ""."""
    text = text.lower().strip()
    if _ANSWERED_ME.fullmatch(text):
        return ME
    if not _ANSWERED_SOMEONE.fullmatch(text):
        return ""
    named = about_whom(text) == "other" or re.search(r"\b(else|some ?one|some ?body|not me|both)\b", text)
    return SOMEONE if named else ""


def _declines(text: str, leaf: str, about: str, signals: Found, said: Collection[str]) -> bool:
    """Whether the visitor says no to therapy: in words, or to what we offered just before."""
    kinds = signals.get(REFERRAL, {})
    offered = not OFFERS.isdisjoint(said)
    if about == "other" and not offered:
        return False  # "my son does not want therapy" asks for something else
    if DECLINED in kinds:
        return about != "other"
    if not offered or any(name.startswith(CHECKS) for name in said):
        return False
    return leaf == "deny" or (NOT_NOW in kinds and not _QUESTION.search(text))


def _asks_too(text: str, leaf: str, signals: Found) -> bool:
    """Whether a message that declines also asks a question of the guide, which is then answered."""
    if leaf.split("/")[0] not in RETRIEVAL:
        return False
    if leaf not in ABOUT_THERAPY:
        return True
    # "i dont want therapy" looks like a question about therapy; "meds only, no therapy, would that do" is one
    said = max((len(words.split()) for words in signals.get(REFERRAL, {}).get(DECLINED, [])), default=0)
    return bool(_QUESTION.search(text)) or said < 0.6 * len(text.split())


def hear(text: str, leaf: str, about: str, signals: Found, said: Collection[str]) -> Heard:
    """What a message without an alarm says about the referral.

    `leaf`: the topic found; `about`: self or other; `said`: the responses of our last turn.
    """
    text = text.lower()
    if _declines(text, leaf, about, signals, said):
        return Heard("" if _asks_too(text, leaf, signals) else "deny", {"referral": DECLINING})
    if WHOM in said and (whom := answered_whom(text)):
        return Heard(LEAF, {"helping": whom})
    if leaf in (LEAF, "concerned_other") or ASKED in signals.get(REFERRAL, {}):
        named = _SOUGHT_FOR.search(text)  # "where can i find one for my son" is as much of the writer as of the son
        if about == "other" or (named and about_whom(named[0]) == "other"):
            return Heard(slots={"helping": SOMEONE})
        if _FIRST_PERSON.search(text):
            return Heard(slots={"helping": ME})
    return Heard()


@dataclass(frozen=True)
class Referral:
    """What the action says, in order. `question`: the last of them asks, with BUTTONS. `state`: the slot
    `referral` afterwards."""

    responses: tuple[str, ...]
    question: str
    state: str | None


def _question(helping: str | None, country: str | None, events: list[dict[str, Any]]) -> str:
    """The question that is still open and was not asked lately, or ""."""
    open_ = ((WHOM, not helping), (COUNTRY, not country))
    return next((name for name, unknown in open_ if unknown and not resting(events, {name})), "")


def _refined(answer: dict[str, str], helping: str | None) -> tuple[str, ...]:
    """What an answer to our question brings."""
    if "country" in answer:
        return (ROUTE,)
    return (FOR_SOMEONE,) if helping == SOMEONE else (FOR_ME,)


def referral(
    guide: Guide, leaf: str, signals: Found, events: list[dict[str, Any]], slots: dict[str, Any], answer: dict[str, str]
) -> Referral:
    """What is said about the referral in this turn.

    `slots`: the conversation's; `answer`: what this very message told of `helping` or `country`.
    """
    state, helping, country = slots.get("referral"), slots.get("helping"), slots.get("country")
    if state == DECLINING:
        return Referral((), "", RESTS)
    topic = guide.topics.get(leaf)
    asked_before = last_said(events, {WHOM, COUNTRY})
    answering = leaf == LEAF and bool(answer) and asked_before is not None and asked_before.turns_ago == 1
    in_words = leaf == LEAF or (leaf != "deny" and set(signals.get(REFERRAL, {})) == {ASKED})
    by_topic = topic is not None and REFERRAL in topic.adds and state != RESTS
    if answering:
        said = _refined(answer, helping)
    elif leaf == LEAF or ((in_words or by_topic) and not hushed(events) and not resting(events, {ROUTE})):
        tip = helping == SOMEONE and in_words and not resting(events, {FOR_SOMEONE})
        said = (ROUTE, FOR_SOMEONE) if tip else (ROUTE,)
    else:
        return Referral((), "", state)
    ask = in_words and not hushed(events)
    return Referral(said, _question(helping, country, events) if ask else "", None if in_words else state)
