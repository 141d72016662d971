"""The spaCy tokenizer both sides share: English rules, no model to download."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from harbour.text.clean import clean
from harbour.text.lexicon import load_lexicon

# What is left of "hes", "he's", "im", "ain't" once spaCy has split it
_AFTER = {"s": "is", "'s": "is", "m": "am", "'m": "am", "re": "are", "'re": "are", "'d": "would", "ai": "is"}
_PRONOUNS = frozenset(["i", "he", "she", "it", "that", "there", "what", "who", "you", "we", "they"])


@lru_cache(maxsize=1)
def english() -> Language:
    """spaCy's blank English pipeline: its tokenizer and word norms ("nt" -> "not", "gonna" -> "going to")."""
    return spacy.blank("en")


def read(text: str, mend: Callable[[str], str] | None = None) -> Doc:
    """The message as tokens whose norms are plain everyday words: text speak and short forms written out,
    misspellings put right by `mend` where it is given. The tokens' text stays the visitor's own, in lower case."""
    doc = english()(clean(text).lower())
    spelling = load_lexicon().spelling
    before = ""
    for token in doc:
        norm = spelling.get(token.lower_, token.norm_)
        if before in _PRONOUNS or token.lower_ == "ai":
            norm = _AFTER.get(token.lower_, norm)
        if mend:
            norm = mend(norm)
        if norm != token.norm_:
            token.norm_ = norm
        before = token.lower_
    return doc
