"""What `harbour check` finds in places and in numbers that must never be shown, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from harbour.contacts.places import PlaceReader

OUT_OF_USE = Path("content") / "out_of_use.yml"
SHOWN = ("content", "data", "actions", "harbour", "widget", "deploy")
TEXTS = {".yml", ".yaml", ".py", ".html", ".js", ".ts", ".json", ".txt"}
_GAPS = re.compile(r"[\s\-().]")


def place_problems(root: Path) -> Iterator[str]:
    """Every phrase of places.yml reads its examples and leaves its traps alone."""
    where = "content/places.yml"
    try:
        reader = PlaceReader(root / where)
    except (ValueError, KeyError, TypeError) as error:
        yield f"{where}: {error}: compare with its neighbours".replace(f"{root}/", "")
        return
    for number, frame in enumerate(reader.frames):
        for text, code in frame.examples.items():
            found = reader.read(text)
            if found is None or found.code != code:
                read = found.code or "several" if found else "no place"
                yield f"{where}: says[{number}]: '{text}' is read as {read}, not {code}: mend the phrase or the example"
        yield from _trapped(reader, frame.phrase.traps, f"{where}: says[{number}]")
    yield from _trapped(reader, reader.traps, f"{where}: traps")


def _trapped(reader: PlaceReader, traps: tuple[str, ...], where: str) -> Iterator[str]:
    for trap in traps:
        if found := reader.read(trap):
            yield f"{where}: '{trap}' is read as {found.code or found.among}: narrow the phrase"


def out_of_use(root: Path) -> dict[str, str]:
    """Digits of each number that must never be shown -> the number as it is written."""
    listed = yaml.safe_load((root / OUT_OF_USE).read_text(encoding="utf-8"))
    return {re.sub(r"\D", "", entry["number"]): entry["number"] for entry in listed}


def dead_numbers(root: Path) -> Iterator[str]:
    """No file that visitors' words come from holds a number of content/out_of_use.yml."""
    dead = out_of_use(root)
    files = [root / "domain.yml", *(f for folder in SHOWN for f in (root / folder).rglob("*") if f.suffix in TEXTS)]
    for path in files:
        if path == root / OUT_OF_USE or not path.is_file():
            continue
        text = _GAPS.sub("", path.read_text(encoding="utf-8"))
        for digits, number in dead.items():
            if re.search(rf"(?<!\d){digits}(?!\d)", text):
                yield f"{path.relative_to(root)}: {number} is out of use ({OUT_OF_USE}): write the present number"
