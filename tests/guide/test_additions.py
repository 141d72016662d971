"""What is added after an answer, when it rests and when it comes again."""

from __future__ import annotations

from typing import Any

import pytest

from harbour.guide.additions import (
    BY_DISCLOSURE,
    BY_TOPIC,
    BY_WORDS,
    NO_DANGER,
    NOTES_PER_TURN,
    REST,
    answered_leaf,
    due_notes,
    due_overdose_note,
    due_question,
    last_said,
    overdose_danger,
    referral_due,
    resting,
)
from harbour.guide.topics import Guide, Topic

GUIDE = Guide(
    {},
    {
        topic.leaf: topic
        for topic in (
            Topic("faq/two", "Two notes?", notes=("a", "b")),
            Topic("faq/one", "One note?", notes=("a",)),
            Topic("faq/many", "Many notes?", notes=("a", "b", "c", "d")),
            Topic("faq/dose", "How long?", adds=("overdose_risk",)),
            Topic("faq/therapy", "Why?", adds=("therapy_referral",)),
            Topic("faq/plain", "Plain?"),
            Topic("therapy_referral", "Find therapy"),
            Topic("greet", "Hello"),
            Topic("relapse_disclosure", "Has used again"),
        )
    },
)


def user() -> dict[str, Any]:
    """A visitor's message."""
    return {"event": "user", "text": "x"}


def bot(response: str, **metadata: Any) -> dict[str, Any]:
    """A reply of ours."""
    return {"event": "bot", "text": "x", "metadata": {"utter_action": response, **metadata}}


def since(turns: int, response: str, **metadata: Any) -> list[dict[str, Any]]:
    """A conversation in which `response` was given and the visitor wrote `turns` messages since."""
    return [user(), bot(response, **metadata), *[user() for _ in range(turns)]]


def test_what_was_never_said_is_not_found() -> None:
    """Without the response, and without any event, there is nothing."""
    assert last_said([], {"utter_x"}) is None
    assert last_said([user(), bot("utter_y")], {"utter_x"}) is None


def test_the_last_time_counts_in_visitors_turns() -> None:
    """The nearest occurrence counts, by messages of the visitor, with the danger it was given for."""
    events = since(3, "utter_x", danger=1) + since(2, "utter_x", danger=2)
    said = last_said(events, {"utter_x", "utter_y"})
    assert said is not None and (said.turns_ago, said.danger) == (2, 2)


def test_other_events_do_not_count() -> None:
    """Slots, actions and replies without metadata are passed over."""
    events = [
        *since(1, "utter_x"),
        {"event": "slot", "name": "a"},
        {"event": "action", "name": "b"},
        {"event": "bot", "text": "raw", "metadata": None},
    ]
    said = last_said(events, {"utter_x"})
    assert said is not None and said.turns_ago == 1


@pytest.mark.parametrize(("turns", "rests"), [(0, True), (1, True), (REST, True), (REST + 1, False)])
def test_an_addition_rests_for_ten_turns(turns: int, rests: bool) -> None:
    """Said once, it is not said again for ten messages of the visitor; then it may be."""
    assert REST == 10
    assert resting(since(turns, "utter_x"), {"utter_x"}) is rests


def test_notes_of_an_answer_come_once() -> None:
    """The first time the answer brings its notes; the next time those just said rest."""
    first = due_notes(GUIDE, "faq/two", [user()])
    assert first == ["utter_note_a", "utter_note_b"]
    assert due_notes(GUIDE, "faq/two", since(1, "utter_note_a")) == ["utter_note_b"]
    both = [user(), bot("utter_note_a"), bot("utter_note_b"), user()]
    assert due_notes(GUIDE, "faq/two", both) == []
    assert due_notes(GUIDE, "faq/two", both + [user()] * (REST + 1)) == first


def test_a_note_shared_by_two_answers_is_said_once() -> None:
    """A note rests whichever answer brought it."""
    assert due_notes(GUIDE, "faq/one", [user()]) == ["utter_note_a"]
    assert due_notes(GUIDE, "faq/one", since(1, "utter_note_a")) == []


def test_no_answer_brings_more_than_two_notes() -> None:
    """Notes never bury the answer: those left over come when the first ones rest."""
    assert NOTES_PER_TURN == 2
    assert due_notes(GUIDE, "faq/many", [user()]) == ["utter_note_a", "utter_note_b"]
    told = [user(), bot("utter_note_a"), bot("utter_note_b"), user()]
    assert due_notes(GUIDE, "faq/many", told) == ["utter_note_c", "utter_note_d"]


@pytest.mark.parametrize("leaf", ["faq/plain", "greet", "nlu_fallback", ""])
def test_what_has_no_notes_brings_none(leaf: str) -> None:
    """Plain answers, small talk and what the guide does not know bring nothing."""
    assert due_notes(GUIDE, leaf, [user()]) == []


