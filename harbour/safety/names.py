"""Naltrexone or naloxone? Messages in which one could be the other.

Naltrexone blocks heroin for a long time, naloxone reverses an overdose for a short one. Who mixes them up
in an emergency loses time, so both are named and told apart. How each is misspelt is decided here; what is
said of one and true of the other is data, `content/safety/two_names.yml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from harbour import settings
from harbour.safety.signals import KindFinder, read_kinds
from harbour.text.clean import clean
from harbour.text.lexicon import load_lexicon
from harbour.text.spelling import english_words
from harbour.text.words import read

NALTREXONE, NALOXONE, EITHER = "naltrexone", "naloxone", "either"
# `spelling` and `unclear` words could be both; `rescue`, `giving`, `daily`: one is written, the other must be meant.
SPELLING, UNCLEAR, RESCUE, GIVING, DAILY = "spelling", "unclear", "rescue", "giving", "daily"
KINDS = (RESCUE, GIVING, DAILY, UNCLEAR)
FILE = "two_names.yml"
LIKE = 0.6  # of 1: how near to either name a word is a misspelling of them at all
SHORTEST = 6
# Other medicines that look like these two.
OTHERS = frozenset(
    [
        "naproxen",
        "naloxegol",
        "naldemedine",
        "nalmefene",
        "nalbuphine",
        "nalorphine",
        "naltrexol",
        "nadolol",
        "naprosyn",
        "nitroxoline",
    ]
)
_WORD = re.compile(r"[a-z]+")
_TREX, _LOX, _EX = (
    re.compile(r"[tr]"),
    re.compile(r"o[a-z]?x|x[a-z]{0,2}[tr]|lo[a-z]?[tr][a-z]*x"),
    re.compile(r"e[xz]"),
)


@dataclass(frozen=True)
class Mixup:
    """A name that could be the other one. `kind`: how; `words`: what shows it, names written out."""

    kind: str
    words: str

    @property
    def wrong_medicine(self) -> bool:
        """Whether naltrexone may be about to be given to somebody who needs naloxone."""
        return self.kind in (RESCUE, GIVING)


@lru_cache(maxsize=8192)
def name_of(word: str) -> str:
    """NALTREXONE, NALOXONE, EITHER for a misspelling near both, or an empty string for any other word."""
    word = word.lower()
    listed = load_lexicon().phrases.get(word, word)
    if listed in (NALTREXONE, NALOXONE):
        return listed
    if len(word) < SHORTEST or not word.startswith("n") or word in OTHERS or word in english_words():
        return ""
    if max(DamerauLevenshtein.normalized_similarity(word, name) for name in (NALTREXONE, NALOXONE)) < LIKE:
        return ""
    if _TREX.search(word):  # naltroxone, naloxtrone: parts of both
        return EITHER if _LOX.search(word) else NALTREXONE
    return EITHER if _EX.search(word) else NALOXONE  # nalexone


def written_out(text: str) -> tuple[str, list[str]]:
    """The text with every name, brand and misspelling written as naltrexone or naloxone, and the words that
    could be either (written as naltrexone)."""
    lexicon = load_lexicon()
    unsure: list[str] = []

    def listed(match: re.Match[str]) -> str:
        term = lexicon.phrases[match.group(0)]
        return term if term in (NALTREXONE, NALOXONE) and match.group(0) != "the blocker" else match.group(0)

    def mended(match: re.Match[str]) -> str:
        name = name_of(match.group(0))
        if name == EITHER:
            unsure.append(match.group(0))
            return NALTREXONE
        return name or match.group(0)

    return _WORD.sub(mended, lexicon.pattern.sub(listed, text)), unsure


@lru_cache(maxsize=1)
def _finder() -> KindFinder:
    return read_kinds(settings.ROOT / "content" / "safety" / FILE, KINDS)


def mixed_up(text: str, emergency: bool = False) -> Mixup | None:
    """What in a message could be the other name, or None.

    `emergency`: somebody may be dying now; then naltrexone that is to be given is a mix-up too.
    """
    text = clean(text).lower()
    short = _finder().find_in(read(text)).get(UNCLEAR, []) if "nal" in text else []
    for words in short:  # "nal spray" must not count as naltrexone below
        text = text.replace(words, " ")
    plain, unsure = written_out(text)
    if NALTREXONE in plain or NALOXONE in plain:
        found = _finder().find_in(read(plain))
        if RESCUE in found and (emergency or NALOXONE not in plain):
            return Mixup(RESCUE, found[RESCUE][0])
        if GIVING in found and emergency:
            return Mixup(GIVING, found[GIVING][0])
        if DAILY in found and NALTREXONE not in plain:
            return Mixup(DAILY, found[DAILY][0])
    if unsure:
        return Mixup(SPELLING, unsure[0])
    return Mixup(UNCLEAR, short[0]) if short else None
