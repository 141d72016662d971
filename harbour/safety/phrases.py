"""Phrases as a clinician writes them, found in messages by spaCy's Matcher.

Each entry of a phrase file says what to find, why, what must be found and what must not:

    - phrase: "(missed|forgot|late for) ... (dose|tablet*|jab)"
      why: a gap in the medicine lowers protection and tolerance is already low
      examples: [i missed my dose yesterday]
      traps: [he missed the bus]

In a phrase, words stand in order; `(a|b c)` is one of several, `[x]` may be missing, `...` is up to
four words, `word*` any ending. Words are compared by spaCy's norm, so "can't", "cant" and "can not"
are the same.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from spacy.matcher import Matcher
from spacy.tokens import Doc

from harbour.text.clean import clean
from harbour.text.words import english

GAP = 4
_PART = re.compile(r"\((?P<choice>[^()]*)\)|\[(?P<optional>[^\[\]]*)\]|(?P<gap>\.\.\.)|(?P<word>[^\s()\[\]]+)")

Pattern = list[dict[str, Any]]


@dataclass(frozen=True)
class Phrase:
    """One entry of a phrase file."""

    phrase: str
    why: str
    examples: tuple[str, ...]
    traps: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A phrase that was found: the entry and the visitor's own words."""

    phrase: Phrase
    words: str


def _tokens(words: str) -> Pattern:
    """Token patterns for plain words: by norm, or by beginning where a word ends in `*`."""
    pattern: Pattern = []
    for word in words.split():
        if word.endswith("*"):
            pattern.append({"NORM": {"REGEX": f"^{re.escape(word[:-1])}"}})
        else:
            pattern += [{"NORM": token.norm_} for token in english().tokenizer(word)]
    return pattern


def _choices(group: str) -> list[Pattern]:
    """One pattern for all single-word alternatives together, one for each longer alternative."""
    patterns = [_tokens(alternative) for alternative in group.split("|")]
    single = [p[0]["NORM"] for p in patterns if len(p) == 1]
    plain = [norm for norm in single if isinstance(norm, str)]
    begun = [norm["REGEX"] for norm in single if isinstance(norm, dict)]
    result = [p for p in patterns if len(p) != 1]
    if plain:
        result.append([{"NORM": {"IN": plain}}])
    if begun:
        result.append([{"NORM": {"REGEX": "|".join(begun)}}])
    return result


def compile_phrase(phrase: str) -> list[Pattern]:
    """The Matcher patterns of one phrase. Raises ValueError when it has no word."""
    parts: list[list[Pattern]] = []
    for match in _PART.finditer(phrase.lower()):
        if match["choice"] is not None:
            parts.append(_choices(match["choice"]))
        elif match["optional"] is not None:
            parts.append([[], *_choices(match["optional"])])
        elif match["gap"]:
            parts.append([[{"OP": f"{{0,{GAP}}}"}]])
        else:
            parts.append([_tokens(match["word"])])
    patterns = [list(itertools.chain(*chosen)) for chosen in itertools.product(*parts)]
    if not any("NORM" in token for pattern in patterns for token in pattern):
        raise ValueError(f"phrase {phrase!r} has no word to look for")
    return [pattern for pattern in patterns if pattern]


def read_phrases(path: Path) -> list[Phrase]:
    """The entries of a phrase file. Raises ValueError naming file, entry and what is missing."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    phrases = []
    for number, entry in enumerate(entries, 1):
        missing = [key for key in ("phrase", "why", "examples", "traps") if not entry.get(key)]
        if missing:
            raise ValueError(f"{path}: entry {number} has no {', '.join(missing)}: add it")
        phrases.append(Phrase(entry["phrase"], entry["why"], tuple(entry["examples"]), tuple(entry["traps"])))
    return phrases


class PhraseFinder:
    """Finds the phrases of one file in messages."""

    def __init__(self, phrases: list[Phrase]) -> None:
        self.phrases = phrases
        self.matcher = Matcher(english().vocab)
        for number, phrase in enumerate(phrases):
            self.matcher.add(str(number), compile_phrase(phrase.phrase), greedy="LONGEST")

    @classmethod
    def from_file(cls, path: Path) -> PhraseFinder:
        return cls(read_phrases(path))

    def find(self, text: str) -> list[Found]:
        """Every phrase found, once each, in the order of the file, with the longest words it matched."""
        doc: Doc = english()(clean(text).lower())
        longest: dict[int, str] = {}
        for key, start, end in self.matcher(doc):
            number = int(english().vocab.strings[key])
            words = doc[start:end].text
            if len(words) > len(longest.get(number, "")):
                longest[number] = words
        return [Found(self.phrases[number], longest[number]) for number in sorted(longest)]
