"""One side of the comparison, in a process of its own.

`python -m bench.side train|serve SIDE FOLDER STARTED`: SIDE is `stock` or `ours`; FOLDER holds `config.yml`, `nlu.yml` and, for `serve`, the trained `model.tar.gz` and
`messages.json`, a list of texts. STARTED is the time at which the caller started the process, in
seconds since the epoch. The result is written to `train.json` or `serve.json` in FOLDER.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from harbour import settings
from harbour.assistant.launcher import configure_logging

WARM_UP = 20  # messages
RETRIEVAL = ("faq", "beyond")


def peak_mb() -> float:
    """The most memory this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # macOS counts bytes, Linux KiB


def train(folder: Path) -> dict[str, Any]:
    """Train on `nlu.yml`; the time is the training's alone, without starting Python and Rasa."""
    from rasa.model_training import train_nlu

    started = time.monotonic()
    made = train_nlu(
        config=str(folder / "config.yml"),
        nlu_data=str(folder / "nlu.yml"),
        output=str(folder),
        fixed_model_name="model",
        domain=str(settings.ROOT / "domain.yml"),
    )
    if made is None:
        raise SystemExit("Rasa could not train; its message stands above.")
    return {"seconds": time.monotonic() - started, "peak_mb": peak_mb()}


def _leaf(intent: str, selected: dict[str, Any]) -> str:
    """The intent, or for questions the response chosen: `faq/dosage`."""
    if intent not in RETRIEVAL:
        return intent
    choice = selected.get(intent) or selected.get("default") or {}
    return str(choice.get("response", {}).get("intent_response_key") or intent)


def understood(parsed: dict[str, Any]) -> tuple[str, str]:
    """The leaf of a parse, and the leaf if the fallback were ignored."""
    intent = parsed["intent"]["name"] or ""
    best = intent
    if intent == "nlu_fallback":
        best = next((i["name"] for i in parsed.get("intent_ranking", []) if i["name"] != "nlu_fallback"), "")
    selected = parsed.get("response_selector") or {}
    return _leaf(intent, selected), _leaf(best, selected)


async def _parse_all(agent: Any, texts: list[str]) -> dict[str, Any]:
    for text in texts[:WARM_UP]:
        await agent.parse_message(text)
    leaves, best, seconds = [], [], []
    for text in texts:
        started = time.perf_counter()
        parsed = await agent.parse_message(text)
        seconds.append(time.perf_counter() - started)
        leaf, without_fallback = understood(parsed)
        leaves.append(leaf)
        best.append(without_fallback)
    return {"leaves": leaves, "best": best, "seconds": seconds}


def serve(folder: Path, started: float, side: str) -> dict[str, Any]:
    """Load the model, answer a first message (then it is ready), parse all messages one by one."""
    if side == "ours":  # as our launcher does: before Rasa, or loading it later takes longer (docs/decisions/0002)
        import skops.io  # noqa: F401
    from rasa.core.agent import Agent

    agent = Agent()
    agent.load_model(str(folder / "model.tar.gz"))
    asyncio.run(agent.parse_message("hello"))
    ready = time.time() - started
    texts = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    return {"ready_seconds": ready, **asyncio.run(_parse_all(agent, texts)), "peak_mb": peak_mb()}


def main() -> None:
    """Do what the first argument says."""
    what, side, folder, started = sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4])
    configure_logging()
    result = train(folder) if what == "train" else serve(folder, started, side)
    (folder / f"{what}.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
