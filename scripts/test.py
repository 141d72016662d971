"""Runs every test in the environment it belongs to. The last line is pytest's own summary."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What must hold on both sides runs in both; the rest where its libraries are.
PURE = ["tests/text", "tests/safety", "tests/guide", "tests/contacts"]
RUNS = {
    "assistant": PURE + ["tests/content", "tests/actions", "tests/assistant", "tests/conversations", "tests/bench"],
    "gateway": PURE
    + [
        "tests/store",
        "tests/gateway",
        "tests/test_serve.py",
        "tests/test_settings.py",
        "tests/test_checks.py",
        "tests/test_house.py",
        "tests/test_hazards.py",
        "tests/browser",
    ],
}


def main():
    """0 when both runs passed. Arguments go to pytest."""
    codes = []
    for name, paths in RUNS.items():
        missing = [path for path in paths if not (ROOT / path).exists()]
        if missing:
            print("No tests at %s: a part of the repository is missing." % ", ".join(missing), file=sys.stderr)
            return 1
        print("\nTests of the %s side" % name, flush=True)
        python = ROOT / (".venv-" + name) / "bin" / "python"
        codes.append(subprocess.call([str(python), "-m", "pytest", "-q", *paths, *sys.argv[1:]], cwd=str(ROOT)))
        sys.stdout.flush()
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
