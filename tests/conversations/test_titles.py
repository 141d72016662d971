"""A question of ours, typed instead of pressed, is understood as itself. -> tests/conversations/test_titles.py"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harbour.guide.topics import RETRIEVAL, load_guide
from tests.assistant_fixture import Visitor

QUESTIONS = [t for leaf, t in load_guide().topics.items() if leaf.split("/")[0] in RETRIEVAL]


@pytest.mark.parametrize("topic", QUESTIONS, ids=lambda t: t.leaf)
def test_a_buttons_own_words_are_understood(visitor: Callable[..., Visitor], topic: object) -> None:
    """Where buttons cannot be pressed, people type what stands on them."""
    assert visitor().says(topic.title).intent == topic.leaf  # type: ignore[attr-defined]
