"""A Rasa developer's first command works: `rasa data validate` at the root has nothing to say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harbour import settings

# What Rasa 3.6 tells every project of this kind and nobody can mend, each with its reason.
UNCONDITIONAL = [
    r"Slot auto-fill has been removed in 3\.0",  # for every slot that is filled from an entity
    r"site-packages/.*DeprecationWarning",  # of the libraries Rasa pins; sanic switches them on when imported
    r"duplicated intents have been found across multiple domain files: beyond, faq",  # it adds retrieval intents by itself
]


def unexplained(output: str) -> list[str]:
    """The lines that warn of something, but for the unconditional ones."""
    lines = [line for line in output.splitlines() if re.search(r"warning|error", line, re.IGNORECASE)]
    return [line for line in lines if not any(re.search(known, line) for known in UNCONDITIONAL)]


@pytest.fixture(scope="module")
def validation(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The command as a developer types it."""
    environment = {
        **os.environ,
        "LOG_LEVEL": "INFO",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "HOME": str(tmp_path_factory.mktemp("home")),
    }
    command = [sys.executable, "-m", "rasa", "data", "validate"]
    return subprocess.run(command, cwd=settings.ROOT, env=environment, capture_output=True, text=True, timeout=180)


def test_rasa_finds_nothing_wrong_with_the_project(validation: subprocess.CompletedProcess[str]) -> None:
    """It ends well, warns of nothing, and has looked at intents, utterances and stories."""
    output = validation.stdout + validation.stderr
    assert validation.returncode == 0, output
    assert unexplained(output) == []
    for looked_at in ("Validating intents", "Validating utterances", "No story structure conflicts found"):
        assert looked_at in output


def test_another_warning_would_be_noticed() -> None:
    """Only the notices named here are passed over."""
    warning = "UserWarning: The intent 'x' is listed in the domain file, but is not found in the NLU training data."
    assert unexplained(f"INFO fine\n{warning}\nUserWarning: Slot auto-fill has been removed in 3.0 and replaced") == [
        warning
    ]


def test_the_standard_files_stand_where_rasa_looks() -> None:
    """The layout every Rasa developer knows."""
    for name in (
        "config.yml",
        "domain.yml",
        "endpoints.yml",
        "credentials.yml",
        "data/nlu.yml",
        "data/stories.yml",
        "data/rules.yml",
        "actions/__init__.py",
    ):
        assert (settings.ROOT / Path(name)).is_file(), name
