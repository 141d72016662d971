"""Visitors' words turned into the guide's words: slang, brand names, misspellings.

`content/lexicon.yml` is data that a clinician edits: standard term -> what people write for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from harbour import settings

TIE = 10  # points of 100
_WORD = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True)
class Lexicon:
    """`phrases` maps what people write (lower case) to the standard term; `drug_names` are the
    names that misspellings are matched against, each with its standard term; `words` is what
    must never be taken for a misspelling; `spelling` maps text speak to everyday words, word by word."""

    phrases: dict[str, str]
    pattern: re.Pattern[str]
    drug_names: dict[str, str]
    words: frozenset[str]
    spelling: dict[str, str]

    def standardise(self, text: str) -> str:
        """The text in lower case with every known phrase and misspelt drug name replaced."""
        text = self.pattern.sub(lambda match: self.phrases[match.group(0)], text.lower())
        return _WORD.sub(self._mend, text)

    def _mend(self, match: re.Match[str]) -> str:
        word = match.group(0)
        if len(word) < 7 or word in self.words or word in self.drug_names:
            return word
        return self.drug_names.get(_closest(word, tuple(self.drug_names)), word)


@lru_cache(maxsize=8192)
def _closest(word: str, names: tuple[str, ...]) -> str:
    """The drug name that `word` is a misspelling of, or an empty string.

    A name counts only when it shares the first letter (visitors get the beginning right) and no other
    name is nearly as close: between naltrexone and naloxone nobody may guess.
    """
    found = process.extract(word, names, scorer=fuzz.ratio, score_cutoff=80 - TIE, limit=2)
    if not found or found[0][1] < 80 or found[0][0][0] != word[0]:
        return ""
    return "" if len(found) > 1 and found[0][1] - found[1][1] < TIE else found[0][0]


def read_lexicon(path: Path) -> Lexicon:
    """The lexicon in `path`. Raises ValueError naming the term when one phrase has two meanings."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    phrases: dict[str, str] = {}
    for term, written in (*data["terms"].items(), *data.get("spelling", {}).items()):
        for phrase in written:
            if phrases.setdefault(phrase.lower(), term) != term:
                raise ValueError(
                    f"{path}: '{phrase}' stands under both '{phrases[phrase.lower()]}' and '{term}': keep one"
                )
    alternatives = "|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True))
    return Lexicon(
        phrases=phrases,
        pattern=re.compile(rf"(?<![\w'])(?:{alternatives})(?![\w'])"),
        drug_names={name.lower(): term for term, names in data["drug_names"].items() for name in (term, *names)},
        words=frozenset(data["never_a_misspelling"]),
        spelling={
            w: term for term, written in data.get("spelling", {}).items() for w in written if " " not in w + term
        },
    )


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """The product's lexicon, read once."""
    return read_lexicon(settings.ROOT / "content" / "lexicon.yml")
