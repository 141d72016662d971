"""The first of two readings of a message: signs of danger and the context they stand in.

Plain Python over spaCy: the gateway runs it by itself when the assistant cannot answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spacy.tokens import Doc

from harbour import settings
from harbour.safety.context import CONTEXTS, WHEN, Around, Contexts, read_context
from harbour.safety.phrases import PhraseFinder, words_of
from harbour.safety.signs import ALARM, CHECK, QUIET, Sign, read_signs
from harbour.text.spelling import Spelling
from harbour.text.words import read

_LEVELS = (QUIET, CHECK, ALARM)


@dataclass(frozen=True)
class Evidence:
    """A sign found in a message: the visitor's words, the contexts around it, and what level is left."""

    sign: Sign
    words: str
    start: int
    contexts: tuple[str, ...]
    context_words: tuple[str, ...]
    level: str

    @property
    def when(self) -> str:
        """now, past or hypothetical, as the contexts have it."""
        return next((WHEN[context] for context in self.contexts if context in WHEN), "now")


@dataclass(frozen=True)
class Reading:
    """All evidence in a message, by danger."""

    doc: Doc
    evidence: tuple[Evidence, ...]

    def of(self, id: str) -> list[Evidence]:
        """The evidence of one danger, strongest first."""
        found = [e for e in self.evidence if e.sign.id == id]
        return sorted(found, key=lambda e: (-_LEVELS.index(e.level), -len(e.words)))

    def level(self, id: str) -> str:
        """The strongest level that is left for a danger; quiet when there is no sign."""
        return max((e.level for e in self.of(id)), key=_LEVELS.index, default=QUIET)

    def lowered(self, id: str) -> bool:
        """Whether there are signs of a danger and context took all of them back."""
        found = self.of(id)
        return bool(found) and all(e.level == QUIET for e in found)


class SignReader:
    """Reads messages with the signs and contexts of a folder like content/safety."""

    def __init__(self, folder: Path) -> None:
        self.signs = read_signs(folder)
        self.finder = PhraseFinder([sign.phrase for sign in self.signs])
        self.contexts = Contexts(*read_context(folder))
        vocabulary = words_of([*self.finder.phrases, *self.contexts.finder.phrases])
        self.spelling = Spelling(vocabulary)

    def tokens(self, text: str) -> Doc:
        """The message with misspelt words put right towards the words of signs and contexts."""
        return read(text, self.spelling.mend)

    def read(self, text: str) -> Reading:
        """Signs and contexts of one message."""
        doc = self.tokens(text)
        found = list(self.finder.spans(doc))
        if not found:
            return Reading(doc, ())
        # the "not" of "not breathing" belongs to that sign and denies no other
        taken = {token for _, span in found for token in range(*span)}
        around = [a for a in self.contexts.find(doc) if a.rule.context != "negated" or a.span[0] not in taken]
        evidence = [self._evidence(doc, self.signs[number], span, around) for number, span in found]
        return Reading(doc, tuple(evidence))

    def _evidence(self, doc: Doc, sign: Sign, span: tuple[int, int], around: list[Around]) -> Evidence:
        reaching = [a for a in self.contexts.around(doc, span, around) if a.rule.context not in sign.despite]
        level = min((sign.level, *(CONTEXTS[a.rule.context] for a in reaching)), key=_LEVELS.index)
        return Evidence(
            sign,
            doc[span[0] : span[1]].text,
            span[0],
            tuple(dict.fromkeys(a.rule.context for a in reaching)),
            tuple(dict.fromkeys(doc[a.span[0] : a.span[1]].text for a in reaching)),
            level,
        )


@lru_cache(maxsize=1)
def load_reader() -> SignReader:
    """The product's reader, made once."""
    return SignReader(settings.ROOT / "content" / "safety")
