"""What people ask and tell after an alarm: `content/safety/followups.yml`.

An entry is a phrase (see phrases.py) with

    step      what it asks for, one of steps.py
    dangers   in which crises it is looked for
    about     self or other, where the phrase itself says so

Entries stand in order of weight: of several found in a message the first counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from spacy.tokens import Doc

from harbour import settings
from harbour.safety.phrases import Phrase, PhraseFinder, read_entry, read_lists, words_of
from harbour.safety.reading import load_reader
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.steps import ANOTHER, SAME, SHARED, STEPS, TAKEN
from harbour.text.spelling import Spelling
from harbour.text.words import read

FILE = "followups.yml"
KEYS = {"phrase", "together", "why", "examples", "traps", "step", "dangers", "about"}


@dataclass(frozen=True)
class Entry:
    """One entry of the file."""

    step: str
    dangers: tuple[str, ...]
    about: str
    phrase: Phrase


@dataclass(frozen=True)
class Followup:
    """A step that a message asks for: the words, the tokens [start, end) and about whom, where they say so."""

    step: str
    words: str = ""
    start: int = 0
    end: int = 0
    about: str = ""


def _entry(where: str, data: dict, lists: dict[str, str]) -> Entry:
    if unknown := set(data) - KEYS:
        raise ValueError(f"{where}: unknown key {sorted(unknown)[0]!r}: use {', '.join(sorted(KEYS))}")
    step, dangers, about = data.get("step"), tuple(data.get("dangers") or ()), data.get("about", "")
    if not dangers or set(dangers) - set(SAFETY_IDS):
        raise ValueError(f"{where}: dangers {list(dangers)}: write some of {', '.join(SAFETY_IDS)}")
    for danger in dangers:
        if SAME.get(step, step) not in {**STEPS[danger], **SHARED, TAKEN: 1, ANOTHER: 1}:
            raise ValueError(f"{where}: step {step!r} is none of {danger}: see harbour/safety/steps.py")
    if about not in ("", "self", "other"):
        raise ValueError(f"{where}: about {about!r}: write self or other, or leave it out")
    return Entry(step, dangers, about, read_entry(where, data, lists))


def read_followups(path: Path) -> list[Entry]:
    """The entries of the file. Raises ValueError naming file and entry, what is wrong and what to write."""
    lists = read_lists(path.parent)
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_entry(f"{path}: entry {number}", data, lists) for number, data in enumerate(entries, 1)]


class FollowupReader:
    """Finds follow-ups in messages."""

    def __init__(self, path: Path) -> None:
        self.entries = read_followups(path)
        self.finder = PhraseFinder([entry.phrase for entry in self.entries])
        self.spelling = Spelling(words_of(self.finder.phrases))

    def _mend(self, word: str) -> str:
        """Misspelt words put right towards the signs' words, then towards ours ("nalaxone")."""
        return self.spelling.mend(load_reader().spelling.mend(word))

    def tokens(self, text: str) -> Doc:
        """The message as tokens; they stand at the same places as in the reading of signs."""
        return read(text, self._mend)

    def find(self, text: str, danger: str) -> tuple[Followup, ...]:
        """What a message within a crisis asks for, the weightiest first; each step once, where it stands last."""
        doc = self.tokens(text)
        found: dict[int, Followup] = {}
        for number, (start, end) in self.finder.spans(doc):
            entry = self.entries[number]
            if danger in entry.dangers and (number not in found or end > found[number].end):
                found[number] = Followup(entry.step, doc[start:end].text, start, end, entry.about)
        return tuple(found[number] for number in sorted(found))


@lru_cache(maxsize=1)
def load_followups() -> FollowupReader:
    """The product's follow-ups, read once."""
    return FollowupReader(settings.ROOT / "content" / "safety" / FILE)
