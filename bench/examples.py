"""The training examples as JSON lines for bench.tune: `python -m bench.examples > examples.jsonl`."""

from __future__ import annotations

import json
import sys

import yaml

from harbour import settings
from harbour.assistant.topics import readable
from harbour.safety.signs import SAFETY_IDS


def main() -> None:
    """One line an example: the text as the encoder sees it, its leaf, its dangers, about whom."""
    data = yaml.load((settings.ROOT / "data" / "nlu.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for block in data["nlu"]:
        leaf = block["intent"]
        known = {
            "leaf": leaf,
            "dangers": [leaf] if leaf in SAFETY_IDS else [],
            "about": (block.get("metadata") or {}).get("about", ""),
        }
        for line in block["examples"].splitlines():
            json.dump({"text": readable(line.removeprefix("- ")), **known}, sys.stdout, ensure_ascii=False)
            print()


if __name__ == "__main__":
    main()
