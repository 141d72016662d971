"""Phrases as a clinician writes them, found in messages by spaCy's Matcher.

Each entry of a phrase file says what to find, why, what must be found and what must not:

    - phrase: "(missed|forgot|late for) ... (dose|tablet*|jab)"
      why: a gap in the medicine lowers protection and tolerance is already low
      examples: [i missed my dose yesterday]
      traps: [he missed the bus]

In a phrase, words stand in order; `(a|b c)` is one of several, `[x]` may be missing, `...` is up to
four words of the same sentence and no denial, `word*` any ending, `{name}` the list of that name in words.yml.
`phrase` may be a list: one of several. `together` instead of `phrase` is a list of phrases that must
all be there, in any order, within twelve words. Words are compared by spaCy's norm, so "can't", "cant"
and "can not" are the same.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from spacy.matcher import Matcher
from spacy.tokens import Doc

from harbour.text.spelling import english_words
from harbour.text.words import english, read

GAP = 4
WITHIN = 12
MAX_PATTERNS = 3000
WORDS_FILE = "words.yml"
_PART = re.compile(r"\((?P<choice>[^()]*)\)|\[(?P<optional>[^\[\]]*)\]|(?P<gap>\.\.\.)|(?P<word>[^\s()\[\]]+)")
_LIST = re.compile(r"\{(\w+)\}")
_STOP = [".", "!", "?", ";"]
_NO = ["not", "never"]  # a gap does not swallow a denial

Pattern = list[dict[str, Any]]
Span = tuple[int, int]


@dataclass(frozen=True)
class Phrase:
    """One entry of a phrase file. `parts`: alternatives of each phrase that must be there."""

    parts: tuple[tuple[str, ...], ...]
    why: str
    examples: tuple[str, ...]
    traps: tuple[str, ...]

    @property
    def phrase(self) -> str:
        """The entry as one line."""
        return " + ".join(" | ".join(part) for part in self.parts)


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
            pattern += [{"NORM": token.norm_} for token in read(word)]
    return pattern


def _choices(group: str) -> list[Pattern]:
    """One pattern for all single-word alternatives together, one for each longer alternative."""
    patterns = [_tokens(alternative) for alternative in group.split("|") if alternative.strip()]
    single = [p[0]["NORM"] for p in patterns if len(p) == 1]
    plain = [norm for norm in single if isinstance(norm, str)]
    begun = [norm["REGEX"] for norm in single if isinstance(norm, dict)]
    result = [p for p in patterns if len(p) != 1]
    if plain:
        result.append([{"NORM": {"IN": plain}}])
    if begun:
        result.append([{"NORM": {"REGEX": "|".join(begun)}}])
    return result


def _maybe(choices: list[Pattern]) -> list[Pattern]:
    """The choices, or nothing; single words as one optional token, since every further pattern costs time."""
    if all(len(pattern) == 1 for pattern in choices):
        return [[{**pattern[0], "OP": "?"} for pattern in choices]] if len(choices) == 1 else [[], *choices]
    return [[], *choices]


def _needed(token: dict[str, Any]) -> bool:
    """Whether a message without this token's word cannot match."""
    return "NORM" in token and "OP" not in token


def expand(phrase: str, lists: dict[str, str]) -> str:
    """The phrase with `{name}` replaced by the list of that name. Raises ValueError for an unknown name."""

    def listed(match: re.Match[str]) -> str:
        if match[1] not in lists:
            raise ValueError(
                f"phrase {phrase!r}: {{{match[1]}}} is no list of {WORDS_FILE}: add it or correct the name"
            )
        return expand(lists[match[1]], lists)

    return _LIST.sub(listed, phrase)


def compile_phrase(phrase: str) -> list[Pattern]:
    """The Matcher patterns of one expanded phrase. Raises ValueError when it has no word or too many forms."""
    parts: list[list[Pattern]] = []
    for match in _PART.finditer(phrase.lower()):
        if match["choice"] is not None:
            parts.append(_choices(match["choice"]))
        elif match["optional"] is not None:
            parts.append(_maybe(_choices(match["optional"])))
        elif match["gap"]:
            parts.append([[{"OP": f"{{0,{GAP}}}", "ORTH": {"NOT_IN": _STOP}, "NORM": {"NOT_IN": _NO}}]])
        else:
            parts.append([_tokens(match["word"])])
    forms = 1
    for part in parts:
        forms *= len(part)
    if forms > MAX_PATTERNS:
        raise ValueError(f"phrase {phrase!r} has {forms} forms: split it into several entries")
    patterns = [list(itertools.chain(*chosen)) for chosen in itertools.product(*parts)]
    if not any(_needed(token) for pattern in patterns for token in pattern):
        raise ValueError(f"phrase {phrase!r} has no word to look for")
    return [pattern for pattern in patterns if pattern]


def read_lists(folder: Path) -> dict[str, str]:
    """The named lists of words that phrases use: name -> `a|b c`. None is no error."""
    path = folder / WORDS_FILE
    data = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, words in data.items():
        if wrong := [word for word in words if not isinstance(word, str)]:
            raise ValueError(f"{path}: {name}: {wrong[0]!r} is not text: put it in quotes")
    return {name: "|".join(words) for name, words in data.items()}


def _alternatives(phrase: str | Sequence[str], lists: dict[str, str]) -> tuple[str, ...]:
    return tuple(expand(one, lists) for one in ([phrase] if isinstance(phrase, str) else phrase))


