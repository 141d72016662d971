"""What a message says beside its topic: a name mixed up, a no to therapy, for whom help is sought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import BooleanSlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from harbour.assistant.remarks import Remarks, said_last
from harbour.assistant.turns import TurnError
from harbour.guide.referral import PAYLOADS
from harbour.safety.signals import load_signals
from harbour.safety.whom import about_whom
from tests.assistant_fixture import Visitor

ALARM = [{"id": "emergency_overdose", "level": "alarm"}]
SLOTS = [BooleanSlot("wrong_medicine", [{"type": "from_entity", "entity": "wrong_medicine"}], initial_value=False)]


def remarked(text: str, intent: str = "nlu_fallback", risk: Any = (), said: str = "", **slots: Any) -> Message:
    """A message after the screen and this component; our last turn said `said`."""
    about = {"entity": "about", "value": about_whom(text), "start": 0, "end": 1, "extractor": "SafetyScreen"}
    message = Message(
        {
            "text": text,
            "intent": {"name": intent, "confidence": 0.5},
            "entities": [about],
            "risk": list(risk),
            "signals": load_signals().found(text),
            "topics": [intent],
        }
    )
    events = [UserUttered("x")] + ([BotUttered("y", metadata={"utter_action": said})] if said else [])
    events += [SlotSet(name, value) for name, value in slots.items()]
    crisis = [TextSlot("crisis", [{"type": "custom"}])]
    tracker = DialogueStateTracker.from_events("x", events, [*SLOTS, *crisis])
    return Remarks().process([message], tracker)[0]


def told(message: Message) -> dict[str, Any]:
    """The slots that the message sets, `about` apart."""
    return {e["entity"]: e["value"] for e in message.get("entities") if e["entity"] != "about"}


def test_a_mix_up_travels_with_the_message() -> None:
    """The note action reads it; most messages have none."""
    assert remarked("what is naltroxone").get("mixup") == {"kind": "spelling", "words": "naltroxone"}
    assert remarked("what is naltrexone").get("mixup") is None


def test_the_wrong_medicine_in_an_emergency_sets_the_slot() -> None:
    """An alarm, or an emergency that lasts, makes "ive got naltrexone" a mix-up; without one it is none."""
    assert told(remarked("hes blue, ive got naltrexone", "emergency_overdose", ALARM)) == {"wrong_medicine": True}
    assert told(remarked("ive got naltrexone", crisis="emergency_overdose")) == {"wrong_medicine": True}
    assert told(remarked("ive got naltrexone")) == {}
    assert told(remarked("hes on naltrexone and blue", "emergency_overdose", ALARM)) == {}


def test_the_slot_is_taken_back_with_the_next_message() -> None:
    """The sentence about naltrexone stands only beside the message that called for it."""
    assert told(remarked("he is breathing now", wrong_medicine=True)) == {"wrong_medicine": False}


def test_the_screens_entity_stays() -> None:
    """What the screen found out about whom is kept."""
    message = remarked("give him naltrexone hes blue", "emergency_overdose", ALARM)
    assert [e["entity"] for e in message.get("entities")] == ["about", "wrong_medicine"]


def test_an_alarm_is_never_changed() -> None:
    """Neither a no nor an answer takes the place of a danger."""
    for text in ("i dont want therapy i want to die", "for my son", "no thanks"):
        message = remarked(text, "suicide_risk", [{"id": "suicide_risk", "level": "alarm"}], "utter_referral_whom")
        assert message.get("intent")["name"] == "suicide_risk"
        assert message.get("topics") == ["suicide_risk"]
        assert told(message) == {}


def test_a_no_becomes_the_topic() -> None:
    """Declined in words: answered as a no, and the referral is told to rest."""
    message = remarked("i dont want therapy", "therapy_referral")
    assert (message.get("intent")["name"], message.get("topics")) == ("deny", ["deny"])
    assert told(message) == {"referral": "declining"}


def test_an_answer_to_our_question_becomes_the_topic() -> None:
    """Typed instead of pressed, it counts the same."""
    message = remarked("for my son", said="utter_referral_whom")
    assert (message.get("intent")["name"], message.get("topics")) == ("therapy_referral", ["therapy_referral"])
    assert told(message) == {"helping": "someone"}


def test_in_doubt_about_a_life_no_message_is_turned_into_a_no() -> None:
    """The referral rests all the same, and what the message was understood as is answered."""
    for id in ("suicide_risk", "emergency_overdose"):
        message = remarked("i dont want therapy", "out_of_scope", [{"id": id, "level": "check"}])
        assert (message.get("intent")["name"], message.get("topics")) == ("out_of_scope", ["out_of_scope"])
        assert told(message) == {"referral": "declining"}
    message = remarked("i dont want therapy", "out_of_scope", [{"id": "drug_seeking", "level": "check"}])
    assert message.get("intent")["name"] == "deny"


def test_while_a_life_is_in_danger_nothing_is_heard_about_therapy() -> None:
    """A no in a crisis is left to the crisis; after a lesser danger it is heard."""
    for id in ("suicide_risk", "emergency_overdose"):
        message = remarked("i dont want therapy", "out_of_scope", crisis=id)
        assert (message.get("intent")["name"], told(message)) == ("out_of_scope", {})
    assert told(remarked("i dont want therapy", crisis="relapse_disclosure")) == {"referral": "declining"}


def test_a_danger_that_is_answered_without_an_alarm_is_left_alone() -> None:
    """Whatever the screen made of it, a message understood as danger gets that reply."""
    message = remarked("i dont want therapy i want to kill myself", "suicide_risk")
    assert message.get("intent")["name"] == "suicide_risk"
    assert told(message) == {}


def test_a_message_without_anything_is_read_too() -> None:
    """No text, no entities, no tracker: nothing and no error."""
    message = Remarks().process([Message({})])[0]
    assert message.get("mixup") is None and not message.get("entities")


def test_our_last_turn_ends_where_the_visitor_spoke() -> None:
    """Only what we said since counts as said."""
    events = [
        BotUttered("a", metadata={"utter_action": "utter_referral"}),
        UserUttered("x"),
        BotUttered("b", metadata={"utter_action": "utter_greet"}),
        BotUttered("raw", metadata=None),
    ]
    assert said_last(DialogueStateTracker.from_events("x", events)) == {"utter_greet", ""}
    assert said_last(None) == set()


Come = Callable[..., Visitor]


@pytest.mark.parametrize("payload", sorted(PAYLOADS))
def test_each_button_of_the_referral_can_be_pressed(visitor: Come, payload: str) -> None:
    """A button that carries an answer is one of ours, and its answer is kept."""
    one = visitor()
    turn = one.presses(payload)
    assert turn.replies
    assert turn.intent in ("therapy_referral", "deny")


@pytest.mark.parametrize(
    "payload",
    [
        '/therapy_referral{"helping": "me", "country": "US"}',
        '/therapy_referral{"about": "other"}',
        '/deny{"referral": ""}',
    ],
)
def test_a_payload_that_only_looks_like_ours_is_refused(visitor: Come, payload: str) -> None:
    """Letter for letter, or not at all."""
    with pytest.raises(TurnError, match="is none of ours"):
        visitor().presses(payload)


def test_what_was_answered_survives_a_lost_memory(visitor: Come) -> None:
    """The gateway's context brings back for whom, and that it was declined."""
    one = visitor()
    one.says("where can i find a counsellor")
    one.presses('/therapy_referral{"helping": "someone"}')
    turn = one.presses('/deny{"referral": "declining"}')
    assert (turn.context["helping"], turn.context["referral"]) == ("someone", "declined")
    one.forgotten()
    said = [r.response for r in one.presses("/faq/therapy_need").replies]
    assert "utter_referral" not in said
    assert one.tracker().get_slot("helping") == "someone"


def test_the_wrong_medicine_is_named_without_the_action_server(visitor: Come) -> None:
    """The card says that naltrexone will not help, and the next card is the plain one."""
    one = visitor()
    turn = one.says("hes not breathing should i give him naltrexone")
    assert turn.replies[0].response == "utter_emergency_overdose"
    assert "Naltrexone will not help now. Give naloxone" in turn.replies[0].text
    assert "Naltrexone" not in one.says("his lips are blue he wont wake up").replies[0].text
