"""Signals: what a message says that calls for an overdose-risk note or the therapy referral.

The words are data, in `content/safety/overdose_risk.yml` and `content/safety/referral.yml`. Each entry
is a phrase (see phrases.py) with a `kind`: what exactly is said of.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from spacy.tokens import Doc

from harbour import settings
from harbour.safety.phrases import Phrase, PhraseFinder, read_entry, read_lists
from harbour.text.words import read

OVERDOSE_RISK, REFERRAL = "overdose_risk", "therapy_referral"
FILES = {OVERDOSE_RISK: "overdose_risk.yml", REFERRAL: "referral.yml"}
# Most pressing first: of several kinds in one message the first has its note.
OVERDOSE_KINDS = (
    "beating_the_block",
    "relapse",
    "amount",
    "after_break",
    "alone",
    "mixing",
    "missed_dose",
    "stopped_or_wearing_off",
    "tolerance",
)
ASKED, DECLINED, NOT_NOW = "asked", "declined", "not_now"
KINDS = {OVERDOSE_RISK: OVERDOSE_KINDS, REFERRAL: (ASKED, DECLINED, NOT_NOW)}

# Signal -> kind -> the visitor's words that raised it; what was not raised is absent.
Found = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class KindFinder:
    """Finds the phrases of one file. `kind_of`: the kind of each phrase."""

    finder: PhraseFinder
    kind_of: dict[Phrase, str]

    def find_in(self, doc: Doc) -> dict[str, list[str]]:
        """Kind -> the visitor's words."""
        words: dict[str, list[str]] = {}
        for found in self.finder.find_in(doc):
            words.setdefault(self.kind_of[found.phrase], []).append(found.words)
        return words


def read_kinds(path: Path, kinds: tuple[str, ...]) -> KindFinder:
    """The finder of a phrase file whose entries have a kind. Raises ValueError naming file, entry and remedy."""
    lists = read_lists(path.parent)
    kind_of: dict[Phrase, str] = {}
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1):
        where = f"{path}: entry {number}"
        if entry.get("kind") not in kinds:
            raise ValueError(f"{where}: kind is {entry.get('kind')}: write one of {', '.join(kinds)}")
        kind_of[read_entry(where, entry, lists)] = entry["kind"]
    return KindFinder(PhraseFinder(list(kind_of)), kind_of)


@dataclass(frozen=True)
class Signals:
    """One finder for each signal."""

    finders: dict[str, KindFinder]

    def found_in(self, doc: Doc) -> Found:
        """What a message raises, as plain dicts that travel with the message."""
        found = {name: finder.find_in(doc) for name, finder in self.finders.items()}
        return {name: words for name, words in found.items() if words}

    def found(self, text: str) -> Found:
        """The same for a text as it was typed."""
        return self.found_in(read(text))


def read_signals(folder: Path) -> Signals:
    """The signals of a folder of phrase files."""
    return Signals({name: read_kinds(folder / file, KINDS[name]) for name, file in FILES.items()})


@lru_cache(maxsize=1)
def load_signals() -> Signals:
    """The product's signals, read once."""
    return read_signals(settings.ROOT / "content" / "safety")
