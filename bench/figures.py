"""From what a side understood to the figures and tables of the comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harbour.assistant.cases import Case, group_of_topics

GROUPS = {
    "FAQ": "faq",
    "beyond the guide": "beyond",
    "conversation": "chat",
    "danger": "safety",
    "out of scope": "out_of_scope",
}


@dataclass(frozen=True)
class Row:
    """One line of the table: what, and its ready figures for stock and ours."""

    what: str
    stock: str
    ours: str


def _accuracy(cases: list[Case], leaves: list[str], group: str = "") -> float:
    """Share of the messages (of a group) whose leaf is the expected topic; nan for a group without messages."""
    right = [
        leaf.split("/")[-1] == case.topic
        for case, leaf in zip(cases, leaves)
        if not group or group_of_topics()[case.topic] == group
    ]
    return float(np.mean(right)) if right else float("nan")


def scores(cases: list[Case], trained: dict[str, Any], served: dict[str, Any]) -> dict[str, Any]:
    """A side's figures: shares from 0 to 1, times in seconds or as named, memory in MB."""
    milliseconds = 1000 * np.array(served["seconds"])
    return {
        "accuracy": {name: _accuracy(cases, served["leaves"], group) for name, group in GROUPS.items()}
        | {"all topics": _accuracy(cases, served["leaves"])},
        "accuracy_without_fallback": {
            "FAQ": _accuracy(cases, served["best"], "faq"),
            "all topics": _accuracy(cases, served["best"]),
        },
        "fallback": served["leaves"].count("nlu_fallback") / len(cases),
        "parse_ms": {"p50": float(np.percentile(milliseconds, 50)), "p99": float(np.percentile(milliseconds, 99))},
        "training_seconds": trained["seconds"],
        "training_peak_mb": trained["peak_mb"],
        "ready_seconds": served["ready_seconds"],
        "serving_peak_mb": served["peak_mb"],
    }


def rows(sides: dict[str, dict[str, Any]]) -> list[Row]:
    """The lines of the table."""

    def row(what: str, get: Callable[[dict[str, Any]], float], form: str) -> Row:
        return Row(what, format(get(sides["stock"]), form), format(get(sides["ours"]), form))

    names = [*GROUPS, "all topics"]
    return [
        *(row(f"accuracy, {name}", lambda s, n=name: s["accuracy"][n], ".3f") for name in names),
        *(
            row(
                f"accuracy if the fallback is ignored, {name}",
                lambda s, n=name: s["accuracy_without_fallback"][n],
                ".3f",
            )
            for name in ("FAQ", "all topics")
        ),
        row("fell back", lambda s: s["fallback"], ".3f"),
        row("parse, half below (ms)", lambda s: s["parse_ms"]["p50"], ".1f"),
        row("parse, 99 in 100 below (ms)", lambda s: s["parse_ms"]["p99"], ".1f"),
        row("training (s)", lambda s: s["training_seconds"], ".0f"),
        row("training, peak memory (MB)", lambda s: s["training_peak_mb"], ".0f"),
        row("start to first answer (s)", lambda s: s["ready_seconds"], ".1f"),
        row("serving, peak memory (MB)", lambda s: s["serving_peak_mb"], ".0f"),
        row("model file (MB)", lambda s: s["model_mb"], ".1f"),
    ]


def text(told: list[str], table: list[Row]) -> str:
    """The comparison for a terminal."""
    lines = [Row("", "stock Rasa", "ours"), *table]
    width = [max(len(getattr(line, field)) for line in lines) for field in ("what", "stock", "ours")]
    body = [f"{r.what:<{width[0]}}  {r.stock:>{width[1]}}  {r.ours:>{width[2]}}" for r in lines]
    return "\n".join([*told, "", *body])


def markdown(told: list[str], table: list[Row]) -> str:
    """The comparison as a page."""
    body = "\n".join(f"| {r.what} | {r.stock} | {r.ours} |" for r in table)
    return "\n\n".join(
        ["# Understanding: stock Rasa and ours", *told, f"| | stock Rasa | ours |\n|---|---:|---:|\n{body}\n"]
    )
