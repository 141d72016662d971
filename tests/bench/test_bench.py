"""The comparison with stock Rasa is made from the same messages, and its table says what was compared."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.data import sampled, write_nlu
from bench.figures import rows, scores, text
from bench.understanding import conditions, config_of
from harbour.assistant.cases import Case
from harbour.checks import read_examples

EXAMPLES = {"faq/dosage": [f"message {n}" for n in range(30)], "greet": ["hi", "hello"]}
SERVED = {
    "seconds": [0.01, 0.03],
    "leaves": ["faq/dose_duration", "nlu_fallback"],
    "ready_seconds": 5.0,
    "peak_mb": 700,
}


def cases() -> list[Case]:
    """Two messages, one understood and one not."""
    return [Case(say, "dose_duration") for say in ("how long", "and then")]


def test_both_sides_get_the_same_messages() -> None:
    """The draw is the same every time, never larger than asked, and everything for 0."""
    drawn = sampled(EXAMPLES, 10)
    assert drawn == sampled(EXAMPLES, 10)
    assert {leaf: len(says) for leaf, says in drawn.items()} == {"faq/dosage": 10, "greet": 2}
    assert sampled(EXAMPLES, 0) == EXAMPLES


def test_the_written_file_is_read_back_as_it_was(tmp_path: Path) -> None:
    """Messages survive the way through a Rasa file."""
    says = {"greet": ["hi: you", "- dash", "'quoted' #1", "naïve – dash"]}
    write_nlu(says, tmp_path / "nlu.yml")
    assert read_examples(tmp_path / "nlu.yml") == says


def test_the_figures_are_right_on_a_case_made_by_hand() -> None:
    """One of two understood, one fallback, times in milliseconds."""
    side = scores(cases(), {"seconds": 60, "peak_mb": 900}, SERVED | {"best": ["faq/dose_duration"] * 2})
    assert side["accuracy"]["FAQ"] == 0.5 and side["accuracy_without_fallback"]["FAQ"] == 1.0
    assert side["fallback"] == 0.5
    assert round(side["parse_ms"]["p50"]) == 20


def test_the_table_names_what_was_compared() -> None:
    """A reader sees epochs, messages and machine above the figures."""
    told = conditions(argparse.Namespace(epochs=100, sample=10), EXAMPLES, cases())
    side = scores(cases(), {"seconds": 60, "peak_mb": 900}, SERVED | {"best": ["faq/dose_duration"] * 2})
    shown = text(told, rows({"stock": side | {"model_mb": 1}, "ours": side | {"model_mb": 2}}))
    assert "100 epochs" in shown and "at most 10 messages a topic" in shown and "cores" in shown


def test_stock_is_the_pipeline_of_rasa_init() -> None:
    """DIET and a response selector, with the epochs asked for."""
    components = {c["name"]: c for c in config_of("stock", 7)["pipeline"]}
    assert components["DIETClassifier"]["epochs"] == 7 and components["ResponseSelector"]["epochs"] == 7