@pytest.mark.parametrize(
    ("leaf", "signals", "danger"),
    [
        ("greet", {}, NO_DANGER),
        ("faq/plain", {}, NO_DANGER),
        ("faq/plain", {"therapy_referral": ["need help"]}, NO_DANGER),
        ("faq/dose", {}, BY_TOPIC),
        ("greet", {"overdose_risk": ["missed my dose"]}, BY_WORDS),
        ("faq/dose", {"overdose_risk": ["missed my dose"]}, BY_WORDS),
        ("relapse_disclosure", {}, BY_DISCLOSURE),
        ("intent_to_use", {"overdose_risk": ["used again"]}, BY_DISCLOSURE),
    ],
)
def test_danger_is_graded_by_what_was_said(leaf: str, signals: dict[str, list[str]], danger: int) -> None:
    """A disclosure weighs more than words, words more than the topic."""
    assert overdose_danger(GUIDE, leaf, signals) == danger
    assert NO_DANGER < BY_TOPIC < BY_WORDS < BY_DISCLOSURE


def test_without_danger_no_overdose_note_comes() -> None:
    """A turn that speaks of no danger brings none, also when none was ever given."""
    assert due_overdose_note(NO_DANGER, [user()]) is None
    assert due_overdose_note(NO_DANGER, since(30, "utter_overdose_risk", danger=BY_TOPIC)) is None


@pytest.mark.parametrize("danger", [BY_TOPIC, BY_WORDS, BY_DISCLOSURE])
def test_the_overdose_note_comes_first_whole_then_rests(danger: int) -> None:
    """The whole note first; not again at the same danger within ten turns; whole again after them."""
    assert due_overdose_note(danger, [user()]) == "utter_overdose_risk"
    assert due_overdose_note(danger, since(1, "utter_overdose_risk", danger=danger)) is None
    assert due_overdose_note(danger, since(REST, "utter_overdose_risk", danger=danger)) is None
    assert due_overdose_note(danger, since(REST + 1, "utter_overdose_risk", danger=danger)) == "utter_overdose_risk"


def test_when_danger_rises_a_short_reminder_comes_at_once() -> None:
    """A higher danger within ten turns is answered by the reminder, and then rests at that height."""
    low = since(1, "utter_overdose_risk", danger=BY_TOPIC)
    assert due_overdose_note(BY_WORDS, low) == "utter_overdose_risk_again"
    risen = low + [bot("utter_overdose_risk_again", danger=BY_WORDS), user()]
    assert due_overdose_note(BY_WORDS, risen) is None
    assert due_overdose_note(BY_TOPIC, risen) is None
    assert due_overdose_note(BY_DISCLOSURE, risen) == "utter_overdose_risk_again"


def test_who_asks_for_therapy_always_gets_the_referral() -> None:
    """Asked for, it comes each time, however recently it was given."""
    assert referral_due(GUIDE, "therapy_referral", {}, [user()])
    assert referral_due(GUIDE, "therapy_referral", {}, since(1, "utter_referral"))


@pytest.mark.parametrize(
    ("leaf", "signals"),
    [
        ("faq/therapy", {}),
        ("greet", {"therapy_referral": ["need help"]}),
    ],
)
def test_by_topic_or_words_the_referral_comes_once_in_ten_turns(leaf: str, signals: dict[str, list[str]]) -> None:
    """It comes, rests for ten turns, and comes again."""
    assert referral_due(GUIDE, leaf, signals, [user()])
    assert not referral_due(GUIDE, leaf, signals, since(REST, "utter_referral"))
    assert referral_due(GUIDE, leaf, signals, since(REST + 1, "utter_referral"))


@pytest.mark.parametrize("leaf", ["faq/plain", "greet", "suicide_risk", "nlu_fallback", ""])
def test_other_turns_bring_no_referral(leaf: str) -> None:
    """Where nobody speaks of therapy there is none."""
    assert not referral_due(GUIDE, leaf, {"overdose_risk": ["used again"]}, [user()])


@pytest.mark.parametrize(
    ("message", "leaf"),
    [
        ({}, ""),
        ({"intent": None}, ""),
        ({"intent": {"name": "greet"}}, "greet"),
        (
            {
                "intent": {"name": "faq"},
                "response_selector": {"faq": {"response": {"intent_response_key": "faq/dose_duration"}}},
            },
            "faq/dose_duration",
        ),
        (
            {
                "intent": {"name": "suicide_risk"},
                "response_selector": {"faq": {"response": {"intent_response_key": "faq/dose_duration"}}},
            },
            "suicide_risk",
        ),
        ({"intent": {"name": "faq"}, "response_selector": {"faq": {"response": None}}}, "faq"),
    ],
)
def test_the_leaf_answered_is_read_off_the_message(message: dict[str, Any], leaf: str) -> None:
    """The full name of the question for a retrieval intent, else the intent; an alarm overrides the question."""
    assert answered_leaf(message) == leaf


def test_a_suspected_danger_is_asked_about_by_its_own_words() -> None:
    """The most pressing one; suicide directly; "yes" leads to the alarm."""
    risks = [{"id": id, "level": "check"} for id in ("suicide_risk", "drug_seeking")]
    question = due_question(risks, [])
    assert question is not None
    assert (question.response, question.suspected) == ("utter_check_suicide", "suicide_risk")
    assert question.buttons == (("Yes", "/suicide_risk"), ("No", "/deny"))
    other = due_question(risks[1:], [])
    assert other is not None and other.response == "utter_check_danger"


def test_no_question_without_a_suspicion_or_beside_an_alarm() -> None:
    """Nobody is asked whether there is a danger that is already answered."""
    assert due_question([], []) is None
    both = [{"id": "suicide_risk", "level": "alarm"}, {"id": "drug_seeking", "level": "check"}]
    assert due_question(both, []) is None
