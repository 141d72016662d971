"""`harbour explain`: which words and rules led to a verdict, for a clinician."""

from __future__ import annotations

from harbour.safety.reading import Evidence, Reading
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.verdict import BARS, DOUBT, Risk


def explained(reading: Reading, likelihood: dict[str, float] | None, risks: list[Risk]) -> str:
    """The verdict, every sign with its file, reason and context, and what the experts think."""
    lines = ["Verdict"]
    lines += [f"  {r.level}: {r.id}, about {r.about}, {r.when}; words: {r.words}" for r in risks] or ["  quiet"]
    lines += ["", "Signs (content/safety)"]
    lines += [line for id in SAFETY_IDS for e in reading.of(id) for line in _sign(e)] or ["  none"]
    lines += ["", "Experts"]
    if likelihood is None:
        lines.append("  not asked: signs alone decide, as in the gateway when the assistant is down")
    else:
        together = sum(likelihood.get(id, 0.0) for id in SAFETY_IDS)
        likely = sorted(SAFETY_IDS, key=lambda id: -likelihood.get(id, 0.0))[:3]
        lines.append(
            f"  any danger {together:.2f}; " + ", ".join(f"{id} {likelihood.get(id, 0.0):.2f}" for id in likely)
        )
        lines += [
            f"  without a sign: alarm from {BARS['quiet'].alarm}, check from {BARS['quiet'].check}",
            f"  with a weak sign: alarm from {BARS['check'].alarm}; where context takes a sign back: alarm from "
            f"{BARS['lowered'].alarm}, check from {BARS['lowered'].check}",
            f"  a strong sign is an alarm by itself, a check where the experts find danger below {DOUBT}",
        ]
    return "\n".join(lines)


def _sign(e: Evidence) -> list[str]:
    context = "; ".join(f"{name} ('{words}')" for name, words in zip(e.contexts, e.context_words)) or "none"
    return [
        f"  '{e.words}': {e.sign.id}, {e.sign.where}, level {e.sign.level}",
        f"    why: {e.sign.phrase.why}",
        f"    context: {context} -> {e.level}",
    ]
