"""What `harbour answer`, `chat`, `evaluate`, `danger` and `explain` do, over a loaded assistant."""

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
    from rasa.core.channels.channel import UserMessage

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


def measure_danger(folder: Path, errors: bool) -> int:
    """Print the figures of the safety screen, and what came out wrong if asked to. 1 if there is nothing to measure."""
    from harbour.assistant.danger import as_list, as_text, figures, look, read_cases

    cases = read_cases(folder)
    if not cases:
        typer.secho(f"{folder} holds no messages: name a folder like tests/content", fg=typer.colors.RED, err=True)
        return 1
    try:
        seen = asyncio.run(look(_load(), cases))
    except TrainingError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        return 1
    typer.echo(as_text(figures(seen)))
    if errors:
        typer.echo(as_list(seen))
    return 0


def explain_message(text: str) -> int:
    """Print what led to the verdict on one message, by the trained assistant."""
    from harbour.safety.explain import explained
    from harbour.safety.reading import load_reader
    from harbour.safety.verdict import Risk

    try:
        parsed = asyncio.run(_load().agent.processor.parse_message(_message(text)))
    except TrainingError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        return 1
    risks = [Risk(**risk) for risk in parsed.get("risk") or []]
    typer.echo(explained(load_reader().read(text), parsed.get("dangers") or {}, risks))
    return 0


def _message(text: str) -> UserMessage:
    from rasa.core.channels.channel import UserMessage

    from harbour.text.clean import defuse

    return UserMessage(defuse(text))
