"""The spaCy tokenizer both sides share: English rules, no model to download."""

from __future__ import annotations

from functools import lru_cache

import spacy
from spacy.language import Language


@lru_cache(maxsize=1)
def english() -> Language:
    """spaCy's blank English pipeline: its tokenizer and word norms ("nt" -> "not", "gonna" -> "going to")."""
    return spacy.blank("en")
