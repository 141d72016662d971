"""`harbour check` and `harbour doctor`: what is wrong is named by file, key and remedy; secrets never."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from harbour import checks, settings
from harbour.doctor import diagnose

ROOT = settings.ROOT
Check = Callable[[checks.Project], Iterator[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is checked, to be spoilt."""
    for name in ("content", "data", "tests/content"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(ROOT / "domain.yml", tmp_path)
    return tmp_path


def spoil(project: Path, file: str, old: str, new: str) -> None:
    """Replace the first occurrence of `old`, which must be there."""
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(project: Path, check: Check) -> list[str]:
    """What one check says of the project."""
    return list(check(checks._read(project)))


def test_the_project_as_it_is_has_no_problems() -> None:
    """Content, domain, data and evaluation messages fit together."""
    assert checks.check_project(ROOT) == []


SPOILT = [
    ("domain.yml", "eight weeks", "a while", checks.check_topics, ["utter_faq/implant_aftercare", "does not state"]),
    (
        "domain.yml",
        "  utter_beyond/pregnancy:",
        "  utter_beyond/x:",
        checks.check_topics,
        ["beyond/pregnancy", "write it"],
    ),
    ("domain.yml", "{emergency}", "{emergncy}", checks.check_responses, ["{emergncy} is unknown", "use one of"]),
    ("domain.yml", "call {emergency}", "call 999", checks.check_responses, ["'999' is typed by hand", "placeholder"]),
    ("domain.yml", "payload: /faq/", "payload: /fak/", checks.check_responses, ["/fak/", "correct it"]),
    ("domain.yml", "section: how-taken", "section: how-taking", checks.check_topics, ["how-taking", "make them agree"]),
    (
        "data/nlu.yml",
        "intent: faq/implant_pain",
        "intent: faq/implant_pian",
        checks.check_labels,
        ["implant_pian", "no topic"],
    ),
    (
        "content/guide.yml",
        "notes: [detox_first]",
        "notes: [detox]",
        checks.check_topics,
        ["utter_note_detox", "drop the note"],
    ),
    (
        "content/countries/CA.yml",
        "source: https://",
        "sauce: https://",
        checks.check_countries,
        ["CA.yml: crisis[0]", "add it"],
    ),
    ("content/safety/referral.yml", "why:", "because:", checks.check_phrases, ["referral.yml: entry 1", "no why"]),
    (
        "content/safety/followups.yml",
        "step: help_here",
        "step: help_heer",
        checks.check_followups,
        ["followups.yml: entry 1", "'help_heer' is none of"],
    ),
    (
        "content/safety/followups.yml",
        "traps: [",
        "traps: [the ambulance is here now, ",
        checks.check_followups,
        ["followups.yml: entry 1", "narrow the phrase"],
    ),
    (
        "domain.yml",
        "  utter_suicide_risk_no_call:",
        "  utter_suicide_risk_no_cal:",
        checks.check_followups,
        ["utter_suicide_risk_no_call", "write it"],
    ),
    (
        "domain.yml",
        "/suicide_risk/means",
        "/suicide_risk/meens",
        checks.check_responses,
        ["/suicide_risk/meens", "correct it"],
    ),
    ("content/lexicon.yml", "terms:", "terms:\n  opium: [smack]", checks.check_lexicon, ["'smack'", "keep one"]),
    (
        "content/safety/overdose_risk.yml",
        "kind: alone",
        "kind: lonely",
        checks.check_kinds,
        ["kind is lonely", "write one"],
    ),
    (
        "content/safety/two_names.yml",
        "kind: daily",
        "cind: daily",
        checks.check_kinds,
        ["kind is None", "write one of"],
    ),
    (
        "domain.yml",
        "_risk_alone:",
        "_risk_alonely:",
        checks.check_kinds,
        ["no utter_overdose_risk_alone:", "write the note"],
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "check", "says"), SPOILT, ids=[f"{s[0]}: {s[2]}" for s in SPOILT])
def test_what_is_wrong_is_named_with_its_remedy(
    project: Path, file: str, old: str, new: str, check: Check, says: list[str]
) -> None:
    """One spoilt place, at least one line that names it and says what to do."""
    spoil(project, file, old, new)
    found = problems(project, check)
    assert any(all(words in line for words in says) for line in found), found


def test_broken_yaml_is_one_line_with_its_number(project: Path) -> None:
    """The file and line are named, and nothing else is tried on files that cannot be read."""
    spoil(project, "domain.yml", "responses:\n", "responses:\n  x: [\n")
    found = checks.check_project(project)
    assert len(found) == 1 and found[0].startswith("domain.yml:") and "Mend the line" in found[0]


def test_a_missing_file_is_named(project: Path) -> None:
    """What is gone is named with a way to bring it back."""
    (project / "content" / "guide.yml").unlink()
    assert any("guide.yml" in line and "bring it back" in line for line in checks.check_project(project))


def test_an_evaluation_message_among_the_training_messages_is_found(project: Path) -> None:
    """Copying one across is noticed whatever its case and punctuation."""
    with (project / "tests" / "content" / "faq.yml").open("a", encoding="utf-8") as file:
        first = checks.read_examples(project / "data" / "nlu.yml")["faq/implant_pain"][0]
        file.write(f"\n- say: {first.upper()!r}\n  expect: {{topic: implant_pain}}\n")
    assert any("also a training example" in line for line in problems(project, checks.check_separation))


def test_a_number_not_checked_for_a_year_is_a_problem(project: Path) -> None:
    """Every contact of every country is overdue in two years' time."""
    read = checks._read(project)
    assert list(checks.check_countries(read, today=date(2026, 12, 1))) == []
    overdue = list(checks.check_countries(read, today=date(2028, 12, 1)))
    assert overdue and all("older than 365 days" in line and "confirm the number" in line for line in overdue)


def test_the_doctor_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is shown as set, never as what it is; other settings are shown."""
    monkeypatch.setenv("HARBOUR_SECRET_KEY", "very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:very-secret@h/d")
    monkeypatch.setenv("HARBOUR_PORT", "8123")
    told = "\n".join(line for line, _ in diagnose(ROOT))
    assert "very-secret" not in told and "8123" in told and "HARBOUR_SECRET_KEY = set" in told


def test_the_doctor_says_what_a_missing_part_switches_off(tmp_path: Path) -> None:
    """Without environments and model nothing works, and the remedy stands beside it."""
    lines = [line for line, good in diagnose(tmp_path) if not good]
    assert any("gateway environment" in line and "make setup" in line for line in lines)
    assert any("trained model" in line and "make train" in line for line in lines)