def read_entry(where: str, entry: dict[str, Any], lists: dict[str, str]) -> Phrase:
    """One entry as a Phrase. Raises ValueError naming entry and what is missing."""
    missing = [key for key in ("why", "examples", "traps") if not entry.get(key)]
    if not entry.get("phrase") and not entry.get("together"):
        missing.insert(0, "phrase")
    if missing:
        raise ValueError(f"{where} has no {', '.join(missing)}: add it")
    parts = entry.get("together") or [entry["phrase"]]
    try:
        alternatives = tuple(_alternatives(part, lists) for part in parts)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    return Phrase(alternatives, entry["why"], tuple(entry["examples"]), tuple(entry["traps"]))


def read_phrases(path: Path) -> list[Phrase]:
    """The entries of a phrase file. Raises ValueError naming file, entry and what is missing."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    lists = read_lists(path.parent)
    return [read_entry(f"{path}: entry {number}", entry, lists) for number, entry in enumerate(entries, 1)]


def words_of(phrases: Iterable[Phrase]) -> list[str]:
    """Every word that the phrases look for, in lower case, as often as they do; for `word*` the English words that
    begin so."""
    listed = " ".join(one for phrase in phrases for part in phrase.parts for one in part).lower()
    words, known = re.findall(r"[a-z]+(?![a-z*])", listed), sorted(english_words())
    for stem in set(re.findall(r"([a-z]{4,})\*", listed)):
        begin = bisect.bisect_left(known, stem)
        words += itertools.takewhile(lambda word, stem=stem: word.startswith(stem), known[begin:])
    return words


class _Part:
    """One part of a phrase: a Matcher of its own, and for each pattern the words without which it cannot match.

    spaCy's Matcher tries every pattern at every token; with thousands of them that is what takes the time.
    """

    def __init__(self, patterns: list[Pattern]) -> None:
        self.matcher = Matcher(english().vocab)
        self.matcher.add("part", patterns, greedy="LONGEST")
        self.needs = [[_words(token) for token in pattern if _needed(token)] for pattern in patterns]

    def spans(self, doc: Doc) -> list[Span]:
        return [(start, end) for _, start, end in self.matcher(doc)]


def _words(token: dict[str, Any]) -> frozenset[str] | re.Pattern[str]:
    """The norms a token pattern accepts: a set of words, or a regular expression."""
    norm = token["NORM"]
    if isinstance(norm, str):
        return frozenset((norm,))
    return frozenset(norm["IN"]) if "IN" in norm else re.compile(norm["REGEX"])


def _commonness(need: frozenset[str]) -> tuple[bool, int]:
    """Sets of few, uncommon words first: the fewer messages hold one of them, the less there is to try."""
    return not need.isdisjoint(english().Defaults.stop_words), len(need)


def _possible(need: frozenset[str] | re.Pattern[str], norms: set[str]) -> bool:
    if isinstance(need, frozenset):
        return not need.isdisjoint(norms)
    return any(need.search(norm) for norm in norms)


class PhraseFinder:
    """Finds phrases in messages."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.phrases = list(phrases)
        self._parts = [
            [_Part([pattern for one in part for pattern in compile_phrase(one)]) for part in phrase.parts]
            for phrase in self.phrases
        ]
        # word -> patterns that need it, by phrase, part and place; patterns of regular expressions under ""
        self._index: dict[str, list[tuple[int, int, int]]] = {}
        for number, parts in enumerate(self._parts):
            for place, part in enumerate(parts):
                for which, needs in enumerate(part.needs):
                    plain = [need for need in needs if isinstance(need, frozenset)]
                    for word in min(plain, key=_commonness) if plain else ("",):
                        self._index.setdefault(word, []).append((number, place, which))

    @classmethod
    def from_file(cls, path: Path) -> PhraseFinder:
        return cls(read_phrases(path))

    def _candidates(self, norms: set[str]) -> dict[int, set[int]]:
        """Phrases, and which of their parts may match a message that holds these words."""
        found: dict[int, set[int]] = {}
        for word in (*norms, ""):
            for number, place, which in self._index.get(word, ()):
                known = found.setdefault(number, set())
                if place not in known and all(_possible(n, norms) for n in self._parts[number][place].needs[which]):
                    known.add(place)
        return found

    def spans(self, doc: Doc) -> Iterator[tuple[int, Span]]:
        """Number of the phrase and the tokens [start, end) it was found in, for every place it stands."""
        candidates = self._candidates({token.norm_ for token in doc})
        for number in sorted(candidates):
            parts = self._parts[number]
            if len(candidates[number]) == len(parts):
                found = [part.spans(doc) for part in parts]
                if all(found):
                    for span in _joined(found):
                        yield number, span

    def find_in(self, doc: Doc) -> list[Found]:
        """Every phrase found, once each, in the order of the file, with the longest words it matched."""
        longest: dict[int, str] = {}
        for number, (start, end) in self.spans(doc):
            words = doc[start:end].text
            if len(words) > len(longest.get(number, "")):
                longest[number] = words
        return [Found(self.phrases[number], longest[number]) for number in sorted(longest)]

    def find(self, text: str) -> list[Found]:
        """The same for a text as it was typed."""
        return self.find_in(read(text))


def _joined(parts: list[list[Span]], taken: tuple[Span, ...] = ()) -> Iterator[Span]:
    """Spans that hold one of each part, apart from each other and close together."""
    if not parts:
        yield min(span[0] for span in taken), max(span[1] for span in taken)
        return
    for span in parts[0]:
        near = all(max(span[1], t[1]) - min(span[0], t[0]) <= WITHIN for t in taken)
        if near and all(span[1] <= t[0] or t[1] <= span[0] for t in taken):
            yield from _joined(parts[1:], (*taken, span))
