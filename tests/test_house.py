"""The house rules that a machine can hold: layers, sizes, documents, nothing left from a workshop."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from harbour.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
PURE = ("text", "safety", "guide", "contacts")
HEAVY = (
    "rasa",
    "rasa_sdk",
    "tensorflow",
    "onnxruntime",
    "sklearn",
    "starlette",
    "socketio",
    "sqlalchemy",
    "httpx",
    "uvicorn",
)
FORBIDDEN = {
    **{f"harbour/{name}": ("harbour.assistant", "harbour.gateway", "harbour.store", *HEAVY) for name in PURE},
    "harbour/assistant": ("harbour.gateway", "harbour.store", "starlette", "sqlalchemy"),
    "actions": ("harbour.gateway", "harbour.store", "harbour.assistant", "rasa."),
    "harbour/gateway": ("harbour.assistant", "rasa", "rasa_sdk", "tensorflow"),
    "harbour/store": ("harbour.assistant", "rasa", "rasa_sdk", "tensorflow", "starlette"),
}


def tracked(*patterns: str) -> list[Path]:
    """Files that git tracks or would track, as they are in the working tree."""
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in found.stdout.splitlines() if (ROOT / line).exists()]


def imported(path: Path) -> set[str]:
    """Names of all modules that a file imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_imports_point_inwards(folder: str) -> None:
    """No layer imports what lies outside it."""
    files = tracked(f"{folder}/*.py")
    assert files
    for path in files:
        for name in imported(path):
            wrong = [f for f in FORBIDDEN[folder] if name == f.rstrip(".") or name.startswith(f.rstrip(".") + ".")]
            assert not wrong, f"{path.relative_to(ROOT)} imports {name}"


def test_modules_stay_small() -> None:
    """No module of the product is longer than about three hundred lines."""
    long = {
        p.relative_to(ROOT): n
        for p in tracked("*.py", "*.js")
        if "vendor" not in p.parts
        and (n := len(p.read_text(encoding="utf-8").splitlines())) > 320
        and "tests" not in p.parts
    }
    assert not long, f"split where there are two subjects: {long}"


@pytest.mark.parametrize("setting", [s.name for s in SETTINGS])
def test_every_setting_is_documented(setting: str) -> None:
    """The operator's page names each setting."""
    assert f"`{setting}`" in (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")


def test_every_command_is_documented() -> None:
    """The operator's page names each `harbour` command and the README the two that start it all."""
    commands = re.findall(r"@app\.command\(\)\ndef (\w+)", (ROOT / "harbour" / "cli.py").read_text(encoding="utf-8"))
    assert len(commands) >= 7
    page = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    assert [c for c in commands if f"`harbour {c}" not in page] == []
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme and "make test" in readme


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link of README and docs names a file that exists."""
    for page in tracked("*.md"):
        if "vendor" in page.parts:
            continue
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_nothing_depends_on_a_workshop() -> None:
    """No file names a folder outside the repository that a user's machine does not have."""
    outside = re.compile(r"\.\./sha" + r"red|(?<![a-z])/wo" + r"rk/|(?<![a-z])/ro" + r"ot/")
    for path in tracked():
        if path.suffix in {".png", ".lock", ".safetensors", ".onnx"} or "vendor" in path.parts:
            continue
        found = outside.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{path.relative_to(ROOT)} names {found[0] if found else ''}"
