"""Rasa's response generator with our contacts."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain

from harbour import settings
from harbour.assistant.wording import Wording
from harbour.contacts import load_countries
from harbour.guide.responses import ResponseBook

DOMAIN = Domain.load(str(settings.ROOT / "domain.yml"))
BOOK = ResponseBook.load()


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(domain=DOMAIN)


@pytest.mark.parametrize("code", load_countries())
@pytest.mark.parametrize("about", ["self", "other"])
def test_both_sides_say_the_same(wording: Wording, code: str, about: str) -> None:
    """Every response reads the same from Rasa and from the gateway's own filling, in every country."""
    different = [
        name
        for name in BOOK.responses
        if wording.generate_from_slots(name, {"country": code, "about": about}, "harbour")["text"].strip()  # type: ignore[index]
        != BOOK.render(name, code, about).text
    ]
    assert different == []


def test_an_unknown_response_is_none(wording: Wording) -> None:
    """Rasa then knows that there is nothing to say."""
    assert wording.generate_from_slots("utter_no_such", {}, "harbour") is None


def test_without_a_country_the_international_numbers_are_given(wording: Wording) -> None:
    """Nobody is shown a number of a country that is not known to be theirs."""
    assert "112" in wording.generate_from_slots("utter_emergency_overdose", {"country": None}, "harbour")["text"]  # type: ignore[index]


def test_a_slot_cannot_replace_a_number(wording: Wording) -> None:
    """A slot that happens to be called like a placeholder does not win over the contacts."""
    text = wording.generate_from_slots("utter_emergency_overdose", {"country": "GB", "emergency": "666"}, "harbour")[
        "text"
    ]  # type: ignore[index]
    assert "666" not in text and "999" in text
