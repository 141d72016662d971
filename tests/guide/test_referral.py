"""The way to therapy: help first, two questions at most, and a no that is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harbour.guide.additions import REST
from harbour.guide.referral import (
    BUTTONS,
    COUNTRY,
    DECLINING,
    FOR_ME,
    FOR_SOMEONE,
    LEAF,
    ME,
    PAYLOADS,
    RESTS,
    ROUTE,
    SOMEONE,
    WHOM,
    Heard,
    Referral,
    answered_whom,
    hear,
    referral,
)
from harbour.guide.responses import ResponseBook
from harbour.guide.topics import Guide, Topic
from harbour.safety.signals import load_signals
from harbour.safety.whom import about_whom
from tests.guide.test_additions import bot, since, user

GUIDE = Guide(
    {},
    {
        topic.leaf: topic
        for topic in (
            Topic("faq/therapy", "Why?", adds=("therapy_referral",)),
            Topic("faq/plain", "Plain?"),
            Topic(LEAF, "Find therapy"),
            Topic("deny", "No"),
        )
    },
)
ASKS = {"therapy_referral": {"asked": ["need help"]}}
NONE = Referral((), "", None)


def heard(text: str, leaf: str = "nlu_fallback", said: set[str] | None = None) -> Heard:
    """What a message says about the referral, read as the assistant reads it."""
    return hear(text, leaf, about_whom(text), load_signals().found(text), said or set())


def due(leaf: str = "faq/plain", events: Any = None, signals: Any = None, answer: Any = None, **slots: Any) -> Referral:
    """What the action says; the country is known unless a test says otherwise."""
    return referral(GUIDE, leaf, signals or {}, events or [user()], {"country": "GB", **slots}, answer or {})


def test_help_comes_before_the_question() -> None:
    """Asked for, the way to help is given at once and the question stands behind it."""
    assert due(LEAF) == Referral((ROUTE,), WHOM, None)


def test_what_is_known_is_not_asked() -> None:
    """For whom and the country are asked only while unknown, one in a turn."""
    assert due(LEAF, helping=ME) == Referral((ROUTE,), "", None)
    assert due(LEAF, helping=SOMEONE) == Referral((ROUTE, FOR_SOMEONE), "", None)
    assert due(LEAF, helping=ME, country=None) == Referral((ROUTE,), COUNTRY, None)
    assert due(LEAF, country="") == Referral((ROUTE,), WHOM, None)


@pytest.mark.parametrize(("helping", "tip"), [(ME, FOR_ME), (SOMEONE, FOR_SOMEONE)])
def test_an_answer_refines_what_was_said(helping: str, tip: str) -> None:
    """The answer brings what fits, not the whole list again."""
    events = [user(), bot(ROUTE), bot(WHOM), user()]
    assert due(LEAF, events, answer={"helping": helping}, helping=helping) == Referral((tip,), "", None)


def test_there_are_two_questions_at_most() -> None:
    """For whom, then the country, then no more, whatever is left open."""
    events = [user(), bot(ROUTE), bot(WHOM), user()]
    first = due(LEAF, events, answer={"helping": ME}, helping=ME, country=None)
    assert first == Referral((FOR_ME,), COUNTRY, None)
    events += [bot(FOR_ME), bot(COUNTRY), user()]
    assert due(LEAF, events, answer={"country": "IE"}, helping=ME, country="IE") == Referral((ROUTE,), "", None)
    assert due(LEAF, events, helping=None, country=None).question == ""


def test_a_question_that_was_not_answered_is_not_repeated() -> None:
    """Whoever goes on without answering is not asked again for ten turns."""
    assert due(LEAF, since(REST, WHOM)).question == ""
    assert due(LEAF, since(REST + 1, WHOM)).question == WHOM


def test_an_answer_to_nothing_is_a_request() -> None:
    """ "For me" long after the question brings the way to help again."""
    assert due(LEAF, since(3, WHOM), answer={"helping": ME}, helping=ME).responses == (ROUTE,)


@pytest.mark.parametrize("turns", [1, 5, REST + 1])
def test_asked_for_it_comes_each_time(turns: int) -> None:
    """However recently it was given."""
    assert ROUTE in due(LEAF, since(turns, ROUTE)).responses


@pytest.mark.parametrize(("leaf", "signals"), [("faq/therapy", {}), ("faq/plain", ASKS), ("concerned_other", ASKS)])
def test_by_topic_or_words_it_comes_once_in_ten_turns(leaf: str, signals: Any) -> None:
    """It comes, rests for ten turns, and comes again."""
    assert due(leaf, signals=signals).responses == (ROUTE,)
    assert due(leaf, since(REST, ROUTE), signals) == NONE
    assert due(leaf, since(REST + 1, ROUTE), signals).responses == (ROUTE,)


def test_by_topic_alone_nothing_is_asked() -> None:
    """Who asked about therapy in general is not questioned."""
    assert due("faq/therapy", country=None).question == ""
    assert due("faq/plain", signals=ASKS).question == WHOM


@pytest.mark.parametrize("leaf", ["faq/plain", "greet", "suicide_risk", "nlu_fallback", "deny", ""])
def test_other_turns_bring_none(leaf: str) -> None:
    """Where nobody speaks of therapy there is none."""
    assert due(leaf, signals={"overdose_risk": {"relapse": ["used again"]}}) == NONE


def test_a_no_is_kept() -> None:
    """Declined, nothing is said in that turn, and no topic brings it again, however long ago."""
    assert due("deny", since(1, ROUTE), referral=DECLINING) == Referral((), "", RESTS)
    assert due("faq/therapy", since(1, ROUTE), referral=DECLINING) == Referral((), "", RESTS)
    assert due("faq/therapy", since(REST + 5, ROUTE), referral=RESTS) == Referral((), "", RESTS)


@pytest.mark.parametrize(("leaf", "signals"), [(LEAF, {}), ("faq/plain", ASKS)])
def test_asked_for_again_it_comes_back(leaf: str, signals: Any) -> None:
    """A no binds us, not the visitor."""
    again = due(leaf, since(REST + 1, ROUTE), signals, referral=RESTS)
    assert ROUTE in again.responses and again.state is None


def test_a_no_in_the_same_breath_beats_the_word_therapy() -> None:
    """ "I don't want therapy" holds the words "want therapy" and is no request."""
    signals = load_signals().found("i dont want therapy")
    assert due("faq/plain", signals=signals) == NONE


@pytest.mark.parametrize("card", ["utter_emergency_overdose", "utter_suicide_risk"])
def test_in_a_crisis_nothing_is_offered_and_nothing_asked(card: str) -> None:
    """Only who asks for it by name is shown the way, without a question."""
    assert due("faq/therapy", since(1, card)) == NONE
    assert due("faq/plain", since(1, card), ASKS) == NONE
    assert due(LEAF, since(1, card)) == Referral((ROUTE,), "", None)


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("me", ME),
        ("for me", ME),
        ("it's for myself please", ME),
        ("Just me", ME),
        ("someone else", SOMEONE),
        ("for my son", SOMEONE),
        ("its for a friend", SOMEONE),
        ("my little brother", SOMEONE),
        ("both of us", SOMEONE),
        ("not me, my mum", ""),
        ("for my son, what are the side effects", ""),
        ("my dose", ""),
        ("the implant", ""),
        ("is it for me to say how long", ""),
        ("no", ""),
        ("", ""),
    ],
)
def test_only_a_plain_answer_is_taken_as_one(text: str, whom: str) -> None:
    """A message that says more than for whom is left to be understood as what it is."""
    assert answered_whom(text) == whom


def test_an_answer_counts_only_behind_the_question() -> None:
    """ "For my son" out of the blue is no answer."""
    assert heard("for my son", said={ROUTE, WHOM}) == Heard(LEAF, {"helping": SOMEONE})
    assert heard("for my son") == Heard()


@pytest.mark.parametrize(
    "text",
    [
        "i dont want therapy",
        "no therapy please",
        "therapy isnt for me",
        "stop going on about counselling",
        "i hate therapy",
    ],
)
def test_a_no_in_words_is_heard_whatever_we_took_it_for(text: str) -> None:
    """It is answered as a no, offered or not."""
    for leaf in ("nlu_fallback", LEAF, "out_of_scope", "faq/therapy_need", "deny", "feedback_negative"):
        assert heard(text, leaf) == Heard("deny", {"referral": DECLINING})


@pytest.mark.parametrize("text", ["no thanks", "not now", "maybe later", "im not ready", "leave it"])
def test_a_no_to_our_offer_counts_only_right_after_it(text: str) -> None:
    """Elsewhere the same words mean something else."""
    for offer in (ROUTE, WHOM, COUNTRY, FOR_ME):
        assert heard(text, said={offer}) == Heard("deny", {"referral": DECLINING})
    assert heard(text, "deny") == Heard()
    assert heard(text, "deny", {"utter_greet"}) == Heard()


def test_a_bare_no_is_to_what_was_offered() -> None:
    """Any message understood as a no declines the offer just made."""
    assert heard("nah", "deny", {ROUTE}) == Heard("deny", {"referral": DECLINING})


@pytest.mark.parametrize("check", ["utter_check_danger", "utter_check_suicide", "utter_suicide_risk"])
def test_a_no_to_the_question_about_danger_declines_nothing(check: str) -> None:
    """It was asked last, so it is what the no is to."""
    assert heard("no", "deny", {ROUTE, check}) == Heard()


def test_a_question_in_the_same_message_is_answered() -> None:
    """The no is kept and the question is not lost."""
    text = "i dont want therapy, how long does one dose last?"
    assert heard(text, "faq/dose_duration") == Heard("", {"referral": DECLINING})
    for text in ("what if i dont want therapy?", "just the chip no rehab, would that do", "meds only, no therapy"):
        assert heard(text, "faq/therapy_need") == Heard("", {"referral": DECLINING})


def test_somebody_elses_no_is_not_the_visitors() -> None:
    """ "He does not want therapy" asks for help."""
    for text in ("my son doesnt want therapy", "he wont see a therapist", "she hates counselling"):
        assert heard(text, "beyond/loved_one_help").slots.get("referral") is None


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("can you help me find a therapist", {"helping": ME}),
        ("i need counselling", {"helping": ME}),
        ("where can i find a therapist for my son", {"helping": SOMEONE}),
        ("he needs therapy", {"helping": SOMEONE}),
        ("where can i find a counsellor", {}),
        ("therapists near leeds", {}),
    ],
)
def test_for_whom_is_read_off_the_request(text: str, slots: dict[str, str]) -> None:
    """Who says for whom is not asked; a bare "where can I find" leaves it open."""
    assert heard(text, LEAF) == Heard("", slots)


def test_every_button_is_one_we_accept_and_rasa_can_read() -> None:
    """A payload is an intent with, at most, one slot as JSON; titles are short."""
    offered = [button for buttons in BUTTONS.values() for button in buttons]
    assert {button["payload"] for button in offered} == PAYLOADS
    for button in offered:
        intent, _, slots = button["payload"].partition("{")
        assert intent in (f"/{LEAF}", "/deny")
        assert set(json.loads("{" + slots)) <= {"helping", "country", "referral"}
        assert len(button["title"]) <= 40


def test_the_referral_names_everything_it_must() -> None:
    """Free public route first, a phone, a web finder, the guide's kinds of therapy, and that no is fine."""
    text = ResponseBook.load().render(ROUTE, "GB").text
    places = [text.index(words) for words in ("for free on the NHS", "0300 123 6600", "https://", "CBT", "not now")]
    assert places == sorted(places)
    for kind in ("CBT", "DBT", "group therapy", "12-step", "counselling", "holistic"):
        assert kind in text


def test_whoever_helps_is_told_what_to_say_and_that_they_matter() -> None:
    """A phone line they may use themselves, words to begin with, and support for families."""
    text = ResponseBook.load().render(FOR_SOMEONE, "AU").text
    for words in ("1800 250 015", "you could say", "support for families", "their choice"):
        assert words in text
