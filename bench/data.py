"""The training messages that both sides get."""

from __future__ import annotations

import random
from pathlib import Path

import yaml

SEED = 20


def sampled(examples: dict[str, list[str]], most: int) -> dict[str, list[str]]:
    """At most `most` messages a leaf, drawn the same way every time; all of them for 0."""
    if not most:
        return examples
    draw = random.Random(SEED)
    return {leaf: draw.sample(says, min(most, len(says))) for leaf, says in examples.items()}


def write_nlu(examples: dict[str, list[str]], path: Path) -> None:
    """Write them as a Rasa NLU file."""
    entries = [{"intent": leaf, "examples": "".join(f"- {say}\n" for say in says)} for leaf, says in examples.items()]
    text = yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True, sort_keys=False, width=10**6)
    path.write_text(text, encoding="utf-8")
