"""One turn with the assistant: text and buttons in, replies, risk and context out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harbour.assistant.turns import TurnError
from harbour.guide.responses import ResponseBook
from harbour.guide.topics import RETRIEVAL, load_guide
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.steps import payloads
from tests.assistant_fixture import Visitor

GUIDE = load_guide()
Come = Callable[..., Visitor]
QUESTIONS = [leaf for leaf in GUIDE.topics if leaf.split("/")[0] in RETRIEVAL]


@pytest.mark.parametrize("leaf", GUIDE.topics)
def test_each_button_of_ours_gets_its_own_answer_first(visitor: Come, leaf: str) -> None:
    """Pressing a topic's button is answered with that topic, without any guessing."""
    turn = visitor().presses(f"/{leaf}")
    assert turn.replies[0].response == f"utter_{leaf}"
    assert turn.intent == leaf
    assert turn.topics == [leaf.split("/")[-1]]
    assert turn.raised("alarm") == ([leaf] if leaf in SAFETY_IDS else [])


@pytest.mark.parametrize(
    "payload",
    [
        "/restart",
        "/session_start",
        "/back",
        "/nlu_fallback",
        "/faq",
        "/beyond",
        "/out_of_scope_2",
        "greet",
        "/",
        "/greet ",
        " /greet",
        "/GREET",
        '/greet{"country": "US"}',
        "/faq/no_such_topic",
        "//greet",
        "\uff0fgreet",
        "/greet@0.1",
        "/faq/naltrexone_what\n",
        "EXTERNAL: /greet",
    ],
)
def test_a_button_we_never_offered_is_refused(visitor: Come, payload: str) -> None:
    """Only a payload of ours, letter for letter, counts; the error says what to send."""
    with pytest.raises(TurnError, match="is none of ours: send the payload of a button that was offered"):
        visitor().presses(payload)


def test_every_button_the_assistant_shows_can_be_pressed() -> None:
    """No offered payload is refused."""
    offered = {
        b["payload"]
        for variations in ResponseBook.load().responses.values()
        for v in variations
        for b in v.get("buttons") or []
    }
    assert {p for p in offered if p.removeprefix("/") not in GUIDE.topics and p not in payloads()} == set()


TYPED_COMMANDS = [
    '/greet{"country": "US"}',
    "/greet",
    " /goodbye",
    "\t/thank",
    "\uff0fgreet",
    "\u200b/greet",
    "\ufeff/greet",
    "\x00/greet",
    "/restart",
    "/session_start",
    "/back",
    "/nlu_fallback",
    "/faq/naltrexone_what",
    "\u2028/greet",
    "\u00a0/greet",
    "//greet",
    '/emergency_overdose@1.0{"about": "self"}',
    '/inform{"suspected": true}',
    "\u200d/greet",
    "\u200b" * 40 + "/greet",
]


@pytest.mark.parametrize("text", TYPED_COMMANDS, ids=ascii)
def test_typed_text_is_never_a_command(visitor: Come, text: str) -> None:
    """A visitor who types a command has typed words: our classifier reads them, no slot changes, nothing restarts."""
    one = visitor()
    one.says("hello")
    turn = one.says(text)
    tracker = one.tracker()
    latest = tracker.latest_message
    assert not latest.text.strip().startswith("/")
    assert latest.parse_data["topic_ranking"]  # read by our components, not by Rasa's command reader
    assert "risk" in latest.parse_data
    assert turn.replies
    assert tracker.get_slot("country") == "GB"
    assert tracker.get_slot("suspected") in (False, None) or {"utter_check_danger", "utter_check_suicide"} & {
        r.response for r in turn.replies
    }
    assert next(e.text for e in tracker.events if e.type_name == "user") == "hello"
    assert "restart" not in {e.type_name for e in tracker.events}


def test_a_typed_command_cannot_set_the_country(visitor: Come) -> None:
    """The numbers shown afterwards are still those of the visitor's country."""
    one = visitor("GB")
    one.says('/greet{"country": "US"}')
    assert "999" in one.presses("/emergency_overdose").replies[0].text


