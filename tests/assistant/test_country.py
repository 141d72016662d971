"""Where somebody says they are, in Rasa: entities, the slot, and how a message is answered that says only that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from harbour import settings
from harbour.assistant import places
from harbour.assistant.places import PlaceExtractor
from harbour.settings import Settings
from tests.assistant_fixture import Visitor

DOMAIN = Domain.load(str(settings.ROOT / "domain.yml"))
ALARM = {"id": "emergency_overdose", "about": "other", "when": "now", "level": "alarm", "words": ""}
GUESS = {"id": "drug_seeking", "about": "self", "when": "now", "level": "alarm", "words": "im in dublin"}
STEP = {"entity": "step", "value": "drug_seeking", "start": 0, "end": 3, "extractor": "SafetyScreen"}
ABOUT = {"entity": "about", "value": "other", "start": 0, "end": 3, "extractor": "SafetyScreen"}


def read(text: str, *events: Any, risk: tuple[dict[str, str], ...] = ()) -> Message:
    """A message after the component; the screen had set its risks, an entity, an intent and topics."""
    message = Message(
        {
            "text": text,
            "intent": {"name": risk[0]["id"] if risk else "faq"},
            "risk": list(risk),
            "entities": [ABOUT, STEP] if risk else [ABOUT],
            "topics": ["dose_duration"],
        }
    )
    tracker = DialogueStateTracker.from_events("x", list(events), DOMAIN.slots)
    return PlaceExtractor().process([message], tracker)[0]


def entities(message: Message) -> dict[str, str]:
    """The values that were found, by entity."""
    return {e["entity"]: e["value"] for e in message.get("entities")}


def test_entities_of_others_stay() -> None:
    """The country is put beside what the safety screen found, in the place where it stands."""
    message = read("im in Dublin")
    assert entities(message) == {"about": "other", "country": "IE", "place": "settled"}
    found = message.get("entities")[1]
    assert message.get("text")[found["start"] : found["end"]] == "Dublin"


def test_only_a_place_is_answered_as_such() -> None:
    """Intent and topics change when the message says nothing else, and only then."""
    alone, more = read("im in dublin"), read("im in dublin, how long does a dose last")
    assert (alone.get("intent")["name"], alone.get("topics")) == ("country", [])
    assert (more.get("intent")["name"], more.get("topics")) == ("faq", ["dose_duration"])
    assert entities(more) == {"about": "other", "country": "IE"}


def test_no_place_changes_nothing() -> None:
    """A message without a place goes through as it came."""
    message = read("how long does a dose last")
    assert entities(message) == {"about": "other"}
    assert message.get("intent")["name"] == "faq"


def test_an_alarm_stays_an_alarm() -> None:
    """The screen has the last word on what is answered; the place only chooses the numbers."""
    message = read("im in dublin and hes not breathing", risk=(ALARM,))
    assert message.get("intent")["name"] == "emergency_overdose"
    assert message.get("risk") == [ALARM]
    assert entities(message)["country"] == "IE" and "place" not in entities(message)


@pytest.mark.parametrize(
    "parsed",
    [{"intent": {"name": "emergency_overdose"}, "risk": [ALARM]}, {"intent": {"name": "suicide_risk"}}],
)
def test_right_after_an_alarm_the_number_comes_first(parsed: dict[str, Any]) -> None:
    """Typed or pressed: the turn after an alarm is urgent, the one after that is not."""
    alarm = UserUttered("x", parse_data=parsed)
    assert entities(read("im in dublin", alarm))["place"] == "urgent"
    assert (
        entities(read("im in dublin", alarm, UserUttered("y", parse_data={"intent": {"name": "thank"}})))["place"]
        == "settled"
    )


def test_in_a_crisis_the_number_comes_first() -> None:
    """As long as a crisis lasts, whatever was said in between; the crisis goes on as it was."""
    message = read("im in dublin", SlotSet("crisis", "emergency_overdose"), risk=(ALARM, GUESS))
    assert message.get("intent")["name"] == "country"
    assert entities(message) == {"about": "other", "country": "IE", "place": "urgent"}
    assert (message.get("risk"), message.get("topics")) == ([ALARM], ["emergency_overdose"])
    assert entities(read("im in dublin", SlotSet("crisis", "none")))["place"] == "settled"


def test_a_guess_about_a_place_is_no_danger() -> None:
    """People who look for a dealer name towns, too; a town alone has no sign of it, whatever the experts think."""
    message = read("im in dublin", risk=(GUESS,))
    assert message.get("intent")["name"] == "country"
    assert (message.get("risk"), message.get("topics")) == ([], [])
    assert entities(message) == {"about": "other", "country": "IE", "place": "settled"}


def test_somebody_elses_place_counts_when_they_are_in_danger_and_nothing_is_known() -> None:
    """A sister's town is hers; it is called there only when she may be dying and nobody said more."""
    assert "country" not in entities(read("my sister lives in sydney"))
    assert entities(read("shes in sydney and not breathing", risk=(ALARM,)))["country"] == "AU"
    assert "country" not in entities(read("shes in sydney and not breathing", SlotSet("country", "GB"), risk=(ALARM,)))


def test_not_here_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is not where we took them to be gets the international numbers; other denials change nothing."""
    assert entities(read("im not in the uk"))["country"] == "ZZ"
    assert entities(read("im not in the uk", SlotSet("country", "GB")))["country"] == "ZZ"
    assert "country" not in entities(read("im not in the uk", SlotSet("country", "US")))
    monkeypatch.setattr(places.settings, "load", lambda: Settings(country="IE"))
    assert "country" not in entities(read("im not in the uk"))


def test_a_name_of_several_places_is_asked_about() -> None:
    """It sets no country, unless the one that is known is among them."""
    assert entities(read("im in perth")) == {"about": "other", "place": "unsure"}
    assert entities(read("im in perth", SlotSet("country", "AU")))["country"] == "AU"
    assert "place" not in entities(read("im in perth, how long does a dose last"))


def test_without_a_conversation_it_reads_all_the_same() -> None:
    """Messages that are only parsed, as while staff hold the conversation, have no tracker."""
    message = PlaceExtractor().process([Message({"text": "im in dublin"})], None)[0]
    assert entities(message)["country"] == "IE"


def test_the_country_stays_until_changed(visitor: Callable[..., Visitor]) -> None:
    """Said once it holds for all that follows, comes back in each turn, and survives a lost memory."""
    one = visitor("")
    assert one.says("what is naltrexone?").country == ""
    assert one.says("im in dublin").country == "IE"
    assert one.presses("/thank", country="").country == "IE"
    one.forgotten()
    assert one.presses("/thank", country="").country == "IE"
    assert one.says("actually im in canada").country == "CA"


def test_a_place_said_while_staff_hold_the_conversation_is_kept(visitor: Callable[..., Visitor]) -> None:
    """Nothing is answered, and the gateway still learns it."""
    turn = visitor("").says("im in dublin", held=True)
    assert (turn.replies, turn.country) == ([], "IE")
    assert visitor("GB").says("hello", held=True).country == "GB"


def test_a_place_typed_as_a_command_is_no_command(visitor: Callable[..., Visitor]) -> None:
    """Only words count."""
    one = visitor("")
    one.says('/country{"country": "US"}')
    assert one.tracker().get_slot("country") is None
