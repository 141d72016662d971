"""From two readings to alarm, check or quiet; and about whom a message is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour.safety.reading import SignReader
from harbour.safety.signs import ALARM, CHECK, QUIET, SAFETY_IDS
from harbour.safety.verdict import ALARM_ALONE, BARS, CHECK_ALONE, DEADLY, DOUBT, SECOND, verdict
from harbour.safety.whom import about_whom

OTHERS = [id for id in SAFETY_IDS if id not in DEADLY]
LIKELIHOODS = st.dictionaries(st.sampled_from(SAFETY_IDS), st.floats(0, 1))
PLAIN = BARS[QUIET]


@pytest.fixture(scope="module")
def reader(small: SignReader) -> SignReader:
    return small


def levels(reader: SignReader, likelihood: dict[str, float] | None, text: str = "some words") -> dict[str, str]:
    """Id -> level of the verdict on a message; a neutral one if none is given."""
    return {risk.id: risk.level for risk in verdict(reader.read(text), likelihood)}


def test_a_message_without_any_sign_is_quiet(reader: SignReader) -> None:
    """Silence is for messages with no sign at all."""
    assert levels(reader, {}) == {}
    assert levels(reader, dict.fromkeys(SAFETY_IDS, 0.001)) == {}
    assert levels(reader, None) == {}


@pytest.mark.parametrize("id", DEADLY)
def test_what_kills_within_the_hour_raises_by_itself(reader: SignReader, id: str) -> None:
    """At its own low threshold a deadly danger is an alarm; below it is asked about; far below there is silence."""
    assert levels(reader, {id: ALARM_ALONE}) == {id: "alarm"}
    assert levels(reader, {id: ALARM_ALONE - 0.001}) == {id: "check"}
    assert levels(reader, {id: CHECK_ALONE}) == {id: "check"}
    assert levels(reader, {id: CHECK_ALONE - 0.001}) == {}


@pytest.mark.parametrize("id", OTHERS)
def test_another_danger_raises_at_the_common_threshold(reader: SignReader, id: str) -> None:
    """At the threshold the alarm is raised, below it we ask, far below there is silence."""
    assert levels(reader, {id: PLAIN.alarm}) == {id: "alarm"}
    assert levels(reader, {id: PLAIN.alarm - 0.001}) == {id: "check"}
    assert levels(reader, {id: PLAIN.check}) == {id: "check"}
    assert levels(reader, {id: PLAIN.check - 0.001}) == {}


def test_the_bars_stand_in_order() -> None:
    """Every sign lowers the bar, a context that takes signs back raises it; deadly dangers have the lower ones."""
    assert DEADLY == ("emergency_overdose", "suicide_risk")
    assert BARS[ALARM].alarm <= BARS[CHECK].alarm < PLAIN.alarm < BARS["lowered"].alarm
    assert PLAIN.alarm > ALARM_ALONE and CHECK_ALONE < PLAIN.check < PLAIN.alarm


def test_a_strong_sign_is_an_alarm_by_itself(reader: SignReader) -> None:
    """Either reading can raise: with signs alone, or with experts who hardly see it."""
    assert levels(reader, None, "he is not breathing") == {"emergency_overdose": "alarm"}
    assert levels(reader, {"emergency_overdose": DOUBT}, "he is not breathing") == {"emergency_overdose": "alarm"}


def test_a_strong_sign_of_a_lesser_danger_is_asked_about_when_the_experts_see_nothing(reader: SignReader) -> None:
    """Where nobody dies within the hour, two readings that disagree make a question; a deadly sign stays an alarm."""
    assert levels(reader, {}, "used heroin") == {"relapse_disclosure": "check"}
    assert levels(reader, {"relapse_disclosure": DOUBT}, "used heroin") == {"relapse_disclosure": "alarm"}
    assert levels(reader, {}, "he is not breathing") == {"emergency_overdose": "alarm"}


def test_a_weak_sign_lowers_the_bar(reader: SignReader) -> None:
    """A weak sign alone is a check; with experts who find some danger it is an alarm."""
    assert levels(reader, {}, "very sleepy") == {"emergency_overdose": "check"}
    assert levels(reader, {"emergency_overdose": BARS[CHECK].alarm}, "very sleepy") == {"emergency_overdose": "alarm"}


@pytest.mark.parametrize("text", ["she overdosed years ago", "it is not an overdose", "he overdosed. he is fine now"])
def test_a_past_or_denied_danger_needs_far_more_to_be_one(reader: SignReader, text: str) -> None:
    """Context lowers: what would be an alarm without it is none; sure experts still raise it."""
    assert levels(reader, None, text) == {}
    assert "alarm" not in levels(reader, {"emergency_overdose": PLAIN.alarm}, text).values()
    assert levels(reader, {"emergency_overdose": 0.99}, text) == {"emergency_overdose": "alarm"}


def test_dangers_that_share_their_likelihood_still_raise_an_alarm(reader: SignReader) -> None:
    """Two half-likely dangers are one likely danger: the likelier one names it, the other is asked about."""
    half = PLAIN.alarm / 2
    either = {"medical_urgent": half + 0.001, "drug_seeking": half}
    assert levels(reader, either) == {"medical_urgent": "alarm", "drug_seeking": "check"}
    neither = {"medical_urgent": half - 0.002, "drug_seeking": half}
    assert levels(reader, neither) == {"medical_urgent": "check", "drug_seeking": "check"}


def test_a_second_danger_is_seen_where_the_first_is_raised(reader: SignReader) -> None:
    """Dangers resemble each other: what else a raised message may be about is not lost; a quiet one stays quiet."""
    assert levels(reader, {"drug_seeking": PLAIN.alarm, "intent_to_use": SECOND})["intent_to_use"] == "check"
    assert levels(reader, {"intent_to_use": SECOND}) == {}


def test_two_dangers_are_two_alarms(reader: SignReader) -> None:
    """A message can speak of two dangers: both are raised, the most pressing first."""
    found = levels(reader, None, "i used heroin and want to die")
    assert list(found.items()) == [("suicide_risk", "alarm"), ("relapse_disclosure", "alarm")]


@given(LIKELIHOODS)
def test_the_most_pressing_danger_comes_first(reader: SignReader, likelihood: dict[str, float]) -> None:
    """Whatever the likelihoods, dangers stand in the order in which they are answered, each once."""
    ids = list(levels(reader, likelihood))
    assert ids == sorted(set(ids), key=SAFETY_IDS.index)


@given(LIKELIHOODS, st.sampled_from(SAFETY_IDS))
def test_more_danger_never_lowers_the_level(reader: SignReader, likelihood: dict[str, float], id: str) -> None:
    """A danger that becomes certain is an alarm, whatever else is likely."""
    others = {other: min(p, 0.99) for other, p in likelihood.items()}
    assert levels(reader, {**others, id: 1.0})[id] == "alarm"


def test_overdose_comes_before_everything() -> None:
    """Overdose is answered before suicide risk, both before all other dangers."""
    assert SAFETY_IDS[:2] == ("emergency_overdose", "suicide_risk")
    assert len(set(SAFETY_IDS)) == 7


def test_a_risk_shows_the_words_that_led_to_it(reader: SignReader) -> None:
    """Staff see id, about whom, when, level and the visitor's own words."""
    (risk,) = verdict(reader.read("Help, he isn\u2019t breathing!"), None)
    assert risk.as_dict() == {
        "id": "emergency_overdose",
        "about": "other",
        "when": "now",
        "level": "alarm",
        "words": "he isn't breathing",
    }


