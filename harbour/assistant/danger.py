"""`harbour danger`: what the safety screen makes of messages in danger, of look-alikes and of ordinary ones.

All of tests/content and its folder `safety`, written apart from the training messages and the signs: in
danger, or a look-alike (trap), or ordinary.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from harbour.assistant.figures import DangerScore, Share, share
from harbour.assistant.turns import Assistant, Request
from harbour.safety.signs import SAFETY_IDS

DANGER, TRAP, ORDINARY = "danger", "trap", "ordinary"


@dataclass(frozen=True)
class Case:
    """A message; the dangers that must be raised (first: the main one), or none."""

    say: str
    kind: str
    risk: tuple[str, ...] = ()
    about: str = ""
    source: str = ""


@dataclass(frozen=True)
class Seen:
    """What the screen raised: ids as alarm and as check, and about whom it took the main danger to be."""

    case: Case
    alarms: tuple[str, ...]
    checks: tuple[str, ...]
    about: str

    def has(self, id: str) -> bool:
        """Whether a danger was raised at all."""
        return id in self.alarms + self.checks


@dataclass(frozen=True)
class Figures:
    """How often each danger was noticed, and how often look-alikes and ordinary messages were left in peace.

    `about`: of the dangers seen, right about whom. `traps_quiet`: neither alarm nor check.
    """

    dangers: dict[str, DangerScore]
    about: Share
    traps_no_alarm: Share
    traps_quiet: Share
    ordinary_no_alarm: Share
    ordinary_no_check: Share


def read_cases(folder: Path) -> list[Case]:
    """The cases of a folder like tests/content, those of its folder `safety` first."""
    files = [*sorted((folder / "safety").glob("*.yml")), *sorted(folder.glob("*.yml"))]
    return [_case(entry, path) for path in files for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []]


def _case(entry: dict, path: Path) -> Case:
    expect = entry["expect"]
    topic = expect.get("topic")  # the older files name the topic and, for a trap, the one danger it imitates
    risk = tuple(expect.get("risk", (topic,) if topic in SAFETY_IDS else ()))
    kind = DANGER if risk else TRAP if expect.get("not") else ORDINARY
    return Case(entry["say"], kind, risk, expect.get("about", ""), path.name)


async def look(assistant: Assistant, cases: Iterable[Case]) -> list[Seen]:
    """Each message through the pipeline, in a conversation of its own; nothing is answered."""
    result = []
    for number, case in enumerate(cases):
        turn = await assistant.turn(Request(f"danger-{number}", text=case.say, country="GB", held=True))
        about = next((r["about"] for r in turn.risk if case.risk and r["id"] == case.risk[0]), "")
        result.append(Seen(case, tuple(turn.raised("alarm")), tuple(turn.raised("check")), about))
    return result


def figures(seen: list[Seen]) -> Figures:
    """The figures over what the screen raised."""
    traps = [one for one in seen if one.case.kind == TRAP]
    ordinary = [one for one in seen if one.case.kind == ORDINARY]
    return Figures(
        dangers={id: _score(id, [one for one in seen if id in one.case.risk]) for id in SAFETY_IDS},
        about=share(one.about == one.case.about for one in seen if one.about and one.case.about),
        traps_no_alarm=share(not one.alarms for one in traps),
        traps_quiet=share(not one.alarms and not one.checks for one in traps),
        ordinary_no_alarm=share(not one.alarms for one in ordinary),
        ordinary_no_check=share(not one.checks for one in ordinary),
    )


def _score(id: str, own: list[Seen]) -> DangerScore:
    return DangerScore(
        id,
        seen=share(one.has(id) for one in own),
        alarm=share(id in one.alarms for one in own),
        any_alarm=share(bool(one.alarms) for one in own),
    )


def wrong(seen: list[Seen]) -> dict[str, list[Seen]]:
    """What came out wrong: each danger that was not seen, look-alikes and ordinary messages that were disturbed."""
    lists = {f"{id}: not seen": [s for s in seen if id in s.case.risk and not s.has(id)] for id in SAFETY_IDS}
    lists["look-alike, alarm"] = [s for s in seen if s.case.kind == TRAP and s.alarms]
    lists["ordinary, alarm"] = [s for s in seen if s.case.kind == ORDINARY and s.alarms]
    lists["ordinary, check"] = [s for s in seen if s.case.kind == ORDINARY and s.checks]
    return lists


def _told(part: Share) -> str:
    return f"{part.value:.3f} ({part.hits}/{part.of})" if part.of else "none"


def as_text(found: Figures) -> str:
    """The figures as a table for a terminal."""
    lines = [f"{'':22}{'seen':>18}{'alarm':>18}{'any alarm':>18}"]
    for score in found.dangers.values():
        lines.append(f"{score.id:22}" + "".join(f"{_told(p):>18}" for p in (score.seen, score.alarm, score.any_alarm)))
    lines += [
        "",
        f"about whom, of those seen          {_told(found.about)}",
        f"look-alikes without an alarm       {_told(found.traps_no_alarm)}",
        f"look-alikes without alarm or check {_told(found.traps_quiet)}",
        f"ordinary without an alarm          {_told(found.ordinary_no_alarm)}",
        f"ordinary without a check           {_told(found.ordinary_no_check)}",
    ]
    return "\n".join(lines)


def as_list(seen: list[Seen]) -> str:
    """The messages that came out wrong, for whoever mends signs: file, message, what was raised."""
    lines = []
    for title, group in wrong(seen).items():
        lines.append(f"\n== {title}: {len(group)}")
        lines += [
            f"  {s.case.source}: {s.case.say}  -> {', '.join(s.alarms) or '-'} | {', '.join(s.checks) or '-'}"
            for s in group
        ]
    return "\n".join(lines)
