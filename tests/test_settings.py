"""Settings are read once, from one place; what cannot be used is said in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harbour import settings


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No settings from this machine, and a project root of our own."""
    for setting in settings.SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    monkeypatch.setattr(settings, "load", settings.load.__wrapped__)
    return tmp_path


def test_without_anything_the_defaults_hold() -> None:
    """A clean clone needs no setting."""
    chosen = settings.load()
    assert (chosen.host, chosen.port, chosen.country, chosen.log_level) == ("127.0.0.1", 8000, "GB", "info")


def test_the_environment_wins_over_the_file(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` is read, with comments and quotes; a variable of the environment goes first."""
    (fresh / ".env").write_text("# ours\nHARBOUR_PORT=8111\nexport HARBOUR_COUNTRY='ie'\n", encoding="utf-8")
    assert (settings.load().port, settings.load().country) == (8111, "IE")
    monkeypatch.setenv("HARBOUR_PORT", "8222")
    assert settings.load().port == 8222


@pytest.mark.parametrize(
    ("name", "value"), [("HARBOUR_PORT", "eighty"), ("HARBOUR_PORT", "70000"), ("HARBOUR_LOG_LEVEL", "loud")]
)
def test_a_value_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Variable, value and what to write instead."""
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingsError, match=rf"{name}='{value}'.*write"):
        settings.load()


def test_a_broken_line_is_named_by_its_number(fresh: Path) -> None:
    """Neither a setting nor a comment."""
    (fresh / ".env").write_text("# fine\nHARBOUR_PORT 8111\n", encoding="utf-8")
    with pytest.raises(settings.SettingsError, match=r"\.env:2: write KEY=value"):
        settings.load()


@pytest.mark.parametrize(
    ("variables", "says"),
    [({"HARBOUR_PYTHON": "/bin/false"}, "HARBOUR_PYTHON=/bin/false is not a Python 3.10")],
)
def test_setup_refuses_a_wrong_python_in_one_sentence(variables: dict[str, str], says: str) -> None:
    """Before anything is made or removed."""
    script = Path(__file__).resolve().parent.parent / "scripts" / "setup.py"
    ended = subprocess.run(
        [sys.executable, str(script)], env={**os.environ, **variables}, capture_output=True, text=True
    )
    assert ended.returncode == 1 and says in ended.stderr and "Traceback" not in ended.stderr
