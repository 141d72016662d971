"""Signals that call for an overdose-risk note or the referral."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbour.safety.signals import (
    ASKED,
    DECLINED,
    FILES,
    NOT_NOW,
    OVERDOSE_KINDS,
    OVERDOSE_RISK,
    REFERRAL,
    load_signals,
    read_kinds,
    read_signals,
)


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


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("i missed my dose yesterday", {"missed_dose"}),
        ("she was late for her injection", {"missed_dose"}),
        ("he forgot his tablet again", {"missed_dose"}),
        ("my implant is wearing off", {"stopped_or_wearing_off"}),
        ("i stopped taking naltrexone last week", {"stopped_or_wearing_off"}),
        ("they removed the implant", {"stopped_or_wearing_off"}),
        ("we have run out of his tablets", {"stopped_or_wearing_off"}),
        ("he just got out of prison", {"after_break"}),
        ("my son is coming home from rehab", {"after_break"}),
        ("fresh out of detox", {"after_break"}),
        ("i was discharged from hospital on monday", {"after_break"}),
        ("is it ok mixing heroin with diazepam", {"mixing"}),
        ("heroin and alcohol", {"mixing"}),
        ("pregabalin with vodka", {"mixing"}),
        ("i always use alone", {"alone"}),
        ("he is using on his own", {"alone"}),
        ("can you beat the block", {"beating_the_block"}),
        ("can you get high on naltrexone", {"beating_the_block"}),
        ("i keep using on top", {"beating_the_block"}),
        ("how much gear can i do", {"amount"}),
        ("going back to my old dose of heroin", {"amount"}),
        ("i relapsed last night", {"relapse"}),
        ("he had a slip on saturday", {"relapse"}),
        ("has my tolerance dropped", {"tolerance"}),
        ("just out of rehab and using alone", {"after_break", "alone"}),
        ("i missed my tablet and had gear with vodka", {"missed_dose", "mixing"}),
    ],
)
def test_each_trigger_says_of_which_kind_it_is(text: str, kinds: set[str]) -> None:
    """What the visitor said decides which note fits; a message may speak of several kinds."""
    assert set(load_signals().found(text)[OVERDOSE_RISK]) == kinds


@pytest.mark.parametrize("kind", OVERDOSE_KINDS)
def test_each_kind_has_words(kind: str) -> None:
    """No kind stands in the order of urgency without a phrase that raises it."""
    assert kind in load_signals().finders[OVERDOSE_RISK].kind_of.values()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("where can i find a counsellor", ASKED),
        ("i need help with this please", ASKED),
        ("i dont want therapy", DECLINED),
        ("stop going on about counselling", DECLINED),
        ("therapy isnt for me", DECLINED),
        ("i don\u2019t want to talk to anyone", DECLINED),
        ("tried therapy, waste of time", DECLINED),
        ("maybe later", NOT_NOW),
        ("no thanks", NOT_NOW),
        ("not now", NOT_NOW),
    ],
)
def test_a_wish_for_therapy_is_told_from_a_no(text: str, kind: str) -> None:
    """Asking, declining and putting off are three things."""
    assert kind in load_signals().found(text)[REFERRAL]


def test_a_signal_carries_the_visitors_words() -> None:
    """What was found is quoted, so that staff can see why."""
    found = load_signals().found("sorry, I missed my dose on Friday")
    assert found == {OVERDOSE_RISK: {"missed_dose": ["missed my dose"]}}


def test_curly_apostrophes_and_capitals_hide_nothing() -> None:
    """A signal is found however the visitor's keyboard writes it."""
    assert OVERDOSE_RISK in load_signals().found("I HAVEN\u2019T TAKEN MY TABLET SINCE FRIDAY")


def test_a_missing_phrase_file_is_an_error(tmp_path: Path) -> None:
    """Without its words the screen does not start half blind."""
    (tmp_path / FILES[OVERDOSE_RISK]).write_text(
        "- {phrase: took, kind: alone, why: x, examples: [took], traps: [take]}\n", encoding="utf-8"
    )
    with pytest.raises(FileNotFoundError, match="referral.yml"):
        read_signals(tmp_path)


@pytest.mark.parametrize("kind", ["", "kind: lonely, "])
def test_an_entry_without_a_known_kind_is_an_error(tmp_path: Path, kind: str) -> None:
    """The error names the entry and the kinds there are."""
    file = tmp_path / "words_of_ours.yml"
    file.write_text(f"- {{phrase: took, {kind}why: x, examples: [took], traps: [take]}}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="entry 1: kind is .*: write one of alone, mixing"):
        read_kinds(file, ("alone", "mixing"))


def test_the_products_signals_are_read_once() -> None:
    """Reading takes long: every caller shares one."""
    assert load_signals() is load_signals()
