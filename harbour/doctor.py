"""`harbour doctor`: what is set, what is missing, and what that switches off. Never a secret."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from harbour import settings

WITHOUT = {
    "HARBOUR_SECRET_KEY": "made and kept in var/secret-key at the first start",
    "HARBOUR_ASSISTANT_TOKEN": "made anew by `harbour serve`; a plain `rasa run` refuses every request without it",
    "DATABASE_URL": "SQLite in var/harbour.db",
    "HARBOUR_ENCODER": "the encoder that is installed with the assistant",
}


def _settings() -> Iterator[tuple[str, bool]]:
    yield "Settings (environment or .env):", True
    for setting, shown in settings.described():
        remark = f" – {WITHOUT[setting.name]}" if shown in ("", "unset") and setting.name in WITHOUT else ""
        yield f"  {setting.name} = {shown or '(default)'}{remark}  [{setting.help}]", True


def _environments(root: Path) -> Iterator[tuple[str, bool]]:
    for name, off in (("assistant", "nothing is answered"), ("gateway", "nobody can connect")):
        there = (root / f".venv-{name}" / "bin" / "python").exists()
        yield f"{name} environment: {'ready' if there else f'missing, so {off}. Run `make setup`'}", there


def _model(root: Path) -> tuple[str, bool]:
    models = sorted((root / "models").glob("harbour-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        return "trained model: none, so nothing is answered. Run `make train`", False
    return f"trained model: {models[-1].name} (`make train` tells whether it is up to date)", True


def _disk(root: Path) -> tuple[str, bool]:
    free = shutil.disk_usage(root).free / 1e9
    return f"disk: {free:.1f} GB free" + ("" if free > 1 else ", too little to train: make room"), free > 1


def _browser() -> tuple[str, bool]:
    found = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return f"browser for the tests: {'found' if found else 'none, so the browser tests fail. Install chromium'}", True


def diagnose(root: Path) -> Iterator[tuple[str, bool]]:
    """Lines to print, each with whether it is well."""
    yield from _settings()
    yield from _environments(root)
    yield _model(root)
    yield _disk(root)
    yield _browser()
