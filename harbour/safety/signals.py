"""Signals: what a message says that calls for the overdose-risk note or the therapy referral.

The words are data, in `content/safety/overdose_risk.yml` and `content/safety/referral.yml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spacy.tokens import Doc

from harbour import settings
from harbour.safety.phrases import PhraseFinder
from harbour.text.words import read

OVERDOSE_RISK, REFERRAL = "overdose_risk", "therapy_referral"
FILES = {OVERDOSE_RISK: "overdose_risk.yml", REFERRAL: "referral.yml"}


@dataclass(frozen=True)
class Signals:
    """One finder for each signal."""

    finders: dict[str, PhraseFinder]

    def found_in(self, doc: Doc) -> dict[str, list[str]]:
        """Signal -> the visitor's words that raised it; signals not raised are absent."""
        words = {name: [f.words for f in finder.find_in(doc)] for name, finder in self.finders.items()}
        return {name: found for name, found in words.items() if found}

    def found(self, text: str) -> dict[str, list[str]]:
        """The same for a text as it was typed."""
        return self.found_in(read(text))


def read_signals(folder: Path) -> Signals:
    """The signals of a folder of phrase files."""
    return Signals({name: PhraseFinder.from_file(folder / file) for name, file in FILES.items()})


@lru_cache(maxsize=1)
def load_signals() -> Signals:
    """The product's signals, read once."""
    return read_signals(settings.ROOT / "content" / "safety")
