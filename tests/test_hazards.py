"""The clinical safety file: what its pages name exists, and no hazard lacks a field."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAFETY = ROOT / "docs" / "safety"
PAGES = ("hazard-log.md", "intended-purpose.md", "changing-safety-words.md")
KNOWN = tuple(f"H{number}" for number in range(1, 18))  # known before Harbour was built: none may go
MORE = 8
FIELDS = (
    *("Cause", "Effect", "Harmed", "Before", "Design", "Warning", "Process"),
    *("Evidence", "After", "Owner", "Date", "Status"),
)
STATES = ("controlled", "partly", "open")

_SECTION = re.compile(r"^### (H\d+) (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| ([A-Z][a-z]+) \| (.*) \|$", re.MULTILINE)
_OVERVIEW = re.compile(r"^\| \[(H\d+)\]\(#[\w-]+\) \| (.+?) \| (.+?) \| (.+?) \| (\w+) \|$", re.MULTILINE)
_RATING = re.compile(r"([1-5]) × ([1-5]) = (\d+)")
_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
_FILE = re.compile(r"`((?:harbour|actions|content|data|tests|docs|scripts)/[\w./-]+\.\w+|domain\.yml)\b")


@dataclass(frozen=True)
class Hazard:
    """One section of the log: its id, its name and its fields."""

    id: str
    name: str
    fields: dict[str, str]

    @property
    def status(self) -> str:
        """The bold word of the field Status."""
        return self.fields.get("Status", "").removeprefix("**").split("**")[0]


def read_log(text: str) -> list[Hazard]:
    """The hazards of the log, in its order."""
    parts = _SECTION.split(text)[1:]
    return [Hazard(id, name, dict(_ROW.findall(body))) for id, name, body in zip(parts[::3], parts[1::3], parts[2::3])]


def score(rating: str) -> int | None:
    """Severity times likelihood, or None where the rating is not written so or is wrongly multiplied."""
    match = _RATING.fullmatch(rating)
    if match is None or int(match[1]) * int(match[2]) != int(match[3]):
        return None
    return int(match[3])


def problems(text: str) -> list[str]:
    """What is wrong with a hazard log, one line each."""
    hazards = read_log(text)
    ids = [hazard.id for hazard in hazards]
    found = [f"{id} is missing" for id in KNOWN if id not in ids]
    if len(set(ids) - set(KNOWN)) < MORE:
        found.append(f"fewer than {MORE} hazards besides the known ones")
    if len(set(ids)) != len(ids):
        found.append("an id stands twice")
    for hazard in hazards:
        found += [f"{hazard.id}: {line}" for line in _problems(hazard)]
    if _OVERVIEW.findall(text) != [
        (h.id, h.name, h.fields.get("Before"), h.fields.get("After"), h.status) for h in hazards
    ]:
        found.append("the overview and the sections differ")
    return found


def _problems(hazard: Hazard) -> list[str]:
    fields = hazard.fields
    found = [f"no {name}" for name in FIELDS if not fields.get(name, "").strip(" -–")]
    if found:
        return found
    before, after = score(fields["Before"]), score(fields["After"])
    if before is None or after is None or after > before:
        found.append("Before and After: write 'severity × likelihood = product', not more after than before")
    try:
        date.fromisoformat(fields["Date"])
    except ValueError:
        found.append("Date: write it as 2026-11-24")
    if hazard.status not in STATES:
        found.append(f"Status: begin with one of {', '.join(STATES)} in bold")
    elif hazard.status != "controlled" and ":" not in fields["Status"]:
        found.append("Status: say what is missing")
    if hazard.status == "controlled" and not _TEST.search(fields["Evidence"]):
        found.append("controlled, and no test says so")
    return found


@cache
def functions_of(path: Path) -> frozenset[str]:
    """Names of the test functions of a file, read without importing it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
    )


def log() -> str:
    return (SAFETY / "hazard-log.md").read_text(encoding="utf-8")


def test_the_hazard_log_is_complete() -> None:
    """All known hazards and more, every field filled in, ratings multiplied, the overview the same as the sections."""
    assert problems(log()) == []


def test_every_test_named_as_evidence_exists() -> None:
    """Whoever follows the log to a test finds it."""
    named = {pair for page in SAFETY.glob("*.md") for pair in _TEST.findall(page.read_text(encoding="utf-8"))}
    assert len(named) >= len(KNOWN) + MORE
    missing = [
        f"{file}::{name}"
        for file, name in sorted(named)
        if not (ROOT / file).exists() or name not in functions_of(ROOT / file)
    ]
    assert not missing


def test_every_file_named_exists() -> None:
    """A control or a step that names a file names one that is there."""
    named = {file for page in PAGES for file in _FILE.findall((SAFETY / page).read_text(encoding="utf-8"))}
    assert len(named) >= 20
    assert not [file for file in sorted(named) if not (ROOT / file).exists()]


def test_every_file_of_words_is_explained() -> None:
    """A clinician finds each file of content/safety, and only those, on the page that says how to change them."""
    page = (SAFETY / "changing-safety-words.md").read_text(encoding="utf-8")
    table = page.partition("## The files")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(\w+\.yml)`", table)) - {"domain.yml"} == {
        path.name for path in (ROOT / "content" / "safety").glob("*.yml")
    }


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"(?s).*", "", "H1 is missing"),
        (r"### H17 ", "### ", "H17 is missing"),
        (r"(?s)\n### H18 .*", "\n", "fewer than 8"),
        (r"### H18 ", "### H1 ", "stands twice"),
        (r"\| Owner \| .* \|", "| Owner | |", "no Owner"),
        (r"\| Cause \| .* \|", "| Cause | – |", "no Cause"),
        (r"\| Before \| . × . = \d+ \|", "| Before | low |", "Before and After"),
        (r"\| Before \| . × . = \d+ \|", "| Before | 2 × 2 = 5 |", "Before and After"),
        (r"\| After \| . × . = \d+ \|", "| After | 5 × 5 = 25 |", "Before and After"),
        (r"\| Date \| .* \|", "| Date | soon |", "Date"),
        (r"\*\*partly\*\*: .* \|", "**partly** |", "say what is missing"),
        (r"\*\*partly\*\*", "**fine**", "Status"),
        (r"\| Evidence \| .* \|", "| Evidence | a look at it |", "no test says so"),
        (r"\| partly \|", "| controlled |", "the overview"),
    ],
)
def test_a_spoilt_log_is_noticed(old: str, new: str, says: str) -> None:
    """An empty log, a lost hazard or field, a wrong sum, a claim without a test: none goes by."""
    spoilt, changed = re.subn(old, new, log())
    assert changed
    assert any(says in problem for problem in problems(spoilt))
