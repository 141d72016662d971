"""Whole conversations with the real assistant: those written here, and Rasa's stories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core import test as rasa_test

from harbour import settings
from harbour.assistant.turns import Assistant, Turn
from tests.assistant_fixture import Visitor

CONVERSATIONS = [
    c for f in sorted(Path(__file__).parent.glob("*.yml")) for c in yaml.safe_load(f.read_text(encoding="utf-8"))
]
EXPECTATIONS: dict[str, Callable[[Turn], Any]] = {
    "topics": lambda turn: turn.topics,
    "responses": lambda turn: [r.response for r in turn.replies],
    "kinds": lambda turn: [r.kind for r in turn.replies],
    "risk": lambda turn: turn.raised("alarm"),
    "check": lambda turn: turn.raised("check"),
    "first": lambda turn: turn.replies[0].response,
}


def failures(turn: Turn, expect: dict[str, Any]) -> dict[str, Any]:
    """What a turn lacks: what came instead, by key of `expect`."""
    assert set(expect) <= set(EXPECTATIONS) | {"says", "never"}, f"unknown key in {expect}"
    text = "\n".join(r.text for r in turn.replies)
    found = {key: get(turn) for key, get in EXPECTATIONS.items() if key in expect}
    if expect.get("risk"):  # what is written must come first; the same words may raise a lesser danger too
        found["risk"] = found["risk"][: len(expect["risk"])]
    came = {key: value for key, value in found.items() if value != expect[key]}
    unsaid = [words for words in expect.get("says", []) if words not in text]
    said = [words for words in expect.get("never", []) if words in text]
    return {**came, **({"not said": unsaid} if unsaid else {}), **({"said": said} if said else {})}


@pytest.mark.parametrize("script", CONVERSATIONS, ids=[c["conversation"] for c in CONVERSATIONS])
def test_the_conversation_goes_as_written(visitor: Callable[..., Visitor], script: dict[str, Any]) -> None:
    """Each turn brings what the script expects, and every turn brings something; no safety text comes twice running."""
    one = visitor(script.get("country", "GB"))
    before: set[str] = set()
    for number, step in enumerate(script["turns"], 1):
        turn = one.presses(step["press"]) if "press" in step else one.says(step["user"])
        assert turn.replies, f"turn {number}: silence"
        assert failures(turn, step["expect"]) == {}, f"turn {number}: {step}"
        safety = {reply.text for reply in turn.replies if reply.kind == "safety"}
        assert not safety & before, f"turn {number}: said word for word in the turn before"
        before = safety


def test_there_are_conversations_enough_and_no_name_twice() -> None:
    """At least twenty scripts, each with a name of its own and something expected in every turn."""
    names = [c["conversation"] for c in CONVERSATIONS]
    assert len(names) == len(set(names)) >= 20
    assert [c["conversation"] for c in CONVERSATIONS if not all(step["expect"] for step in c["turns"])] == []


def test_a_broken_expectation_is_noticed() -> None:
    """Wrong topics, missing words and forbidden words each fail a turn."""
    turn = Turn(replies=[], topics=["greet"], intent="greet", risk=[], context={}, country="GB")
    assert failures(turn, {"topics": ["thank"], "says": ["hello"], "risk": []}) == {
        "topics": ["greet"],
        "not said": ["hello"],
    }
    with pytest.raises(AssertionError, match="unknown key"):
        failures(turn, {"topic": "greet"})


def test_every_story_is_run_as_written(assistant: Assistant, tmp_path: Path) -> None:
    """The agent predicts each action of each story in data/stories.yml, as `rasa test core` checks it."""
    stories = settings.ROOT / "data" / "stories.yml"
    result = asyncio.run(
        rasa_test.test(str(stories), assistant.agent, out_directory=str(tmp_path), disable_plotting=True)
    )
    failed = tmp_path / "failed_test_stories.yml"
    written = failed.read_text(encoding="utf-8") if failed.exists() else ""
    assert result["report"]["conversation_accuracy"]["accuracy"] == 1.0, written
    assert result["report"]["conversation_accuracy"]["total"] == len(
        yaml.safe_load(stories.read_text(encoding="utf-8"))["stories"]
    )
