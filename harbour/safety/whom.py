"""About whom a message is: the writer or somebody else."""

from __future__ import annotations

import re

BODILY = ("emergency_overdose", "medical_urgent")
SURE = 0.2  # from even odds

_OTHER = re.compile(
    r"\b(he|she|him|his|her|hers|they|them|their|hes|shes|theyre|"
    r"my (?:\w+ )?(?:son|daughter|lad|lass|boy|girl|brother|sister|mum|mom|mam|dad|mother|father|husband|wife|"
    r"partner|boyfriend|girlfriend|bf|gf|mate|friend|flatmate|roommate|cousin|uncle|aunt|nephew|niece|"
    r"client|patient|tenant|neighbour|neighbor|grandson|granddaughter|ex)s?|"
    r"someone|somebody|a (?:man|woman|guy|girl|lad|bloke|fella|friend|mate))\b"
)
_SELF = re.compile(r"\b(i|i'm|im|ive|i've|id|i'd|ill|me|myself|my|mine|us|we)\b")


def about_whom(text: str, danger: str = "", other: float | None = None) -> str:
    """`other` when the message speaks of somebody else more than of the writer, else `self`.

    `other`: how likely the experts find that, 0 to 1, where they were asked; they decide when they are sure.

    "blue lips not waking help" speaks of nobody: whoever lies there does not type.

    "My son" counts for the son, not for the writer. As much of one as of the other: whoever writes "i cant
    wake him" is not the one in bodily danger, but in "he hits me" it is the writer.
    """
    if other is not None and abs(other - 0.5) >= SURE:
        return "other" if other > 0.5 else "self"
    text = text.lower()
    others = _OTHER.findall(text)
    rest = _OTHER.sub(" ", text)
    if not others and not _SELF.search(rest):
        return "other" if danger == "emergency_overdose" else "self"
    more = len(others) - len(_SELF.findall(rest))
    return "other" if others and (more > 0 or (more == 0 and danger in BODILY)) else "self"
