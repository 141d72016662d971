"""`harbour …`: every command, from either environment.

The commands that need Rasa run in `.venv-assistant`, the others in `.venv-gateway`; called from the
wrong one, `harbour` starts itself again in the right one.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import NoReturn, Optional

import typer

from harbour import settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables, which may hold what a visitor wrote
    help="Harbour: answers from one guide, and nobody in danger goes by.",
)

MODULES = {"assistant": "rasa", "gateway": "starlette"}


def fail(message: str, code: int = 1) -> NoReturn:
    """End with one clear sentence on standard error."""
    typer.secho(message, fg=typer.colors.RED, err=True)
    raise typer.Exit(code)


def in_environment(name: str) -> None:
    """Go on in the environment `name`, starting this command again there if need be."""
    if importlib.util.find_spec(MODULES[name]):
        return
    python = settings.ROOT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        fail(f"The {name} environment is missing. Run `make setup`.")
    os.execv(str(python), [str(python), "-m", "harbour.cli", *sys.argv[1:]])


@app.command()
def serve(
    host: Optional[str] = typer.Option(None, help="address to listen on [HARBOUR_HOST]"),
    port: Optional[int] = typer.Option(None, help="port to listen on [HARBOUR_PORT]"),
    verbose: bool = typer.Option(False, help="show the processes' logs here as well"),
) -> None:
    """Start assistant, actions and gateway, and say where to go."""
    in_environment("gateway")
    from harbour.serve import serve as run

    chosen = settings.load()
    raise typer.Exit(run(chosen, host or chosen.host, port or chosen.port, verbose=verbose))


@app.command()
def train(force: bool = typer.Option(False, help="train even if nothing changed")) -> None:
    """Train the assistant, if what it is made from changed."""
    in_environment("assistant")
    from harbour.assistant import training

    path = training.model_path()
    if path.exists() and not force:
        typer.echo(f"The model is up to date: {path.relative_to(settings.ROOT)}", err=True)
        return
    typer.echo("Training the assistant. This takes about five minutes …", err=True)
    try:
        from harbour.assistant.launcher import configure_logging

        configure_logging()
        path, seconds = training.train(force)
    except training.TrainingError as error:
        fail(str(error))
    typer.echo(f"Trained in {seconds:.0f} s: {path.relative_to(settings.ROOT)}", err=True)


@app.command()
def answer(
    jsonl: Path = typer.Option(..., "--jsonl", help="file of JSON lines, - for standard input", allow_dash=True),
) -> None:
    """Answer each line of a file with the trained assistant, one JSON line each, in order."""
    in_environment("assistant")
    from harbour.assistant.commands import answer_file

    if str(jsonl) != "-" and not jsonl.exists():
        fail(f"{jsonl} does not exist: name a file of JSON lines, or - for standard input", 2)
    raise typer.Exit(answer_file(jsonl))


@app.command()
def chat(
    country: str = typer.Option("", help="where you are: GB, US, IE, CA, AU or ZZ; HARBOUR_COUNTRY while not said"),
) -> None:
    """Talk to the assistant in the terminal."""
    in_environment("assistant")
    from harbour.assistant.commands import chat as run

    raise typer.Exit(run(country.upper()))


@app.command()
def evaluate(
    files: list[Path] = typer.Argument(..., help="evaluation files (YAML or JSON lines), or folders of them"),
    report: Path = typer.Option(Path("reports/evaluation.html"), help="where to write the page"),
) -> None:
    """Measure understanding on messages the assistant was not trained on."""
    in_environment("assistant")
    from harbour.assistant.commands import evaluate_files

    raise typer.Exit(evaluate_files(files, report))


@app.command()
def danger(
    folder: Path = typer.Argument(
        Path("tests/content"), help="folder of evaluation messages, its `safety` folder among them"
    ),
    errors: bool = typer.Option(False, help="also list the messages that came out wrong"),
) -> None:
    """Measure the safety screen: dangers seen, look-alikes and ordinary messages left in peace."""
    in_environment("assistant")
    from harbour.assistant.commands import measure_danger

    raise typer.Exit(measure_danger(folder, errors))


@app.command()
def explain(
    text: str = typer.Argument(..., help="a message, as a visitor would write it"),
    signs: bool = typer.Option(
        False, "--signs", help="the signs alone, as the gateway reads when the assistant is down"
    ),
) -> None:
    """Show which words and rules lead to the safety verdict on a message, for a clinician."""
    if signs:
        from harbour.safety.explain import explained
        from harbour.safety.reading import load_reader
        from harbour.safety.verdict import verdict

        reading = load_reader().read(text)
        typer.echo(explained(reading, None, verdict(reading, None)))
        return
    in_environment("assistant")
    from harbour.assistant.commands import explain_message

    raise typer.Exit(explain_message(text))


@app.command()
def check() -> None:
    """Check content, domain, data and tests together; say what is wrong where, and what to do."""
    from harbour.checks import check_project

    problems = check_project(settings.ROOT)
    for problem in problems:
        typer.echo(problem)
    if problems:
        fail(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} to mend.")
    typer.echo("Content, domain and data fit together.")


@app.command()
def doctor() -> None:
    """Show what is set, what is missing and what that switches off. Never shows a secret."""
    from harbour.doctor import diagnose

    ok = True
    for line, good in diagnose(settings.ROOT):
        typer.echo(("  " if good else "! ") + line)
        ok = ok and good
    raise typer.Exit(0 if ok else 1)


def main() -> None:
    """The console script: one clear sentence for a setting that cannot be used."""
    try:
        settings.load()
    except settings.SettingsError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        sys.exit(2)
    app()


if __name__ == "__main__":
    main()
