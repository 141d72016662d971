"""`harbour evaluate`: every evaluation message through the whole assistant, and what came of it."""

from __future__ import annotations

import sys
import time

from harbour.assistant.cases import Case, EvaluationError, read_cases
from harbour.assistant.figures import Evaluation, Outcome, evaluate, observed
from harbour.assistant.turns import Assistant, Request

__all__ = ["Case", "Evaluation", "EvaluationError", "measure", "read_cases"]

COUNTRY = "GB"
PROGRESS_EVERY = 20  # messages


async def measure(assistant: Assistant, cases: list[Case]) -> Evaluation:
    """The figures for these cases, each in a conversation of its own that is forgotten afterwards.

    Shows progress on standard error. Raises EvaluationError when there are no cases.
    """
    if not cases:
        raise EvaluationError("There are no messages to evaluate: name files that hold some.")
    outcomes = []
    for number, case in enumerate(cases, 1):
        outcomes.append(await _outcome(assistant, case, f"evaluation-{number}"))
        _show_progress(number, len(cases))
    return evaluate(outcomes)


async def _outcome(assistant: Assistant, case: Case, conversation: str) -> Outcome:
    started = time.perf_counter()
    turn = await assistant.turn(Request(conversation, text=case.say, country=COUNTRY))
    seconds = time.perf_counter() - started
    await assistant.forget(conversation)
    return observed(case, turn, seconds)


def _show_progress(done: int, all: int) -> None:
    """One line that is written over on a terminal; a few lines anywhere else."""
    terminal = sys.stderr.isatty()
    if done != all and done % (PROGRESS_EVERY if terminal else 10 * PROGRESS_EVERY):
        return
    end = "\r" if terminal and done != all else "\n"
    print(f"  {done} of {all} messages", end=end, file=sys.stderr, flush=True)
