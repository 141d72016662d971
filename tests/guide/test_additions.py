"""What is added after an answer, when it rests and when it comes again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from harbour.guide.additions import (
    CALM,
    GENERAL,
    NOTES_PER_TURN,
    REST,
    TWO_NAMES,
    answered_leaf,
    due_notes,
    due_overdose_note,
    due_question,
    hushed,
    last_said,
    resting,
    two_names_due,
)
from harbour.guide.responses import ResponseBook
from harbour.guide.topics import Guide, Topic
from harbour.safety.signals import OVERDOSE_KINDS, Found

GUIDE = Guide(
    {},
    {
        topic.leaf: topic
        for topic in (
            Topic("faq/two", "Two notes?", notes=("a", "b")),
            Topic("faq/one", "One note?", notes=("a",)),
            Topic("faq/many", "Many notes?", notes=("a", "b", "c", "d")),
            Topic("faq/block", "The block?", notes=("block_not_total",)),
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


def speaks_of(*kinds: str) -> Found:
    """The signals of a message that speaks of these kinds of risk."""
    return {"overdose_risk": {kind: ["words"] for kind in kinds}}


def test_what_was_never_said_is_not_found() -> None:
    """Without the response, and without any event, there is nothing."""
    assert last_said([], {"utter_x"}) is None
    assert last_said([user(), bot("utter_y")], {"utter_x"}) is None


def test_the_last_time_counts_in_visitors_turns() -> None:
    """The nearest occurrence counts, by messages of the visitor, with the mix-up it was given for."""
    events = since(3, "utter_x", mixup="rescue") + since(2, "utter_x", mixup="daily")
    said = last_said(events, {"utter_x", "utter_y"})
    assert said is not None and (said.turns_ago, said.mixup) == (2, "daily")


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
    first = due_notes(GUIDE, "faq/two", {}, [user()], NOTES_PER_TURN)
    assert first == ["utter_note_a", "utter_note_b"]
    assert due_notes(GUIDE, "faq/two", {}, since(1, "utter_note_a"), NOTES_PER_TURN) == ["utter_note_b"]
    both = [user(), bot("utter_note_a"), bot("utter_note_b"), user()]
    assert due_notes(GUIDE, "faq/two", {}, both, NOTES_PER_TURN) == []
    assert due_notes(GUIDE, "faq/two", {}, both + [user()] * (REST + 1), NOTES_PER_TURN) == first


def test_a_note_shared_by_two_answers_is_said_once() -> None:
    """A note rests whichever answer brought it."""
    assert due_notes(GUIDE, "faq/one", {}, [user()], NOTES_PER_TURN) == ["utter_note_a"]
    assert due_notes(GUIDE, "faq/one", {}, since(1, "utter_note_a"), NOTES_PER_TURN) == []


def test_no_answer_brings_more_than_two_notes() -> None:
    """Notes never bury the answer: those left over come when the first ones rest."""
    assert NOTES_PER_TURN == 2
    assert due_notes(GUIDE, "faq/many", {}, [user()], NOTES_PER_TURN) == ["utter_note_a", "utter_note_b"]
    told = [user(), bot("utter_note_a"), bot("utter_note_b"), user()]
    assert due_notes(GUIDE, "faq/many", {}, told, NOTES_PER_TURN) == ["utter_note_c", "utter_note_d"]


@pytest.mark.parametrize("leaf", ["faq/plain", "greet", "nlu_fallback", ""])
def test_what_has_no_notes_brings_none(leaf: str) -> None:
    """Plain answers, small talk and what the guide does not know bring nothing."""
    assert due_notes(GUIDE, leaf, {}, [user()], NOTES_PER_TURN) == []


def test_a_note_that_the_overdose_note_says_better_is_left_out() -> None:
    """Who speaks of beating the block is not told twice in one turn that it is not total."""
    assert due_notes(GUIDE, "faq/block", {}, [user()], NOTES_PER_TURN) == ["utter_note_block_not_total"]
    assert due_notes(GUIDE, "faq/block", speaks_of("beating_the_block"), [user()], NOTES_PER_TURN) == []


def test_there_may_be_less_room_for_notes() -> None:
    """When something was said already, fewer notes follow."""
    assert due_notes(GUIDE, "faq/two", {}, [user()], 1) == ["utter_note_a"]


def test_two_names_are_told_apart_once_in_a_conversation() -> None:
    """The same slip, however late, is not corrected again."""
    assert two_names_due("faq/plain", "spelling", [user()])
    assert not two_names_due("faq/plain", "spelling", since(1, TWO_NAMES, mixup="spelling"))
    assert not two_names_due("faq/plain", "spelling", since(30, TWO_NAMES, mixup="spelling"))


def test_mixed_up_in_another_way_they_are_told_apart_again() -> None:
    """A misspelling explained is no answer to "do i spray it"."""
    assert two_names_due("faq/plain", "rescue", since(1, TWO_NAMES, mixup="spelling"))


def test_without_a_mix_up_or_where_the_answer_is_the_note_it_does_not_come() -> None:
    """The answer to "are they the same" tells them apart itself."""
    assert not two_names_due("faq/plain", "", [user()])
    assert not two_names_due("beyond/naloxone_vs_naltrexone", "spelling", [user()])


@pytest.mark.parametrize("kind", OVERDOSE_KINDS)
def test_what_was_said_chooses_the_overdose_note(kind: str) -> None:
    """Each kind has its own note, after any answer; it comes, rests for ten turns, and comes again."""
    note = f"{GENERAL}_{kind}"
    for leaf in ("faq/plain", "faq/dose", "greet", "nlu_fallback"):
        assert due_overdose_note(GUIDE, leaf, speaks_of(kind), [user()]) == note
    assert due_overdose_note(GUIDE, "faq/plain", speaks_of(kind), since(1, note)) is None
    assert due_overdose_note(GUIDE, "faq/plain", speaks_of(kind), since(REST, note)) is None
    assert due_overdose_note(GUIDE, "faq/plain", speaks_of(kind), since(REST + 1, note)) == note


def test_of_several_kinds_the_most_pressing_has_its_note() -> None:
    """One note a turn: beating the block before a break, a break before a missed dose."""
    several = speaks_of("missed_dose", "after_break", "beating_the_block")
    events = [user()]
    for kind in ("beating_the_block", "after_break", "missed_dose"):
        assert due_overdose_note(GUIDE, "faq/plain", several, events) == f"{GENERAL}_{kind}"
        events += [bot(f"{GENERAL}_{kind}"), user()]
    assert due_overdose_note(GUIDE, "faq/plain", several, events) is None


def test_by_topic_alone_the_general_note_comes_unless_one_was_given() -> None:
    """Any overdose note within ten turns is enough for a topic."""
    assert due_overdose_note(GUIDE, "faq/dose", {}, [user()]) == GENERAL
    for given in (GENERAL, f"{GENERAL}_missed_dose"):
        assert due_overdose_note(GUIDE, "faq/dose", {}, since(REST, given)) is None
        assert due_overdose_note(GUIDE, "faq/dose", {}, since(REST + 1, given)) == GENERAL


def test_what_is_said_after_the_general_note_has_its_own() -> None:
    """Told in general and then missing a dose, the visitor hears about missed doses."""
    assert due_overdose_note(GUIDE, "faq/dose", speaks_of("missed_dose"), since(1, GENERAL)) == f"{GENERAL}_missed_dose"


def test_where_its_kind_rests_the_topic_adds_nothing() -> None:
    """The same words again are not answered by another note."""
    events = since(1, f"{GENERAL}_missed_dose")
    assert due_overdose_note(GUIDE, "faq/dose", speaks_of("missed_dose"), events) is None


@pytest.mark.parametrize(
    ("leaf", "kinds", "note"),
    [
        ("relapse_disclosure", (), f"{GENERAL}_relapse"),
        ("relapse_disclosure", ("relapse", "mixing"), f"{GENERAL}_mixing"),
        ("relapse_disclosure", ("after_break",), f"{GENERAL}_after_break"),
        ("intent_to_use", (), GENERAL),
        ("intent_to_use", ("beating_the_block", "alone"), f"{GENERAL}_alone"),
        ("drug_seeking", (), None),
        ("drug_seeking", ("amount",), f"{GENERAL}_amount"),
    ],
)
def test_after_a_dangers_own_reply_comes_what_it_did_not_say(leaf: str, kinds: tuple[str, ...], note: str) -> None:
    """A disclosure always brings a note; what the reply said already comes last."""
    assert due_overdose_note(GUIDE, leaf, speaks_of(*kinds) if kinds else {}, [user()]) == note


@pytest.mark.parametrize("leaf", ["greet", "faq/plain", "nlu_fallback", "out_of_scope", ""])
def test_turns_without_risk_bring_no_overdose_note(leaf: str) -> None:
    """Where nobody speaks of a risk nothing is added, whatever else is asked for."""
    assert due_overdose_note(GUIDE, leaf, {"therapy_referral": {"asked": ["need help"]}}, [user()]) is None


CARDS = [
    "utter_emergency_overdose",
    "utter_suicide_risk",
    "utter_suicide_risk_again",
    "utter_emergency_overdose_no_naloxone",
]


@pytest.mark.parametrize("card", CARDS)
def test_after_an_emergency_or_suicide_card_nothing_is_added(card: str) -> None:
    """In that turn and for ten turns after it the card stands alone."""
    for turns in (0, 1, REST):
        assert hushed(since(turns, card))
        assert due_overdose_note(GUIDE, "faq/dose", speaks_of("relapse"), since(turns, card)) is None
    assert not hushed(since(REST + 1, card))


@pytest.mark.parametrize("calm", CALM)
def test_once_called_off_notes_come_again(calm: str) -> None:
    """After a false alarm the visitor is told what everybody is told."""
    events = [*since(1, "utter_emergency_overdose"), bot(calm), user()]
    assert not hushed(events)
    assert due_overdose_note(GUIDE, "faq/dose", {}, events) == GENERAL
    assert hushed([*events, bot("utter_suicide_risk"), user()])


def test_other_danger_replies_do_not_silence_the_note() -> None:
    """A relapse is no reason to say less about overdose."""
    assert not hushed(since(0, "utter_relapse_disclosure"))
    assert not hushed([user(), bot("raw")])


@pytest.mark.parametrize("about", ["self", "other"])
@pytest.mark.parametrize("kind", OVERDOSE_KINDS)
def test_each_note_is_short_and_names_naloxone_and_the_emergency_number(kind: str, about: str) -> None:
    """Three lines: what is risky, where naloxone is to be had, when to call."""
    note = ResponseBook.load().render(f"{GENERAL}_{kind}", "GB", about)
    assert note.kind == "note" and note.text.startswith("**Safety note \u2013 not from the guide:** ")
    assert len(note.text.splitlines()) == 3
    assert len(note.text.split()) <= 90
    assert "naloxone" in note.text and "call 999" in note.text
    assert ("your body" in note.text or "you used to" in note.text) <= (about == "self")


@pytest.mark.parametrize(("country", "line"), [("US", "Never Use Alone"), ("CA", "National Overdose Response Service")])
def test_a_line_for_people_who_use_alone_is_named_where_there_is_one(country: str, line: str) -> None:
    """In the US and Canada somebody stays on the phone; elsewhere none is made up."""
    book = ResponseBook.load()
    assert line in book.render(f"{GENERAL}_alone", country).text
    assert "on the phone" not in book.render(f"{GENERAL}_alone", "GB").text


def test_no_overdose_note_names_an_amount_or_a_time() -> None:
    """Nothing in a note can be used as a measure for using."""
    for name, variations in ResponseBook.load().responses.items():
        if name.startswith(GENERAL):
            assert [
                v["text"] for v in variations if re.search(r"\d|\b(half|quarter|gram|bag|hours?)\b", v["text"])
            ] == []


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
