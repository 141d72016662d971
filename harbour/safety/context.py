"""ConText in visitors' words: what around a sign says that it is not meant, not now, or not real.

The rules are data, `content/safety/context.yml`; each entry is a phrase (see phrases.py) with

    context    what it says of the signs it reaches, one of CONTEXTS; `stop` ends the reach of others
    direction  forward (to signs after it), backward, or both
    reach      how far: a number of words, `sentence` or `message`

After medspaCy's ConText (category, direction, scope), rewritten for people who are not clinicians.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from spacy.tokens import Doc

from harbour.safety.phrases import PhraseFinder, Span, read_entry, read_lists
from harbour.safety.signs import CHECK, QUIET

# What becomes of a sign in each context, and what it makes of the time.
CONTEXTS = {
    "negated": QUIET,  # "he is not overdosing"
    "past": QUIET,  # "years ago", "when i was nineteen"
    "over": QUIET,  # "he is fine now", "they brought her round"
    "hypothetical": CHECK,  # "what if he stops breathing"
    "general": QUIET,  # study, work, news, films, what people say, how a thing works
    "figure": QUIET,  # "dying to know"; counts where it overlaps the sign
}
WHEN = {"past": "past", "over": "past", "hypothetical": "hypothetical", "general": "hypothetical"}
STOP = "stop"
DIRECTIONS = ("forward", "backward", "both")
SENTENCE, MESSAGE = "sentence", "message"
KEYS = {"phrase", "together", "why", "examples", "traps", "context", "direction", "reach"}
_ENDS = frozenset(".!?;")


@dataclass(frozen=True)
class Rule:
    """One entry of context.yml. `reach`: words, 0 for the sentence, -1 for the message."""

    context: str
    direction: str
    reach: int
    where: str


@dataclass(frozen=True)
class Around:
    """A rule found in a message, and the tokens it was found in."""

    rule: Rule
    span: Span


def read_context(folder: Path) -> tuple[list[Rule], PhraseFinder]:
    """The rules of context.yml and what finds them. Raises ValueError naming entry and remedy."""
    lists = read_lists(folder)
    rules, phrases = [], []
    for number, entry in enumerate(yaml.safe_load((folder / "context.yml").read_text(encoding="utf-8")), 1):
        where = f"context.yml: entry {number}"
        if unknown := set(entry) - KEYS:
            raise ValueError(f"{where}: unknown key {sorted(unknown)[0]!r}: use {', '.join(sorted(KEYS))}")
        context, direction = entry.get("context"), entry.get("direction", "forward")
        if context not in (*CONTEXTS, STOP):
            raise ValueError(f"{where}: context {context!r}: write one of {', '.join((*CONTEXTS, STOP))}")
        if direction not in DIRECTIONS:
            raise ValueError(f"{where}: direction {direction!r}: write one of {', '.join(DIRECTIONS)}")
        rules.append(Rule(context, direction, _reach(where, entry.get("reach", SENTENCE)), where))
        phrases.append(read_entry(where, entry, lists))
    return rules, PhraseFinder(phrases)


def _reach(where: str, given: object) -> int:
    if given in (SENTENCE, MESSAGE):
        return 0 if given == SENTENCE else -1
    if isinstance(given, int) and given > 0:
        return given
    raise ValueError(f"{where}: reach {given!r}: write a number of words, {SENTENCE} or {MESSAGE}")


class Contexts:
    """Finds what contexts a sign stands in."""

    def __init__(self, rules: list[Rule], finder: PhraseFinder) -> None:
        self.rules, self.finder = rules, finder

    def find(self, doc: Doc) -> list[Around]:
        """Every rule that the message holds, at every place; of the same kind the longest counts."""
        found = [Around(self.rules[number], span) for number, span in self.finder.spans(doc)]
        return [
            a for a in found if not any(_inside(a.span, b.span) and b.rule.context != STOP for b in found if b is not a)
        ]

    def around(self, doc: Doc, sign: Span, found: Iterable[Around]) -> list[Around]:
        """Those of `found` that reach a sign."""
        found = list(found)
        stops = [a.span for a in found if a.rule.context == STOP]
        return [a for a in found if a.rule.context != STOP and _reaches(doc, a, sign, stops)]


def _inside(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer != inner


def _reaches(doc: Doc, around: Around, sign: Span, stops: list[Span]) -> bool:
    start, end = around.span
    overlap = start < sign[1] and sign[0] < end
    if around.rule.context == "figure":
        return overlap or around.rule.reach == -1
    if sign[0] <= start and end <= sign[1]:
        return False  # the "not" of "not breathing" belongs to the sign; the "no" before "plans to end it" does not
    before = start < sign[0]
    if around.rule.direction == ("backward" if before else "forward"):
        return False
    low, high = (end, sign[0]) if before else (sign[1], start)
    if any(low <= stop[0] and stop[1] <= high for stop in stops):
        return False
    if around.rule.reach == -1:
        return True
    if any(doc[i].lower_ in _ENDS for i in range(low, high)):
        return False
    return around.rule.reach == 0 or high - low < around.rule.reach
