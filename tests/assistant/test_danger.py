"""The figures of the safety screen."""

from __future__ import annotations

from pathlib import Path

import yaml

from harbour.assistant.danger import DANGER, ORDINARY, TRAP, Case, Seen, as_list, as_text, figures, read_cases


def seen(kind: str, alarms: str = "", checks: str = "", risk: str = "", about: str = "", taken: str = "") -> Seen:
    """What came of a message; ids separated by blanks."""
    case = Case(f"{kind} {risk} {alarms}", kind, tuple(risk.split()), about, "x.yml")
    return Seen(case, tuple(alarms.split()), tuple(checks.split()), taken)


def test_a_danger_counts_under_its_own_id() -> None:
    """Seen as alarm or check of that id; an alarm of another id is any alarm only."""
    found = figures(
        [
            seen(DANGER, alarms="suicide_risk", risk="suicide_risk", about="self", taken="self"),
            seen(DANGER, checks="suicide_risk", risk="suicide_risk", about="other", taken="self"),
            seen(DANGER, alarms="drug_seeking", risk="suicide_risk"),
            seen(DANGER, risk="suicide_risk relapse_disclosure", checks="relapse_disclosure"),
        ]
    )
    suicide, relapse = found.dangers["suicide_risk"], found.dangers["relapse_disclosure"]
    assert (suicide.seen.hits, suicide.seen.of) == (2, 4)
    assert (suicide.alarm.hits, suicide.any_alarm.hits) == (1, 2)
    assert (relapse.seen.hits, relapse.seen.of) == (1, 1)
    assert (found.about.hits, found.about.of) == (1, 2)


def test_look_alikes_and_ordinary_messages_count_by_what_disturbs_them() -> None:
    """An alarm of any kind counts against both, a check only as such."""
    found = figures(
        [
            seen(TRAP, alarms="drug_seeking"),
            seen(TRAP, checks="drug_seeking"),
            seen(ORDINARY),
            seen(ORDINARY, checks="suicide_risk"),
        ]
    )
    assert (found.traps_no_alarm.hits, found.traps_quiet.hits, found.traps_no_alarm.of) == (1, 0, 2)
    assert (found.ordinary_no_alarm.hits, found.ordinary_no_check.hits, found.ordinary_no_check.of) == (2, 1, 2)


def test_the_table_names_every_figure_and_the_list_every_error() -> None:
    """Nothing to divide by is no error; what came out wrong can be read."""
    came = [seen(TRAP, alarms="drug_seeking")]
    assert "suicide_risk" in as_text(figures(came)) and "0.000 (0/1)" in as_text(figures(came))
    assert "x.yml: trap  drug_seeking  -> drug_seeking | -" in as_list(came)


def test_cases_are_read_with_their_kinds(tmp_path: Path) -> None:
    """Danger, look-alike and ordinary, from the folder `safety` and from beside it, where a topic tells."""
    (tmp_path / "safety").mkdir()
    inside = [
        {"say": "a", "expect": {"risk": ["suicide_risk"], "about": "self"}},
        {"say": "b", "expect": {"not": ["suicide_risk"]}},
        {"say": "c", "expect": {"not": []}},
    ]
    beside = [
        {"say": "d", "expect": {"topic": "dosage"}},
        {"say": "e", "expect": {"topic": "suicide_risk"}},
        {"say": "f", "expect": {"topic": "dosage", "not": "suicide_risk"}},
    ]
    (tmp_path / "safety" / "x.yml").write_text(yaml.safe_dump(inside))
    (tmp_path / "y.yml").write_text(yaml.safe_dump(beside))
    assert [(c.say, c.kind, c.risk, c.about) for c in read_cases(tmp_path)] == [
        ("a", DANGER, ("suicide_risk",), "self"),
        ("b", TRAP, (), ""),
        ("c", ORDINARY, (), ""),
        ("d", ORDINARY, (), ""),
        ("e", DANGER, ("suicide_risk",), ""),
        ("f", TRAP, (), ""),
    ]
