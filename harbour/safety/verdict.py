"""From the likelihood of each danger to a verdict: alarm, check or quiet.

First version: the likelihoods come from the topic experts alone, which were trained on thousands of
danger messages and their harmless look-alikes. The thresholds were chosen by cross-validation
(`make experts` prints what they cost and what they catch).
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

# Most pressing first: the order in which dangers are answered.
SAFETY_IDS = (
    "emergency_overdose",
    "suicide_risk",
    "medical_urgent",
    "abuse_violence",
    "intent_to_use",
    "relapse_disclosure",
    "drug_seeking",
)
# From what likelihood of any danger at all we alarm or ask (docs/decisions/0004).
ALARM_TOGETHER, CHECK_TOGETHER = 0.40, 0.15
BODILY = ("emergency_overdose", "medical_urgent")
# What can kill within the hour raises sooner, by itself.
DEADLY = ("emergency_overdose", "suicide_risk")
ALARM_ALONE, CHECK_ALONE = 0.30, 0.08

_OTHER = re.compile(
    r"\b(he|she|him|his|her|hers|they|them|their|hes|shes|theyre|"
    r"my (?:\w+ )?(?:son|daughter|lad|lass|boy|girl|brother|sister|mum|mom|mam|dad|mother|father|husband|wife|"
    r"partner|boyfriend|girlfriend|bf|gf|mate|friend|flatmate|roommate|cousin|uncle|aunt|nephew|niece|"
    r"client|patient|tenant|neighbour|neighbor|grandson|granddaughter|ex)s?|"
    r"someone|somebody|a (?:man|woman|guy|girl|lad|bloke|fella|friend|mate))\b"
)
_SELF = re.compile(r"\b(i|i'm|im|ive|i've|id|i'd|ill|me|myself|my|mine|us|we)\b")


@dataclass(frozen=True)
class Risk:
    """One danger: its id, about whom, when, how sure, and the visitor's words that led to it."""

    id: str
    about: str
    when: str
    level: str
    words: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def about_whom(text: str, danger: str = "") -> str:
    """`other` when the message speaks of somebody else more than of the writer, else `self`.

    "blue lips not waking help" speaks of nobody: whoever lies there does not type.

    "My son" counts for the son, not for the writer. As much of one as of the other: whoever writes "i cant
    wake him" is not the one in bodily danger, but in "he hits me" it is the writer.
    """
    text = text.lower()
    others = _OTHER.findall(text)
    rest = _OTHER.sub(" ", text)
    if not others and not _SELF.search(rest):
        return "other" if danger == "emergency_overdose" else "self"
    more = len(others) - len(_SELF.findall(rest))
    return "other" if others and (more > 0 or (more == 0 and danger in BODILY)) else "self"


def verdict(text: str, likelihood: dict[str, float], about: str | None = None) -> list[Risk]:
    """The dangers in a message, most pressing first; `about` where it is known from before.

    `likelihood`: probability of each safety id, 0 to 1. Dangers resemble each other and share their
    probability, so what counts first is how likely any danger is; the likeliest names it.
    """
    chance = {id: likelihood.get(id, 0.0) for id in SAFETY_IDS}
    together = sum(chance.values())
    likeliest = max(SAFETY_IDS, key=chance.__getitem__)
    alarms = {id for id in SAFETY_IDS if chance[id] >= ALARM_ALONE and (id in DEADLY or together >= ALARM_TOGETHER)}
    checks = {id for id in DEADLY if chance[id] >= CHECK_ALONE}
    if together >= ALARM_TOGETHER:
        alarms.add(likeliest)
    elif together >= CHECK_TOGETHER:
        checks.add(likeliest)
    return [
        Risk(id, about or about_whom(text, id), "now", "alarm" if id in alarms else "check", text)
        for id in SAFETY_IDS
        if id in alarms | checks
    ]
