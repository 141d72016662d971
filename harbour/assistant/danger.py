"""`harbour danger`: what the safety screen makes of messages in danger, of look-alikes and of ordinary ones.

Messages in danger and look-alikes (traps) are those of tests/content/safety/, ordinary ones those of
tests/content/ whose topic is no danger. All were written apart from the training messages and the signs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

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


@dataclass
class Share:
    """How many of how many, and the messages that were not among them."""

    hits: int = 0
    of: int = 0
    rest: list[Seen] = field(default_factory=list)

    def add(self, hit: bool, seen: Seen) -> None:
        self.of += 1
        self.hits += hit
        if not hit:
            self.rest.append(seen)

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.hits}/{self.of})"


def read_cases(folder: Path) -> list[Case]:
    """The cases of tests/content: those of its folder `safety`, and the ordinary ones beside it."""
    cases = [_case(entry, path) for path in sorted((folder / "safety").glob("*.yml")) for entry in _entries(path)]
    for path in sorted(folder.glob("*.yml")):
        cases += [
            Case(entry["say"], ORDINARY, source=path.name)
            for entry in _entries(path)
            if entry["expect"]["topic"] not in SAFETY_IDS and not entry["expect"].get("not")
        ]
    return cases


def _entries(path: Path) -> list[dict]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or []


def _case(entry: dict, path: Path) -> Case:
    expect = entry["expect"]
    risk = tuple(expect.get("risk", ()))
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


@dataclass
class Figures:
    """Shares by danger, and of look-alikes and ordinary messages that are left in peace."""

    seen: dict[str, Share]
    alarm: dict[str, Share]
    any_alarm: dict[str, Share]
    about: Share
    traps_no_alarm: Share
    traps_quiet: Share
    ordinary_no_alarm: Share
    ordinary_no_check: Share


def figures(seen: Iterable[Seen]) -> Figures:
    """The figures over what the screen raised."""
    made = Figures(*({id: Share() for id in SAFETY_IDS} for _ in range(3)), *(Share() for _ in range(5)))
    for one in seen:
        for id in one.case.risk:
            made.seen[id].add(id in one.alarms + one.checks, one)
            made.alarm[id].add(id in one.alarms, one)
            made.any_alarm[id].add(bool(one.alarms), one)
        if one.case.about and one.about:
            made.about.add(one.about == one.case.about, one)
        if one.case.kind == TRAP:
            made.traps_no_alarm.add(not one.alarms, one)
            made.traps_quiet.add(not one.alarms and not one.checks, one)
        if one.case.kind == ORDINARY:
            made.ordinary_no_alarm.add(not one.alarms, one)
            made.ordinary_no_check.add(not one.checks, one)
    return made


def as_text(f: Figures) -> str:
    """The figures as a table for a terminal."""
    lines = [f"{'':22}{'seen':>18}{'alarm':>18}{'any alarm':>18}"]
    lines += [f"{id:22}{f.seen[id]!s:>18}{f.alarm[id]!s:>18}{f.any_alarm[id]!s:>18}" for id in SAFETY_IDS]
    lines += [
        "",
        f"about whom, of those seen          {f.about}",
        f"look-alikes without an alarm       {f.traps_no_alarm}",
        f"look-alikes without alarm or check {f.traps_quiet}",
        f"ordinary without an alarm          {f.ordinary_no_alarm}",
        f"ordinary without a check           {f.ordinary_no_check}",
    ]
    return "\n".join(lines)


def as_list(f: Figures) -> str:
    """The messages that came out wrong, for whoever mends signs: file, message, what was raised."""
    parts = {f"{id}: not seen": f.seen[id].rest for id in SAFETY_IDS}
    parts |= {"look-alike, alarm": f.traps_no_alarm.rest, "ordinary, alarm": f.ordinary_no_alarm.rest}
    parts |= {"ordinary, check": f.ordinary_no_check.rest}
    lines = []
    for title, rest in parts.items():
        lines.append(f"\n== {title}: {len(rest)}  {dict(Counter(s.case.source for s in rest))}")
        lines += [f"  {s.case.say}  -> {', '.join(s.alarms) or '-'} | {', '.join(s.checks) or '-'}" for s in rest]
    return "\n".join(lines)
