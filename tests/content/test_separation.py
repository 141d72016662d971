"""Training examples and evaluation messages: enough of both, varied, and apart from each other."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rapidfuzz import fuzz, process

from harbour import settings
from harbour.guide.topics import load_guide

HERE = Path(__file__).parent
LEAVES = list(load_guide().topics)
NEAR = 92.0  # of 100: the same message but for a word or two
LONG = 25  # characters from which likeness means copying; short messages are alike by nature
FRAME = 12  # examples of a topic that may begin with the same five words

Said = tuple[str, str]  # topic, message


def normal(text: str) -> str:
    """The message without case, punctuation and extra blanks: what makes two messages one. Emoji alone stay."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())) or text


@lru_cache(maxsize=1)
def training() -> list[Said]:
    """Leaf and message of every training example."""
    data = yaml.load((settings.ROOT / "data" / "nlu.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        (entry["intent"], line.removeprefix("- "))
        for entry in data["nlu"]
        if "intent" in entry
        for line in entry["examples"].splitlines()
        if line.strip()
    ]


@lru_cache(maxsize=1)
def evaluation() -> list[tuple[str, dict[str, Any]]]:
    """Every evaluation message with what is expected of it."""
    files = sorted(HERE.rglob("*.yml"))
    return [(entry["say"], entry["expect"]) for f in files for entry in yaml.safe_load(f.read_text(encoding="utf-8"))]


def expected(leaf: str, training_examples: bool) -> int:
    """How many messages a topic needs."""
    if leaf == "out_of_scope":
        return 1000 if training_examples else 100
    if leaf.startswith("faq/"):
        return 180 if training_examples else 10
    return 120 if training_examples else 8


def near_copies(left: list[str], right: list[str], likeness: float = NEAR) -> list[tuple[str, str]]:
    """Pairs of messages that are nearly the same.

    Only pairs of a length that allows the likeness are compared: at 92 of 100 the shorter has at
    least 85 % of the longer's length.
    """
    right = sorted(right, key=len)
    lengths = np.array([len(text) for text in right])
    share = likeness / (200 - likeness)
    pairs = []
    for text in left:
        low, high = np.searchsorted(lengths, [len(text) * share, len(text) / share + 1])
        scores = process.cdist([text], right[low:high], scorer=fuzz.ratio, score_cutoff=likeness, workers=1)
        pairs += [(text, right[low + i]) for i in np.flatnonzero(scores[0])] if high > low else []
    return pairs


def test_no_evaluation_message_is_a_training_example() -> None:
    """What we measure on was never learnt, not even with other punctuation or capitals."""
    learnt = {normal(text) for _, text in training()}
    assert [say for say, _ in evaluation() if normal(say) in learnt] == []


def test_no_evaluation_message_is_a_near_copy_of_a_training_example() -> None:
    """Nor was a message learnt that differs by a word or two only."""
    learnt = list({n for _, text in training() if len(n := normal(text)) > LONG})
    asked = [n for say, _ in evaluation() if len(n := normal(say)) > LONG]
    assert near_copies(asked, learnt) == []


def test_a_near_copy_would_be_noticed() -> None:
    """The search finds a copy with a word changed, and leaves messages of like length alone."""
    learnt = ["how long does the implant last in my body please", "can i drink at the weekend when i am on the tablets"]
    assert near_copies(["how long does the implant last in his body please"], learnt) == [
        ("how long does the implant last in his body please", learnt[0])
    ]
    assert near_copies(["what happens when the stitches come out too soon"], learnt) == []


def test_no_evaluation_message_stands_twice() -> None:
    """Each message is measured once."""
    counts = Counter(normal(say) for say, _ in evaluation())
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_phrase_of_the_safety_files_was_taken_from_an_evaluation_message() -> None:
    """Signs, contexts and follow-ups were written apart: none of their examples or traps is measured on."""
    measured = {normal(say) for say, _ in evaluation()}
    written = {
        normal(text)
        for file in (settings.ROOT / "content" / "safety").glob("*.yml")
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
        if isinstance(entry, dict)
        for text in (*entry.get("examples", ()), *entry.get("traps", ()))
    }
    assert len(written) > 1000
    assert sorted(text for text in written & measured if len(text) > LONG) == []


def test_every_training_example_has_a_topic_of_ours() -> None:
    """No example teaches a topic that nobody answers."""
    assert {leaf for leaf, _ in training()} == set(LEAVES)


def test_no_training_example_stands_under_two_topics() -> None:
    """One message means one thing."""
    topics: dict[str, set[str]] = {}
    for leaf, text in training():
        topics.setdefault(normal(text), set()).add(leaf)
    assert {text: leaves for text, leaves in topics.items() if len(leaves) > 1} == {}


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_topic_has_enough_training_examples(leaf: str) -> None:
    """Different messages: 180 for a question of the guide, 120 for each other topic, 1,000 out of scope."""
    found = {normal(text) for topic, text in training() if topic == leaf}
    assert len(found) >= expected(leaf, training_examples=True)


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_topic_has_enough_evaluation_messages(leaf: str) -> None:
    """10 for a question of the guide, 8 for each other topic, 100 out of scope."""
    found = [say for say, expect in evaluation() if expect.get("topic") == leaf.split("/")[-1]]
    assert len(found) >= expected(leaf, training_examples=False)


@pytest.mark.parametrize("leaf", LEAVES)
def test_no_topic_is_a_templated_run(leaf: str) -> None:
    """At most twelve examples of a topic begin with the same five words."""
    frames = Counter(
        " ".join(words[:5]) for topic, text in training() if topic == leaf and len(words := normal(text).split()) >= 5
    )
    assert {frame: count for frame, count in frames.items() if count > FRAME} == {}
