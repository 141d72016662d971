"""What `harbour answer`, `harbour chat` and `harbour evaluate` do, over a loaded assistant."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harbour.assistant.launcher import configure_logging
from harbour.assistant.training import TrainingError

if TYPE_CHECKING:  # Rasa must not be imported before `_load` has prepared for it
    from harbour.assistant.turns import Assistant


def _load() -> Assistant:
    configure_logging()
    import skops.io  # noqa: F401 - before Rasa, or loading it later takes ten seconds more (docs/decisions/0002)

    from harbour.assistant.local import load_assistant

    return load_assistant()


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[str]]:
    if str(path) == "-":
        yield iter(sys.stdin)
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        yield iter(file)


def answer_file(path: Path) -> int:
    """Print one JSON line for each line of the file. 0, or 1 if a line was no valid input or there is no model."""
    from harbour.assistant.answering import answer_lines, as_line

    async def run(assistant: Assistant) -> bool:
        bad = False
        with _lines(path) as lines:
            async for result in answer_lines(assistant, lines):
                bad = bad or "error" in result
                print(as_line(result), flush=True)
        return bad

    try:
        return int(asyncio.run(run(_load())))
    except TrainingError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        return 1


def chat(country: str) -> int:
    """A conversation in the terminal until the visitor leaves."""
    from harbour.assistant.terminal import converse

    try:
        return asyncio.run(converse(_load(), country))
    except TrainingError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        return 1


def evaluate_files(paths: list[Path], report: Path) -> int:
    """Print the tables and write the page. 2 when a file cannot be read."""
    from harbour.assistant.evaluation import EvaluationError, measure, read_cases
    from harbour.assistant.report import print_tables, write_page

    try:
        cases = read_cases(paths)
        result = asyncio.run(measure(_load(), cases))
    except (EvaluationError, TrainingError) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        return 2
    print_tables(result)
    try:
        write_page(result, report)
    except OSError as error:
        typer.secho(
            f"{report} could not be written ({error.strerror}): choose another with --report",
            fg=typer.colors.RED,
            err=True,
        )
        return 2
    typer.echo(f"\nThe same as a page, with the confusion matrix: {report}")
    return 0
