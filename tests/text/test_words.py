"""The tokenizer both sides share."""

from __future__ import annotations

import pytest

from harbour.text.words import english


@pytest.mark.parametrize(
    ("written", "norms"),
    [
        ("can't", ["can", "not"]),
        ("cant", ["can", "not"]),
        ("dont", ["do", "not"]),
        ("cannot", ["can", "not"]),
        ("gonna", ["going", "to"]),
    ],
)
def test_short_forms_have_the_norms_of_the_long_ones(written: str, norms: list[str]) -> None:
    """A danger phrase written once is found in each way of writing it."""
    assert [token.norm_ for token in english()(written)] == norms


def test_the_tokenizer_is_made_once() -> None:
    """Making the pipeline takes long: every caller gets the same one."""
    assert english() is english()
