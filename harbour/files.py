"""The project's YAML files, before anybody tries to understand them."""

from __future__ import annotations

from pathlib import Path

import yaml

SERVED = ("*.yml", "content/**/*.yml")
ALL = (*SERVED, "data/*.yml", "tests/content/*.yml")


def broken_files(root: Path, patterns: tuple[str, ...] = ALL) -> list[str]:
    """One line for each YAML file that cannot be read at all: file, line, what is wrong, what to do."""
    problems = []
    for path in [path for pattern in patterns for path in root.glob(pattern)]:
        try:
            yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f":{mark.line + 1}" if mark else ""
            what = getattr(error, "problem", None) or "not UTF-8 text"
            problems.append(f"{path.relative_to(root)}{where}: {what}. Mend the line: indentation, quotes, colons.")
    return problems