def test_without_a_sign_the_message_itself_is_shown(reader: SignReader) -> None:
    """What only the experts found is shown as it was said, not longer than a few lines."""
    (risk,) = verdict(reader.read("He has gone all quiet on me"), {"emergency_overdose": 0.9})
    assert risk.words == "he has gone all quiet on me"
    (risk,) = verdict(reader.read("quiet " * 400), {"emergency_overdose": 0.9})
    assert len(risk.words) == 300


def test_a_past_danger_is_told_as_past(reader: SignReader) -> None:
    """A check on something past or imagined says so, and no alarm is ever about the past."""
    (risk,) = verdict(reader.read("what if he is not breathing"), None)
    assert (risk.level, risk.when) == ("check", "hypothetical")
    (risk,) = verdict(reader.read("she overdosed years ago"), {"emergency_overdose": BARS["lowered"].check})
    assert (risk.level, risk.when) == ("check", "past")


def test_a_sign_can_say_about_whom_it_is(reader: SignReader) -> None:
    """A file may fix it: the words around do not change it then. What is known from before comes first."""
    (risk,) = verdict(reader.read("he saw the needle in my arm"), None)
    assert risk.about == "self"
    (risk,) = verdict(reader.read("he saw the needle in my arm"), None, about="other")
    assert risk.about == "other"


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


def test_sure_experts_decide_about_whom() -> None:
    """Where they are sure they are right more often than words counted; where they are not, words are counted."""
    assert about_whom("lips gone blue", "medical_urgent", other=0.9) == "other"
    assert about_whom("he is blue", "medical_urgent", other=0.1) == "self"
    assert about_whom("he is blue", "medical_urgent", other=0.5) == "other"
