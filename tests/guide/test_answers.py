"""Every topic has its answer, and every answer says what it must and nothing it must not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from harbour import settings
from harbour.contacts.countries import load_countries
from harbour.guide.responses import ResponseBook
from harbour.guide.topics import RETRIEVAL, Guide, Topic, load_guide
from harbour.safety.steps import payloads

CONTRACT = yaml.safe_load((Path(__file__).parent / "topics.yml").read_text(encoding="utf-8"))
GUIDE: Guide = load_guide()
BOOK = ResponseBook.load()
DOMAIN = yaml.safe_load((settings.ROOT / "domain.yml").read_text(encoding="utf-8"))
QUESTIONS = [t for leaf, t in GUIDE.topics.items() if leaf.split("/")[0] in RETRIEVAL]
VARIATIONS = [(name, number, v) for name, variations in BOOK.responses.items() for number, v in enumerate(variations)]
EACH_VARIATION = pytest.mark.parametrize(
    ("name", "variation"),
    [(name, v) for name, _, v in VARIATIONS],
    ids=[f"{name}-{number}" for name, number, _ in VARIATIONS],
)
WORDS = 120
# person-first words: never these, of a person or of a life
FORBIDDEN = re.compile(
    r"\b(addicts?|junk(ie|y)s?|abus(e|er|ers|ed|ing)|clean|dirty|users?|habit|victims?|suffer(s|ing)? from"
    r"|commit(s|ted)? suicide|overdosed on purpose|relapsers?)\b",
    re.IGNORECASE,
)


def answer(topic: Topic) -> str:
    """The one text of a topic's answer, as written."""
    (variation,) = BOOK.responses[topic.response]
    return variation["text"]


@pytest.mark.parametrize("group", ["faq", "beyond", "chat", "safety"])
def test_the_topics_are_those_agreed(group: str) -> None:
    """No topic is missing, renamed or added without the contract."""
    prefix = f"{group}/" if group in RETRIEVAL else ""
    assert {f"{prefix}{id}" for id in CONTRACT[group]} <= set(GUIDE.topics)
    assert set(GUIDE.topics) == {
        f"{g}/{id}" if g in RETRIEVAL else id for g in ("faq", "beyond", "chat", "safety") for id in CONTRACT[g]
    }


def test_the_sections_are_the_guides_own_headings() -> None:
    """A section is named as in the guide, word for word."""
    assert GUIDE.sections == CONTRACT["sections"]


@pytest.mark.parametrize(("id", "section"), CONTRACT["faq"].items())
def test_each_answer_names_the_section_it_is_drawn_from(id: str, section: str) -> None:
    """Guide and domain agree with the contract on each answer's section."""
    topic = GUIDE.topics[f"faq/{id}"]
    (variation,) = BOOK.responses[topic.response]
    assert topic.section == variation["metadata"]["section"] == section


@pytest.mark.parametrize("id", CONTRACT["beyond"])
def test_what_is_not_from_the_guide_names_no_section_and_says_so(id: str) -> None:
    """An answer beyond the guide begins by saying that the guide does not cover the question."""
    topic = GUIDE.topics[f"beyond/{id}"]
    (variation,) = BOOK.responses[topic.response]
    assert topic.section == "" and "section" not in variation["metadata"]
    first = re.split(r"[.:]\s", variation["text"])[0]
    assert re.match(r"the guide (does not|gives no|is not)\b", first, re.IGNORECASE), first


@pytest.mark.parametrize("topic", QUESTIONS, ids=lambda t: t.leaf)
def test_each_answer_states_every_fact(topic: Topic) -> None:
    """Nothing the topic must state is missing from its answer."""
    assert topic.facts
    assert {fact.fact: fact.missing(answer(topic)) for fact in topic.facts if fact.missing(answer(topic))} == {}


@pytest.mark.parametrize("topic", QUESTIONS, ids=lambda t: t.leaf)
def test_each_fact_can_be_missed(topic: Topic) -> None:
    """Each fact names words to look for, so that an answer without them fails."""
    assert [fact.fact for fact in topic.facts if not fact.missing("")] == []


