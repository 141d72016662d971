"""What content/places.yml holds: names of places, and what people write before them when they are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harbour.contacts.countries import UNKNOWN
from harbour.safety.phrases import Phrase, read_entry
from harbour.text.words import read

KINDS = ("from", "looks", "here", "asks")  # the stronger, the later
KEYS = {"phrase", "kind", "whose", "first", "why", "examples", "traps"}


@dataclass(frozen=True)
class Name:
    codes: tuple[str, ...]
    country: bool = False
    nationality: bool = False


@dataclass(frozen=True)
class Frame:
    """What people write before a place."""

    phrase: Phrase
    kind: str
    whose: str
    first: bool
    examples: dict[str, str]  # message -> country


def key(name: str) -> tuple[str, ...]:
    return tuple(token.norm_ for token in read(name))


def read_names(data: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Name]]:
    """Every name of the file; what is in two lists is what the later one says."""
    for code, words in data["nationality"].items():
        for name in words:
            yield key(name), Name((code,), nationality=True)
    for code, groups in data["places"].items():
        for group, names in groups.items():
            for name in names:
                yield key(name), Name((code,), country=group == "countries")
    for name, codes in data["more_than_one"].items():
        yield key(name), Name(tuple(codes))


def read_frame(where: str, entry: dict[str, Any]) -> Frame:
    if unknown := set(entry) - KEYS:
        raise ValueError(f"{where}: unknown key {sorted(unknown)[0]!r}: use {', '.join(sorted(KEYS))}")
    if entry.get("kind") not in KINDS:
        raise ValueError(f"{where}: kind {entry.get('kind')!r}: write one of {', '.join(KINDS)}")
    if wrong := [code for code in entry.get("examples", {}).values() if code != UNKNOWN and len(code) != 2]:
        raise ValueError(f"{where}: example with country {wrong[0]!r}: write its code, such as GB")
    phrase = read_entry(where, entry, {})
    return Frame(phrase, entry["kind"], entry.get("whose", "self"), entry.get("first", False), entry["examples"])
