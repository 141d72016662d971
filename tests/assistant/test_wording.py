"""Rasa's response generator with our contacts."""

from __future__ import annotations

import asyncio

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from harbour import settings
from harbour.assistant.wording import RESTS, Wording
from harbour.contacts import NOT_SAID, countries, load_countries
from harbour.guide.responses import ResponseBook
from harbour.settings import Settings

DOMAIN = Domain.load(str(settings.ROOT / "domain.yml"))
BOOK = ResponseBook.load()


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(domain=DOMAIN)


@pytest.mark.parametrize("code", [NOT_SAID, *load_countries()])
@pytest.mark.parametrize("about", ["self", "other"])
def test_both_sides_say_the_same(wording: Wording, code: str, about: str) -> None:
    """Every response reads the same from Rasa and from the gateway's own filling, in every country."""
    first = {slot.name: slot.initial_value for slot in DOMAIN.slots}
    different = [
        name
        for name in BOOK.responses
        if wording.generate_from_slots(name, {**first, "country": code, "about": about}, "harbour")["text"].strip()  # type: ignore[index]
        != BOOK.render(name, code, about).text
    ]
    assert different == []


def test_an_unknown_response_is_none(wording: Wording) -> None:
    """Rasa then knows that there is nothing to say."""
    assert wording.generate_from_slots("utter_no_such", {}, "harbour") is None


@pytest.mark.parametrize("code", [None, ""])
def test_without_a_country_one_line_tells_everybody_else_what_to_do(wording: Wording, code: str | None) -> None:
    """Nobody said where they are: the site's own numbers, and below them, once, what to do elsewhere."""
    text = wording.generate_from_slots("utter_emergency_overdose", {"country": code}, "harbour")["text"]  # type: ignore[index]
    assert "Call 999 now" in text
    assert text.count("Not in the UK?") == 1 and text.splitlines()[-1].startswith("**Not in the UK?**")
    assert "elsewhere" not in text


def test_the_sites_own_country_is_a_setting(wording: Wording, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site in Ireland shows Irish numbers until it knows better."""
    monkeypatch.setattr(countries.settings, "load", lambda: Settings(country="IE"))
    text = wording.generate_from_slots("utter_emergency_overdose", {"country": None}, "harbour")["text"]  # type: ignore[index]
    assert "Call 112 or 999 now" in text and "Not in Ireland?" in text


@pytest.mark.parametrize("code", load_countries())
def test_a_country_that_was_said_needs_no_such_line(wording: Wording, code: str) -> None:
    """Whoever said where they are reads their own numbers and nothing else."""
    for name in BOOK.responses:
        text = wording.generate_from_slots(name, {"country": code}, "harbour")["text"]  # type: ignore[index]
        assert "Not in " not in text, name


def test_a_text_without_urgent_numbers_needs_no_such_line(wording: Wording) -> None:
    """An answer of the guide stays as it is."""
    assert "Not in" not in wording.generate_from_slots("utter_faq/naltrexone_what", {}, "harbour")["text"]  # type: ignore[index]


def test_the_line_for_other_countries_rests(wording: Wording) -> None:
    """The first reply that needs it has it; whoever is led through first aid is not told at every step, but a later
    alarm has it again. Small talk does not."""
    line = "Not in the UK?"

    def said(*events: object, name: str = "utter_emergency_overdose") -> bool:
        tracker = DialogueStateTracker.from_events("x", list(events), DOMAIN.slots)
        return line in asyncio.run(wording.generate(name, tracker, "harbour"))["text"]  # type: ignore[index]

    text = f"text\n\n{countries.placeholders(NOT_SAID)['elsewhere']}"
    before = BotUttered(text, metadata={"metadata": {"kind": "safety"}})
    lightly = BotUttered(text, metadata={"metadata": {"kind": "chat"}})
    assert said(UserUttered("x"))
    assert not said(UserUttered("x"), before)
    assert not said(UserUttered("x"), before, UserUttered("y"))
    assert said(UserUttered("x"), lightly, UserUttered("y"))
    assert said(UserUttered("x"), before, *[UserUttered("y")] * (RESTS + 1))
    assert said(UserUttered("x"), name="utter_goodbye")
    assert not said(UserUttered("x"), before, *[UserUttered("y")] * (RESTS + 1), name="utter_goodbye")


def test_a_slot_cannot_replace_a_number(wording: Wording) -> None:
    """A slot that happens to be called like a placeholder does not win over the contacts."""
    text = wording.generate_from_slots("utter_emergency_overdose", {"country": "GB", "emergency": "666"}, "harbour")[
        "text"
    ]  # type: ignore[index]
    assert "666" not in text and "999" in text
