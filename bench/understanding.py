"""`make bench`: our understanding beside stock Rasa's, on the same data, in one run.

Both sides are trained from nothing on the same messages of `data/nlu.yml`, into a temporary folder,
and asked the same messages of `tests/content`. Each training and each serving runs in a process of
its own, so that memory and start-up are honest. Only the understanding (Rasa's NLU) is compared: no
dialogue policies on either side.

One epoch of stock Rasa over all messages takes minutes on two cores and `rasa init` sets a hundred, so by
default both sides learn from the same few messages a topic and stock Rasa gets all its epochs. The table
says so. `--sample 0` takes all messages; `--epochs 3` makes that bearable, and stock Rasa worse.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from bench.data import sampled, write_nlu
from bench.figures import Row, markdown, rows, scores, text
from harbour import settings
from harbour.assistant.cases import Case, EvaluationError, read_cases
from harbour.checks import read_examples

SIDES = ("stock", "ours")
REPORTS = settings.ROOT / "reports"
RASA_EPOCHS = 100  # what `rasa init` sets
DEFAULT_SAMPLE = 10  # messages a topic: a run ends in about twenty minutes on two cores
SIGN_OF_LIFE = 30  # seconds
LAST_WORDS = 20  # lines of a log shown when a process fails


class BenchError(RuntimeError):
    """The comparison cannot be made; the message says why."""


def config_of(side: str, epochs: int) -> dict[str, Any]:
    """The side's configuration: ours is the project's own, stock's is `rasa init`'s with `epochs`."""
    path = settings.ROOT / ("config.yml" if side == "ours" else "bench/stock.yml")
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    for component in config["pipeline"]:
        if side == "stock" and "epochs" in component:
            component["epochs"] = epochs
    return config


def run_side(what: str, side: str, folder: Path) -> dict[str, Any]:
    """Train or serve a side in its own process. Raises BenchError with its last words when it fails."""
    environment = {
        **os.environ,
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),  # nothing of an earlier training is taken over
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RASA_TELEMETRY_ENABLED": "false",
    }
    command = [sys.executable, "-W", "ignore", "-m", "bench.side", what, side, str(folder), str(time.time())]
    log = folder / f"{what}.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=settings.ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
        _wait(process, f"{side}: {what}")
    if process.returncode:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_WORDS:])
        raise BenchError(f"{last}\n{what} {side} ended with status {process.returncode}; its last words stand above.")
    return json.loads((folder / f"{what}.json").read_text(encoding="utf-8"))


def _wait(process: subprocess.Popen[bytes], told: str) -> None:
    """Until it has ended, with a sign of life on standard error; it is ended with us."""
    started = time.monotonic()
    try:
        while process.poll() is None:
            print(f"{told}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SIGN_OF_LIFE)
    finally:
        if process.poll() is None:
            process.kill()


def measure_side(
    side: str, cases: list[Case], examples: dict[str, list[str]], epochs: int, root: Path
) -> dict[str, Any]:
    """Everything we measure of one side, as plain figures."""
    folder = root / side
    folder.mkdir()
    (folder / "config.yml").write_text(yaml.safe_dump(config_of(side, epochs), sort_keys=False), encoding="utf-8")
    write_nlu(examples, folder / "nlu.yml")
    (folder / "messages.json").write_text(json.dumps([case.say for case in cases]), encoding="utf-8")
    trained = run_side("train", side, folder)
    print(f"{side}: trained in {trained['seconds']:.0f} s", file=sys.stderr)
    served = run_side("serve", side, folder)
    return scores(cases, trained, served) | {"model_mb": (folder / "model.tar.gz").stat().st_size / 2**20}


def conditions(args: argparse.Namespace, examples: dict[str, list[str]], cases: list[Case]) -> list[str]:
    """What was compared with what, in sentences: stands above every table."""
    reduced = (
        "all messages of data/nlu.yml" if not args.sample else f"at most {args.sample} messages a topic of data/nlu.yml"
    )
    epochs = f"{args.epochs} epochs" + (
        "" if args.epochs == RASA_EPOCHS else f" instead of its {RASA_EPOCHS}, to end in reasonable time"
    )
    return [
        f"Both sides: {reduced} ({sum(map(len, examples.values())):,} over {len(examples)} topics); "
        f"{len(cases)} messages of tests/content; understanding alone, without policies or actions.",
        f"Stock: the pipeline that `rasa init` gives (bench/stock.yml), {epochs}. Ours: config.yml.",
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}.",
    ]


def write_reports(told: list[str], table: list[Row], sides: dict[str, Any], args: argparse.Namespace) -> None:
    """`reports/bench.json` and `reports/bench.md`."""
    REPORTS.mkdir(exist_ok=True)
    data = {"conditions": told, "epochs": args.epochs, "sample": args.sample, "sides": sides}
    (REPORTS / "bench.json").write_text(json.dumps(data, indent=2), encoding="utf-8")
    (REPORTS / "bench.md").write_text(markdown(told, table), encoding="utf-8")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.understanding", description="Our understanding beside stock Rasa's."
    )
    parser.add_argument(
        "--epochs",
        type=int,
        default=RASA_EPOCHS,
        help="epochs of stock Rasa's training (rasa init: 100, which takes hours on all the data) [%(default)s]",
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=DEFAULT_SAMPLE,
        help="at most so many training messages a topic, on both sides; 0: all [%(default)s]",
    )
    args = parser.parse_args()
    if args.epochs < 1 or args.sample < 0:
        parser.error("--epochs must be at least 1, --sample at least 0")
    return args


def main() -> int:
    """Measure, print, write. 1 when a side cannot be trained or served, 2 when a file cannot be read."""
    args = read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the side's process ends with us
    try:
        cases = read_cases([settings.ROOT / "tests" / "content"])
        examples = sampled(read_examples(settings.ROOT / "data" / "nlu.yml"), args.sample)
        with tempfile.TemporaryDirectory(prefix="harbour-bench-") as root:
            sides = {side: measure_side(side, cases, examples, args.epochs, Path(root)) for side in SIDES}
    except (BenchError, EvaluationError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, EvaluationError) else 1
    told, table = conditions(args, examples, cases), rows(sides)
    print(text(told, table))
    write_reports(told, table, sides, args)
    print("\nThe same in reports/bench.md and reports/bench.json", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
