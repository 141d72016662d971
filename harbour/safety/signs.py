"""Signs of danger: `content/safety/<id>.yml`, one file for each of the seven dangers.

An entry is a phrase (see phrases.py) with

    level     alarm: answered first, if no context lowers it. check: too weak alone, worth a calm question
    about     self or other, where the phrase itself says so; else the message is looked at
    despite   contexts (see context.py) that do not lower this sign
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from harbour.safety.phrases import Phrase, read_entry, read_lists

ALARM, CHECK, QUIET = "alarm", "check", "quiet"
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
KEYS = {"phrase", "together", "why", "examples", "traps", "level", "about", "despite"}


@dataclass(frozen=True)
class Sign:
    """One entry of a danger's file. `where`: file and number, to find it again."""

    id: str
    phrase: Phrase
    level: str
    about: str
    despite: frozenset[str]
    where: str


def read_signs(folder: Path) -> list[Sign]:
    """The signs of all dangers. Raises ValueError naming file and entry, what is wrong and what to write."""
    lists = read_lists(folder)
    signs = []
    for id in SAFETY_IDS:
        name = f"{id}.yml"
        for number, entry in enumerate(yaml.safe_load((folder / name).read_text(encoding="utf-8")) or [], 1):
            where = f"{name}: entry {number}"
            if unknown := set(entry) - KEYS:
                raise ValueError(f"{where}: unknown key {sorted(unknown)[0]!r}: use {', '.join(sorted(KEYS))}")
            level, about = entry.get("level", ALARM), entry.get("about", "")
            if level not in (ALARM, CHECK):
                raise ValueError(f"{where}: level {level!r}: write {ALARM} or {CHECK}")
            if about not in ("", "self", "other"):
                raise ValueError(f"{where}: about {about!r}: write self or other, or leave it out")
            phrase = read_entry(where, entry, lists)
            signs.append(Sign(id, phrase, level, about, frozenset(entry.get("despite", ())), where))
    return signs
