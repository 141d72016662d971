"""Misspelt words put right, towards the words that matter. A correct English word is never touched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from symspellpy import SymSpell, Verbosity

SHORT, LONG = 4, 8  # letters: shorter words are left alone, from LONG on two slips are forgiven
_RUN = re.compile(r"(.)\1+")


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """The words of symspellpy's English frequency list (82,765)."""
    listed = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ", 1)[0] for line in listed.splitlines())


class Spelling:
    """Mends words towards a vocabulary.

    `vocabulary`: words in lower case, each as often as it matters: of two that are equally near the more
    frequent is meant. `known`: words that are right though no dictionary has them.
    """

    def __init__(self, vocabulary: Iterable[str], known: Iterable[str] = ()) -> None:
        counts = Counter(word for word in vocabulary if word.isalpha())
        self._vocabulary = frozenset(counts)
        self._known = frozenset(known)
        self._speller = SymSpell(max_dictionary_edit_distance=2)
        for word in sorted(counts):
            self._speller.create_dictionary_entry(word, counts[word])
        self.mend = lru_cache(maxsize=16384)(self._mend)

    def _mend(self, word: str) -> str:
        """The word of the vocabulary that `word` is a slip of, or `word` itself."""
        if word in self._vocabulary or word in self._known or word in english_words() or not word.isalpha():
            return word
        single = _RUN.sub(r"\1", word)  # "helpppp", "pleeease"
        for squeezed in (_RUN.sub(r"\1\1", word), single):
            if squeezed != word and squeezed in self._vocabulary:
                return squeezed
        if len(word) < SHORT:
            return word
        slips = 1 if len(word) < LONG else 2
        found = self._speller.lookup(word, Verbosity.TOP, max_edit_distance=slips)
        return found[0].term if found else word