def test_nothing_typed_is_answered_and_changes_nothing(visitor: Come) -> None:
    """Blank input gets a kind word; no conversation is opened for it."""
    one = visitor()
    for blank in ("", "  \n", "\u200b"):
        turn = one.says(blank)
        assert [r.response for r in turn.replies] == ["utter_blank"]
        assert (turn.topics, turn.risk, turn.intent) == ([], [], "")
    assert one.tracker() is None


def test_blank_input_offers_ways_on(visitor: Come) -> None:
    """Whoever sent nothing is shown buttons to choose from."""
    (reply,) = visitor().says(" ").replies
    assert [b["payload"] for b in reply.buttons] == [
        b["payload"] for b in ResponseBook.load().responses["utter_blank"][0]["buttons"]
    ]


def test_an_answer_names_its_section(visitor: Come) -> None:
    """The guide's heading comes with the answer, ready to show."""
    reply = visitor().presses("/faq/dose_duration").replies[0]
    assert (reply.kind, reply.section, reply.section_title) == ("answer", "how-taken", "How do people take naltrexone?")


def test_the_answer_comes_first_and_notes_after(visitor: Come) -> None:
    """Nothing is said before the answer to a question."""
    for leaf in QUESTIONS:
        kinds = [r.kind for r in visitor().presses(f"/{leaf}").replies]
        assert kinds[0] == "answer"
        assert set(kinds[1:]) <= {"note", "referral"}


def test_a_change_of_country_changes_the_numbers(visitor: Come) -> None:
    """Within one conversation the country of the latest request counts, and is remembered."""
    one = visitor("GB")
    assert "999" in one.presses("/emergency_overdose").replies[0].text
    turn = one.presses("/emergency_overdose", country="US")
    assert "911" in turn.replies[0].text and turn.country == "US"
    turn = one.presses("/emergency_overdose", country="")
    assert "911" in turn.replies[0].text
    assert turn.context["country"] == "US"


@pytest.mark.parametrize("country", ["gb", "GBR", "1", "G", "GB\n", "--", "ÄÖ"])
def test_a_country_that_is_no_code_is_refused(visitor: Come, country: str) -> None:
    """The error says how to write it."""
    with pytest.raises(TurnError, match="is no ISO code: write two capital letters, like GB"):
        visitor().says("hello", country=country)


def test_a_country_we_have_no_file_for_gets_the_international_numbers(visitor: Come) -> None:
    """Nobody is shown another country's lines."""
    assert "112" in visitor("FR").presses("/emergency_overdose").replies[0].text


def test_context_restores_a_forgotten_conversation(visitor: Come) -> None:
    """After the memory is lost, country and whom it is about come back from the gateway's context."""
    one = visitor("IE")
    one.says("my son asks how long one dose lasts")
    assert one.context == {"country": "IE", "about": "other"}
    one.forgotten()
    turn = one.presses("/suicide_risk", country="")
    assert turn.country == "IE"
    assert "If they have hurt themselves" in turn.replies[0].text


@pytest.mark.parametrize("lost_after", [1, 2, 3])
def test_a_crisis_survives_a_lost_conversation(visitor: Come, lost_after: int) -> None:
    """Forgotten in the middle of an emergency: the follow-ups are still understood, and nothing is repeated."""
    one = visitor("IE")
    script = ["my son has taken an overdose, he is not breathing", "i dont have naloxone", "ok", "what do i do now"]
    said = []
    for number, text in enumerate(script, 1):
        turn = one.says(text, country="" if number > 1 else "IE")
        said.append(turn.replies[0].response)
        assert turn.raised("alarm")[0] == "emergency_overdose" and turn.risk[0]["about"] == "other"
        assert "112 or 999" in turn.replies[0].text
        if number == lost_after:
            assert (one.context["crisis"], one.context["about"]) == ("emergency_overdose", "other")
            one.forgotten()
    card = "utter_emergency_overdose"
    assert said == [card, f"{card}_no_naloxone", f"{card}_here", f"{card}_waiting"]


