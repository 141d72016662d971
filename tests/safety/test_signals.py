"""Signals that call for the overdose-risk note or the referral."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbour.safety.signals import FILES, OVERDOSE_RISK, REFERRAL, load_signals, read_signals


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("i missed my dose yesterday", {OVERDOSE_RISK}),
        ("he just got out of prison", {OVERDOSE_RISK}),
        ("what if I use again", {OVERDOSE_RISK}),
        ("where can i find a counsellor", {REFERRAL}),
        ("I relapsed last night and I need help", {OVERDOSE_RISK, REFERRAL}),
        ("how long does an implant last", set()),
        ("hello", set()),
        ("", set()),
    ],
)
def test_a_message_raises_the_signals_it_speaks_of(text: str, raised: set[str]) -> None:
    """Raised signals are named; those not raised are absent, not empty."""
    assert set(load_signals().found(text)) == raised


def test_a_signal_carries_the_visitors_words() -> None:
    """What was found is quoted, so that staff can see why."""
    assert load_signals().found("sorry, I missed my dose on Friday")[OVERDOSE_RISK] == ["missed my dose"]


def test_curly_apostrophes_and_capitals_hide_nothing() -> None:
    """A signal is found however the visitor's keyboard writes it."""
    assert OVERDOSE_RISK in load_signals().found("I HAVEN\u2019T TAKEN MY TABLET SINCE FRIDAY")


def test_a_missing_phrase_file_is_an_error(tmp_path: Path) -> None:
    """Without its words the screen does not start half blind."""
    (tmp_path / FILES[OVERDOSE_RISK]).write_text(
        "- {phrase: took, why: x, examples: [took], traps: [take]}\n", encoding="utf-8"
    )
    with pytest.raises(FileNotFoundError, match="referral.yml"):
        read_signals(tmp_path)


def test_the_products_signals_are_read_once() -> None:
    """Reading takes long: every caller shares one."""
    assert load_signals() is load_signals()
