"""action_check_danger: one calm question when a message might mean danger."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions.check_danger import ActionCheckDanger
from tests.actions.helpers import assert_rests, assert_says, create_tracker, message, since


def _risk(*risks: tuple[str, str]) -> dict[str, Any]:
    return message("faq/dose_duration", risk=[{"id": id, "level": level} for id, level in risks])


def _question(id: str) -> dict[str, Any]:
    return {
        "response": "utter_check_suicide" if id == "suicide_risk" else "utter_check_danger",
        "suspected": id,
        "buttons": [{"title": "Yes", "payload": f"/{id}"}, {"title": "No", "payload": "/deny"}],
    }


def test_a_suspected_danger_is_asked_about() -> None:
    """The question names the danger behind its yes and waits for the answer."""
    assert_says(
        ActionCheckDanger(),
        create_tracker(_risk(("suicide_risk", "check")), suspected=False),
        _question("suicide_risk"),
        events=[SlotSet("suspected", True)],
    )


def test_of_several_the_most_pressing_is_asked_about() -> None:
    """One question only: the first of the verdict."""
    tracker = create_tracker(_risk(("emergency_overdose", "check"), ("drug_seeking", "check")), suspected=False)
    assert_says(ActionCheckDanger(), tracker, _question("emergency_overdose"), events=[SlotSet("suspected", True)])


def test_an_alarm_is_not_asked_about() -> None:
    """Where the alarm was answered nobody is asked whether there is one."""
    assert_rests(
        ActionCheckDanger(),
        create_tracker(_risk(("suicide_risk", "alarm"), ("drug_seeking", "check")), suspected=False),
    )


def test_the_danger_that_the_conversation_is_about_is_not_asked_about() -> None:
    """After its card nobody is asked whether there is one; another danger is."""
    tracker = create_tracker(_risk(("drug_seeking", "check")), suspected=False, crisis="drug_seeking")
    assert_rests(ActionCheckDanger(), tracker)
    tracker = create_tracker(_risk(("suicide_risk", "check")), suspected=False, crisis="drug_seeking")
    assert_says(ActionCheckDanger(), tracker, _question("suicide_risk"), events=[SlotSet("suspected", True)])


def test_without_a_sign_nobody_is_asked() -> None:
    """No risk, no question."""
    assert_rests(ActionCheckDanger(), create_tracker(_risk(), suspected=False))
    assert_rests(ActionCheckDanger(), create_tracker(message("greet"), suspected=False))


def test_the_question_rests_for_ten_turns() -> None:
    """It is not asked again within ten messages, and then it is."""
    latest = _risk(("suicide_risk", "check"))
    assert_rests(ActionCheckDanger(), create_tracker(latest, since(10, "utter_check_danger"), suspected=False))
    assert_says(
        ActionCheckDanger(),
        create_tracker(latest, since(11, "utter_check_danger"), suspected=False),
        _question("suicide_risk"),
        events=[SlotSet("suspected", True)],
    )


def test_the_question_stops_waiting_when_the_visitor_goes_on() -> None:
    """The next message that is no answer ends the wait."""
    assert_says(
        ActionCheckDanger(),
        create_tracker(_risk(), since(1, "utter_check_danger"), suspected=True),
        events=[SlotSet("suspected", False)],
    )


def test_a_question_that_already_waits_changes_nothing() -> None:
    """Due again while still waiting, it is asked and the wait goes on."""
    assert_says(
        ActionCheckDanger(), create_tracker(_risk(("suicide_risk", "check")), suspected=True), _question("suicide_risk")
    )
