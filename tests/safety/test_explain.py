"""What `harbour explain` tells a clinician."""

from __future__ import annotations

from harbour.safety.explain import explained
from harbour.safety.reading import SignReader
from harbour.safety.verdict import verdict


def told(reader: SignReader, text: str, likelihood: dict[str, float] | None) -> str:
    """The explanation of a message."""
    reading = reader.read(text)
    return explained(reading, likelihood, verdict(reading, likelihood))


def test_the_words_the_file_the_reason_and_the_context_are_shown(small: SignReader) -> None:
    """Which sign, why it is one, where it is written, and what took it back."""
    text = told(small, "she overdosed years ago but he is not breathing", None)
    assert "alarm: emergency_overdose, about other, now; words: " in text
    assert "'he is not breathing': emergency_overdose" in text
    assert "'overdosed': emergency_overdose, emergency_overdose.yml: entry 2, level alarm" in text
    assert "why: a test" in text
    assert "context: past ('years ago') -> quiet" in text
    assert "signs alone decide" in text


def test_a_quiet_message_is_said_to_be_quiet(small: SignReader) -> None:
    """No sign, no danger, and the bars that were not reached."""
    text = told(small, "how long does it last", {"suicide_risk": 0.03, "drug_seeking": 0.01})
    assert text.startswith("Verdict\n  quiet")
    assert "Signs (content/safety)\n  none" in text
    assert "any danger 0.04; suicide_risk 0.03, drug_seeking 0.01" in text
    assert "alarm from 0." in text
