"""Unicode clean-up, the first thing that happens to every message."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 8500  # more than a visitor can send; of anything longer the beginning and the end are read

_QUOTES = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "‛": "'",
        "ʼ": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
    }
)
_SPACE = re.compile(r"\s+")
_LONG_RUN = re.compile(r"(\S)\1{3,}")
DIVISION_SLASH = "∕"  # looks like a slash, is no command


def clean(text: str) -> str:
    """The message in one line: compatible Unicode forms, plain quotes, no control or invisible
    characters, no run of one character longer than three, at most MAX_CHARS characters.

    Curly quotes matter: one once kept nineteen danger phrases of another project from matching.
    """
    # quotes first: NFKC would take an acute accent used as an apostrophe apart
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES)
    # Cc control, Cf invisible formatting (zero width, direction marks), Co private, Cs surrogates
    text = "".join(
        " " if unicodedata.category(c) == "Cc" else c
        for c in text
        if unicodedata.category(c) not in ("Cf", "Co", "Cs") or c == "\u200d"
    )
    text = _SPACE.sub(" ", _LONG_RUN.sub(r"\1\1\1", text)).strip()
    if len(text) > MAX_CHARS:
        half = (MAX_CHARS - 1) // 2
        text = f"{text[:half]} {text[-half:]}"
    return text


def defuse(text: str) -> str:
    """Typed text that can never be a command: a leading slash becomes one that only looks like it.

    Rasa reads `/intent{...}` as an order and strips blanks before it looks; full-width and other
    slashes fold to the plain one under NFKC, so the text is folded first.
    """
    folded = unicodedata.normalize("NFKC", text)
    for place, character in enumerate(folded):
        if character == "/":
            return f"{folded[:place]}{DIVISION_SLASH}{folded[place + 1 :]}".lstrip()
        if not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc", "Cs"):
            return text
    return text
