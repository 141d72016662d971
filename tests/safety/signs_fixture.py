"""A small folder of signs and contexts, so that the tests of the reader do not depend on the product's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from harbour.safety.reading import SignReader
from harbour.safety.signs import SAFETY_IDS

TOLD = {"why": "a test", "examples": ["x"], "traps": ["y"]}


def write_folder(folder: Path, signs: dict[str, list[dict[str, Any]]], context: list[dict[str, Any]]) -> Path:
    """Write the files of a folder like content/safety; dangers without entries get an empty file."""
    for id in SAFETY_IDS:
        entries = [{**TOLD, **entry} for entry in signs.get(id, [])]
        (folder / f"{id}.yml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    rules = [{**TOLD, **rule} for rule in context]
    (folder / "context.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    (folder / "words.yml").write_text(yaml.safe_dump({"he": ["he", "she"]}), encoding="utf-8")
    return folder


SIGNS = {
    "emergency_overdose": [
        {"together": ["({he}|i)", "not breathing"]},
        {"phrase": "overdose*"},
        {"phrase": "very sleepy", "level": "check"},
        {"phrase": "needle in my arm", "about": "self"},
    ],
    "suicide_risk": [{"phrase": "want to die"}, {"phrase": "suicidal", "despite": ["negated"]}],
    "relapse_disclosure": [{"phrase": "used heroin"}],
}
CONTEXT = [
    {"phrase": "(not|never)", "context": "negated", "reach": 4},
    {"phrase": "years ago", "context": "past", "direction": "both"},
    {"phrase": "what if", "context": "hypothetical"},
    {"phrase": "is fine now", "context": "over", "direction": "both", "reach": "message"},
    {"phrase": "in a film", "context": "general", "direction": "backward", "reach": 6},
    {"phrase": "want to die laughing", "context": "figure"},
    {"phrase": "(but|now)", "context": "stop"},
]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> SignReader:
    """A reader over SIGNS and CONTEXT."""
    return SignReader(write_folder(tmp_path_factory.mktemp("safety"), SIGNS, CONTEXT))
