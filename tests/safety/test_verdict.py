"""From likelihoods to alarm, check or quiet; and about whom a message is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour.safety.verdict import (
    ALARM_ALONE,
    ALARM_TOGETHER,
    CHECK_ALONE,
    CHECK_TOGETHER,
    DEADLY,
    SAFETY_IDS,
    about_whom,
    verdict,
)

OTHERS = [id for id in SAFETY_IDS if id not in DEADLY]
LIKELIHOODS = st.dictionaries(st.sampled_from(SAFETY_IDS), st.floats(0, 1))


def levels(likelihood: dict[str, float]) -> dict[str, str]:
    """Id -> level of the verdict on a neutral message."""
    return {risk.id: risk.level for risk in verdict("some words", likelihood)}


def test_a_message_without_any_sign_is_quiet() -> None:
    """Silence is for messages with no sign at all."""
    assert verdict("how long does an implant last", {}) == []
    assert verdict("how long does an implant last", dict.fromkeys(SAFETY_IDS, 0.001)) == []


@pytest.mark.parametrize("id", DEADLY)
def test_what_kills_within_the_hour_raises_by_itself(id: str) -> None:
    """At its own low threshold a deadly danger is an alarm; below it is asked about; far below there is silence."""
    assert levels({id: ALARM_ALONE}) == {id: "alarm"}
    assert levels({id: ALARM_ALONE - 0.001}) == {id: "check"}
    assert levels({id: CHECK_ALONE}) == {id: "check"}
    assert levels({id: CHECK_ALONE - 0.001}) == {}


@pytest.mark.parametrize("id", OTHERS)
def test_another_danger_raises_at_the_common_threshold(id: str) -> None:
    """At the threshold the alarm is raised, below it we ask, far below there is silence."""
    assert levels({id: ALARM_TOGETHER}) == {id: "alarm"}
    assert levels({id: ALARM_TOGETHER - 0.001}) == {id: "check"}
    assert levels({id: CHECK_TOGETHER}) == {id: "check"}
    assert levels({id: CHECK_TOGETHER - 0.001}) == {}


def test_what_kills_within_the_hour_raises_sooner() -> None:
    """Overdose and suicide risk have the lower thresholds."""
    assert DEADLY == ("emergency_overdose", "suicide_risk")
    assert ALARM_ALONE < ALARM_TOGETHER
    assert CHECK_ALONE < CHECK_TOGETHER < ALARM_TOGETHER


def test_dangers_that_share_their_likelihood_still_raise_an_alarm() -> None:
    """Two half-likely dangers are one likely danger, and the likelier one names it."""
    half = ALARM_TOGETHER / 2
    assert levels({"medical_urgent": half + 0.001, "drug_seeking": half}) == {"medical_urgent": "alarm"}
    assert levels({"medical_urgent": half - 0.001, "drug_seeking": half}) == {"drug_seeking": "check"}


def test_two_likely_dangers_are_two_alarms() -> None:
    """A message can speak of two dangers: both are raised, the most pressing first."""
    assert list(levels({"relapse_disclosure": 0.45, "suicide_risk": 0.45})) == ["suicide_risk", "relapse_disclosure"]
    assert set(levels({"relapse_disclosure": 0.45, "suicide_risk": 0.45}).values()) == {"alarm"}


@given(LIKELIHOODS)
def test_the_most_pressing_danger_comes_first(likelihood: dict[str, float]) -> None:
    """Whatever the likelihoods, dangers stand in the order in which they are answered, each once."""
    ids = [risk.id for risk in verdict("some words", likelihood)]
    assert ids == sorted(set(ids), key=SAFETY_IDS.index)


@given(LIKELIHOODS, st.sampled_from(SAFETY_IDS))
def test_more_danger_never_lowers_the_level(likelihood: dict[str, float], id: str) -> None:
    """A danger that becomes certain is an alarm, whatever else is likely."""
    assert levels({**likelihood, id: 1.0})[id] == "alarm"


def test_overdose_comes_before_everything() -> None:
    """Overdose is answered before suicide risk, both before all other dangers."""
    assert SAFETY_IDS[:2] == ("emergency_overdose", "suicide_risk")
    assert set(SAFETY_IDS) == {
        "emergency_overdose",
        "suicide_risk",
        "medical_urgent",
        "relapse_disclosure",
        "intent_to_use",
        "drug_seeking",
        "abuse_violence",
    }


def test_a_risk_shows_the_words_that_led_to_it() -> None:
    """Staff see id, about whom, when, level and the visitor's own words."""
    (risk,) = verdict("he is blue", {"emergency_overdose": 0.9})
    assert risk.as_dict() == {
        "id": "emergency_overdose",
        "about": "other",
        "when": "now",
        "level": "alarm",
        "words": "he is blue",
    }


@pytest.mark.parametrize(
    "text",
    [
        "he is not breathing",
        "my son is blue",
        "my little brother took too much",
        "Someone on the stairs is not waking up",
        "found her on the bathroom floor",
        "a mate has gone over",
        "my flatmate wont wake up",
        "they are turning grey",
        "MY MUM IS UNCONSCIOUS",
        "theres a bloke here, hes blue, i cant wake him, he",
    ],
)
def test_a_message_about_somebody_else_is_known(text: str) -> None:
    """The reply then speaks to the one who is worried."""
    assert about_whom(text) == "other"


@pytest.mark.parametrize(
    "text",
    [
        "i took too much",
        "I'm going to kill myself",
        "ive relapsed",
        "my implant is infected",
        "help me",
        "cant go on",
        "",
        "my arm is swollen and i feel sick",
        "im scared my heart is racing",
    ],
)
def test_a_message_about_the_writer_is_known(text: str) -> None:
    """The reply then speaks to the writer; so it does when nobody is named."""
    assert about_whom(text) == "self"


@pytest.mark.parametrize(
    "text",
    [
        "i cant wake him",
        "i think he is dying",
        "a man in my hostel is not waking up, i shook him",
        "my sons lips are blue what do i do",
    ],
)
def test_who_finds_somebody_is_not_the_one_in_danger(text: str) -> None:
    """As many words about oneself as about another: the one in danger is the other."""
    assert about_whom(text, "emergency_overdose") == "other"


def test_whoever_is_hit_is_the_one_in_danger() -> None:
    """As many words about the one who hits as about the writer: it is about the writer."""
    assert about_whom("my boyfriend hits me and i am scared of him", "abuse_violence") == "self"