@pytest.mark.parametrize("topic", [t for t in QUESTIONS if t.unsaid], ids=lambda t: t.leaf)
def test_no_answer_claims_what_it_must_not(topic: Topic) -> None:
    """Words that would promise too much or tell how to use are not in the answer."""
    said = answer(topic).lower()
    assert [words for words in topic.unsaid if re.search(rf"\b{re.escape(words)}", said)] == []


@pytest.mark.parametrize("country", load_countries())
@pytest.mark.parametrize("topic", QUESTIONS, ids=lambda t: t.leaf)
def test_each_answer_is_short(topic: Topic, country: str) -> None:
    """An answer with its country's contacts filled in stays under 120 words."""
    assert len(BOOK.render(topic.response, country).text.split()) < WORDS


@pytest.mark.parametrize("topic", GUIDE.topics.values(), ids=lambda t: t.leaf)
def test_each_topic_has_a_short_title(topic: Topic) -> None:
    """A title fits on a button and is written for people: 40 characters, no id."""
    assert 0 < len(topic.title) <= 40
    assert "_" not in topic.title


def test_no_two_topics_share_a_title() -> None:
    """Three buttons never look alike."""
    titles = [t.title for t in GUIDE.topics.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("topic", GUIDE.topics.values(), ids=lambda t: t.leaf)
def test_each_topic_has_an_answer_of_the_right_kind(topic: Topic) -> None:
    """Questions get answers, dangers get safety replies, each with text for every country."""
    rendered = BOOK.render(topic.response)
    group = topic.leaf.split("/")[0]
    if group in RETRIEVAL:
        assert rendered.kind == "answer"
    elif group in CONTRACT["safety"]:
        assert rendered.kind == "safety"
    else:
        assert rendered.kind in ("chat", "handoff", "referral")
    assert rendered.text


@pytest.mark.parametrize("topic", GUIDE.topics.values(), ids=lambda t: t.leaf)
def test_each_note_and_addition_exists(topic: Topic) -> None:
    """What is added to an answer is written, at most two notes, and marked as not from the guide."""
    assert len(topic.notes) <= 2
    assert set(topic.adds) <= {"overdose_risk", "therapy_referral"}
    for slug in topic.notes:
        note = BOOK.render(f"utter_note_{slug}")
        assert note.kind == "note"
        assert note.text.startswith("**Safety note – not from the guide:**")


def test_each_note_belongs_to_an_answer() -> None:
    """No note is written and never shown. (The two names are told apart after any answer.)"""
    written = {name for name in BOOK.responses if name.startswith("utter_note_")} - {"utter_note_two_names"}
    assert written == {f"utter_note_{slug}" for topic in GUIDE.topics.values() for slug in topic.notes}


@pytest.mark.parametrize(
    "id",
    ["using_on_naltrexone", "overdose_after_treatment", "treatment_duration", "dose_duration", "naltrexone_drawbacks"],
)
def test_the_overdose_note_follows_the_topics_agreed(id: str) -> None:
    """Topics that touch a break in treatment add the overdose-risk note."""
    assert "overdose_risk" in GUIDE.topics[f"faq/{id}"].adds


def test_a_missed_dose_adds_the_overdose_note() -> None:
    """A missed dose is a break: the note follows."""
    assert "overdose_risk" in GUIDE.topics["beyond/missed_dose"].adds


@pytest.mark.parametrize("id", ["naltrexone_cure", "therapy_need", "therapy_types", "naltrexone_cravings"])
def test_the_referral_follows_the_topics_agreed(id: str) -> None:
    """Topics about therapy add the way to it."""
    assert "therapy_referral" in GUIDE.topics[f"faq/{id}"].adds


@pytest.mark.parametrize("country", load_countries())
@pytest.mark.parametrize("about", ["self", "other"])
@pytest.mark.parametrize("name", BOOK.responses)
def test_every_placeholder_is_filled_for_every_country(name: str, about: str, country: str) -> None:
    """No visitor anywhere reads a curly bracket instead of a number."""
    text = BOOK.render(name, country, about).text
    assert text
    assert "{" not in text and "}" not in text


def test_an_unknown_placeholder_is_an_error() -> None:
    """Better no text than a wrong number."""
    book = ResponseBook({"utter_x": [{"text": "call {nobody}", "metadata": {"kind": "chat"}}]})
    with pytest.raises(KeyError, match="nobody"):
        book.render("utter_x")


@EACH_VARIATION
def test_no_number_is_typed_by_hand(name: str, variation: dict) -> None:
    """Phone numbers come from the country files: the only long figure in our sentences is a study's 180 days."""
    words = variation["text"] + " ".join(b["title"] for b in variation.get("buttons") or [])
    numbers = [n for n in re.findall(r"\d[\d \-()]*\d", words) if len(re.sub(r"\D", "", n)) >= 3]
    assert [n for n in numbers if not (n == "180" and name == "utter_faq/naltrexone_effectiveness")] == []


@EACH_VARIATION
def test_our_words_are_person_first(name: str, variation: dict) -> None:
    """No sentence of ours says addict, clean, abuse, user or the like."""
    words = variation["text"] + " ".join(b["title"] for b in variation.get("buttons") or [])
    assert [m.group(0) for m in FORBIDDEN.finditer(words)] == []


@EACH_VARIATION
def test_every_button_leads_somewhere(name: str, variation: dict) -> None:
    """A button's payload is a topic of ours with a slash before it, or a step of a crisis."""
    for button in variation.get("buttons") or []:
        assert button["payload"][0] == "/"
        assert button["payload"][1:] in GUIDE.topics or button["payload"] in payloads()
        assert 0 < len(button["title"]) <= 40


@EACH_VARIATION
def test_every_reply_says_what_kind_it_is(name: str, variation: dict) -> None:
    """`kind` is one of those the channel promises."""
    assert variation["metadata"]["kind"] in {"answer", "note", "referral", "safety", "chat", "fallback", "handoff"}


@pytest.mark.parametrize("id", CONTRACT["safety"])
def test_each_danger_reply_gives_the_emergency_number_and_says_what_we_are(id: str) -> None:
    """Whatever the danger: who to call, and that an automated assistant cannot call."""
    for variation in BOOK.responses[f"utter_{id}"]:
        assert "{emergency}" in variation["text"] or "{emergency_or_hospital}" in variation["text"]
        assert "automated assistant" in variation["text"]
        assert "cannot" in variation["text"]


def test_suicide_risk_gives_crisis_lines_and_no_method() -> None:
    """The reply asks plainly, offers people to talk to and names no means."""
    for name in ("utter_suicide_risk", "utter_suicide_risk_again", "utter_suicide_risk_again_3"):
        for variation in BOOK.responses[name]:
            assert "{crisis_lines}" in variation["text"]
            assert not re.search(r"\b(hang|jump|pills|rope|blade|lethal|dose)", variation["text"].lower())


def test_the_first_message_says_what_this_is_and_is_not() -> None:
    """Automated, not a clinician, from one guide, not for emergencies, who may read it."""
    text = BOOK.render("utter_intro").text.lower()
    for words in ("automated", "not a doctor or nurse", "one guide", "not for emergencies", "999", "may read"):
        assert words in text


def test_the_referral_always_gives_a_free_public_route() -> None:
    """The free route stands before everything else, in every country."""
    assert BOOK.responses["utter_referral"][0]["text"].startswith("**Finding help:** {free_route}")
    assert {code: c.free_route for code, c in load_countries().items() if len(c.free_route) < 20} == {}


def test_the_one_spoken_to_is_addressed() -> None:
    """Where a reply differs for somebody else, the fitting one is chosen; otherwise the same is given."""
    assert "If they have hurt themselves" in BOOK.render("utter_suicide_risk", about="other").text
    assert "If you have hurt yourself" in BOOK.render("utter_suicide_risk", about="self").text
    assert BOOK.render("utter_greet", about="other") == BOOK.render("utter_greet", about="self")


def test_every_intent_of_the_domain_is_a_topic() -> None:
    """The domain has an intent for each topic's first part, the fallback, a place that was said, and no other."""
    intents = {next(iter(i)) if isinstance(i, dict) else i for i in DOMAIN["intents"]}
    assert intents == {leaf.split("/")[0] for leaf in GUIDE.topics} | {"nlu_fallback", "country"}


def test_the_book_gives_the_card_of_a_conversation_that_has_just_begun() -> None:
    """Conditions on slots that the gateway knows nothing of count with their first value."""
    book = ResponseBook.load()
    assert "If it is you" in book.render("utter_emergency_overdose", "GB", "self").text
    assert "If it is you" not in book.render("utter_emergency_overdose", "GB", "other").text