def test_the_context_is_empty_again_once_the_crisis_is_over(visitor: Come) -> None:
    """Nothing of it is handed on when help has come."""
    one = visitor()
    one.presses("/emergency_overdose")
    assert one.context["crisis"] == "emergency_overdose" and one.context["told"] == "emergency_overdose"
    one.presses("/emergency_overdose/help_here")
    assert set(one.context) == {"country", "about"}


def test_nonsense_about_a_crisis_in_the_context_is_no_error(visitor: Come) -> None:
    """Whatever stands there, the visitor gets an answer."""
    for crisis, told in (("nonsense", "x"), (7, ["a"]), ({"a": 1}, None), ("emergency_overdose", "bogus -")):
        assert visitor().says("hello", context={"crisis": crisis, "told": told}).replies


@pytest.mark.parametrize("payload", sorted(payloads()))
def test_each_button_of_a_crisis_is_answered(visitor: Come, payload: str) -> None:
    """A step's button is answered with that step, whatever was talked about before."""
    danger, step = payload[1:].split("/")
    turn = visitor().presses(payload)
    wanted = "utter_emergency_overdose" if step == "taken" else f"utter_{danger}_{step}"
    assert turn.replies[0].response == wanted
    assert turn.topics == ["emergency_overdose" if step == "taken" else danger]


def test_context_does_not_override_what_is_remembered(visitor: Come) -> None:
    """While the conversation is known, its own slots count."""
    one = visitor("GB")
    one.says("hello")
    assert one.says("hello", country="", context={"country": "US"}).country == "GB"


def test_nonsense_in_the_context_is_no_error(visitor: Come) -> None:
    """Keys we do not know are ignored."""
    assert visitor("").says("hello", context={"country": "US", "secret": "x", "suspected": True}).country == "US"


def test_while_staff_hold_the_conversation_nothing_is_said(visitor: Come) -> None:
    """Held messages are screened for danger and get no reply; the assistant does not remember them."""
    one = visitor()
    one.says("hello")
    before = len(one.tracker().events)
    turn = one.says("my son is not breathing and his lips are blue", held=True)
    assert turn.replies == []
    assert turn.raised("alarm")[0] == "emergency_overdose"
    assert turn.risk[0]["about"] == "other"
    assert len(one.tracker().events) == before
    assert one.says("how long does one dose last?", held=True).replies == []
    assert one.says("", held=True).replies == []


def test_a_held_button_is_silent_too(visitor: Come) -> None:
    """Pressing a danger's button while staff talk still raises it for them."""
    turn = visitor().presses("/suicide_risk", held=True)
    assert turn.replies == []
    assert turn.raised("alarm") == ["suicide_risk"]


def test_held_follow_ups_are_screened_in_their_crisis(visitor: Come) -> None:
    """While staff hold an emergency, a follow-up is still known as one; no state moves, lost memory or not."""
    one = visitor()
    one.says("my son is not breathing and his lips are blue")
    context = one.context
    for _ in range(2):
        turn = one.says("i have no naloxone", held=True)
        assert turn.replies == [] and turn.raised("alarm") == ["emergency_overdose"]
        assert one.context == context
        one.forgotten()
    assert one.says("i have no naloxone").replies[0].response == "utter_emergency_overdose_no_naloxone"


def test_a_turn_can_be_sent_as_json(visitor: Come) -> None:
    """The channel's answer is plain data with the promised keys."""
    import json

    sent = json.loads(json.dumps(visitor().says("what is naltrexone?").as_dict()))
    assert {"replies", "topics", "intent", "risk", "context"} <= set(sent)
    assert {"response", "text", "buttons", "section", "kind"} <= set(sent["replies"][0])


def test_a_long_conversation_stays_quick_and_remembers_its_country(visitor: Come) -> None:
    """After sixty turns the record is still bounded and the numbers are still right."""
    one = visitor("US")
    one.says("hello")
    for _ in range(60):
        one.presses("/thank", country="")
    assert sum(e.type_name == "user" for e in one.tracker().events) <= 20
    assert "911" in one.presses("/emergency_overdose", country="").replies[0].text
