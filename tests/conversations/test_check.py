"""When a message might mean danger: answered as usual, one calm question, and what comes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harbour.assistant import screen
from harbour.guide.topics import load_guide
from harbour.safety.reading import Reading
from harbour.safety.signs import SAFETY_IDS
from harbour.safety.verdict import Risk, verdict
from tests.assistant_fixture import Visitor

DOUBTFUL = "how long does one dose last?"
Come = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def suspicious(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The screen is in doubt about one question, whatever the model of the day thinks; the rest is as it is."""
    suspected = {"id": "suicide_risk"}

    def doubt(reading: Reading, likelihood: dict[str, float], *known: Any) -> list[Risk]:
        if reading.doc.text == DOUBTFUL:
            return [Risk(suspected["id"], "self", "now", "check", DOUBTFUL)]
        return verdict(reading, likelihood, *known)

    monkeypatch.setattr(screen, "verdict", doubt)
    return lambda id: suspected.update(id=id)


def responses(turn: object) -> list[str]:
    """The names of what was said."""
    return [r.response for r in turn.replies]  # type: ignore[attr-defined]


def test_the_answer_comes_first_and_the_question_last(visitor: Come) -> None:
    """The message is answered as usual; then one line asks, with two buttons."""
    turn = visitor().says(DOUBTFUL)
    assert responses(turn)[0] == "utter_faq/dose_duration"
    assert responses(turn)[-1] == "utter_check_suicide"
    assert turn.raised("check") == ["suicide_risk"] and turn.raised("alarm") == []
    assert [(b["title"], b["payload"]) for b in turn.replies[-1].buttons] == [("Yes", "/suicide_risk"), ("No", "/deny")]


@pytest.mark.parametrize("id", SAFETY_IDS)
@pytest.mark.parametrize("how", ["typed", "pressed"])
def test_yes_is_the_alarm(visitor: Come, suspicious: Callable[[str], None], id: str, how: str) -> None:
    """A yes, typed or pressed, is answered as the danger we suspected, and staff see it."""
    suspicious(id)
    one = visitor()
    one.says(DOUBTFUL)
    turn = one.says("yes") if how == "typed" else one.presses(f"/{id}")
    assert responses(turn)[0] == f"utter_{id}"
    assert turn.raised("alarm")[0] == id


def test_it_is_asked_once_until_the_answer_and_after_it(visitor: Come) -> None:
    """The same doubt is not asked about again within ten turns, though staff still see it."""
    one = visitor()
    one.says(DOUBTFUL)
    for _ in range(3):
        turn = one.says(DOUBTFUL)
        assert not {"utter_check_danger", "utter_check_suicide"} & set(responses(turn))
        assert turn.raised("check") == ["suicide_risk"]


def test_whoever_goes_on_is_answered(visitor: Come) -> None:
    """A question instead of an answer gets its answer, and a later no is only a no."""
    one = visitor()
    one.says(DOUBTFUL)
    assert responses(one.presses("/faq/naltrexone_forms"))[0] == "utter_faq/naltrexone_forms"
    assert responses(one.presses("/thank")) == ["utter_thank"]
    assert responses(one.presses("/deny")) == ["utter_deny"]


@pytest.mark.parametrize("leaf", [leaf for leaf in load_guide().topics if leaf not in (*SAFETY_IDS, "affirm", "deny")])
def test_while_the_question_waits_every_topic_is_answered_as_ever(visitor: Come, leaf: str) -> None:
    """An open question changes nothing about other answers."""
    one = visitor()
    one.says(DOUBTFUL)
    assert responses(one.presses(f"/{leaf}"))[0] == f"utter_{leaf}"


@pytest.mark.parametrize("how", ["typed", "pressed"])
def test_no_is_believed(visitor: Come, how: str) -> None:
    """A no, typed or pressed, is thanked for, and raises nothing."""
    one = visitor()
    one.says(DOUBTFUL)
    turn = one.says("no") if how == "typed" else one.presses("/deny")
    assert responses(turn) == ["utter_deny"]
    assert "116 123" in turn.replies[0].text  # a no leaves the door open
    assert turn.risk == []
    assert one.tracker().get_slot("suspected") is False
