"""What the gateway can say without the assistant: introduction, apologies, safety cards and phone numbers.

Everything is rendered when the gateway starts, for every country, so that a broken text stops the
start and not somebody's call for help.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harbour.contacts import NOT_SAID, UNKNOWN, Contact, Country
from harbour.contacts.phones import sms, tel
from harbour.guide.additions import QUESTION, QUESTIONS
from harbour.guide.responses import ResponseBook
from harbour.safety.signs import SAFETY_IDS
from harbour.settings import SettingsError
from harbour.store import NewReply

MAX_MESSAGE_BYTES = 8 * 1024

FIXED = ("utter_intro", "utter_cannot_answer", "utter_not_saved", "utter_too_long", "utter_blank", "utter_old_button")
AGAIN = {"utter_suicide_risk": "utter_suicide_risk_again"}  # the card right after that card, as in data/rules.yml
BY_WHOM = (*(f"utter_{id}" for id in SAFETY_IDS), *AGAIN.values(), QUESTION, *QUESTIONS.values())
ABOUT = ("self", "other")


class Words:
    """Fixed replies and contacts per country, and for NOT_SAID, a visitor of whom no country is known yet.

    Raises SettingsError when `default` is not one of the countries, ValueError when a response is missing.
    """

    def __init__(self, book: ResponseBook, countries: Mapping[str, Country], default: str) -> None:
        if default not in countries:
            known = ", ".join(sorted(countries))
            raise SettingsError(f"HARBOUR_COUNTRY={default!r} has no contacts: write one of {known}")
        self.default = default
        self.countries = dict(countries)
        codes = (NOT_SAID, *countries)
        self._said = {(name, code): _reply(book, name, code) for name in FIXED for code in codes}
        self._cards = {
            (name, code, about): _reply(book, name, code, about)
            for name in BY_WHOM
            for code in codes
            for about in ABOUT
        }

    def country(self, given: object) -> str | None:
        """The code of a country we have numbers for, or None for anything else."""
        code = given.upper() if isinstance(given, str) else ""
        return code if code in self.countries else None

    def intro(self, country: str) -> NewReply:
        """The first message of a new conversation."""
        return self._said["utter_intro", country]

    def cannot_answer(self, country: str) -> NewReply:
        """The honest reply to a stored message when the assistant is slow, silent or down."""
        return self._said["utter_cannot_answer", country]

    def not_saved(self, country: str) -> NewReply:
        """The honest reply when not even storing works."""
        return self._said["utter_not_saved", country]

    def too_long(self, country: str) -> NewReply:
        """A message over the limit: not stored, said kindly, and help is named all the same."""
        return self._said["utter_too_long", country]

    def card(self, danger: str, about: str, country: str, last_said: str = "") -> NewReply:
        """The assistant's own safety card for a danger; another one where `last_said`, a response, was that card."""
        name = f"utter_{danger}"
        return self._cards[AGAIN[name] if name == last_said and name in AGAIN else name, country, about]

    def question(self, response: str, about: str, country: str) -> NewReply:
        """The words of a calm question about danger; its buttons are put to it by whoever asks."""
        return self._cards[response, country, about]

    @property
    def blank(self) -> NewReply:
        """The reply to a message without words."""
        return self._said["utter_blank", self.default]

    @property
    def old_button(self) -> NewReply:
        """The reply to a button that was not offered in this conversation."""
        return self._said["utter_old_button", self.default]

    def contacts(self) -> list[dict[str, Any]]:
        """Every country's numbers for the page: the default first, anywhere else last."""
        order = sorted(self.countries, key=lambda c: (c != self.default, c == UNKNOWN, self.countries[c].name))
        return [_contacts(self.countries[code]) for code in order]


def _reply(book: ResponseBook, name: str, country: str, about: str = "self") -> NewReply:
    try:
        rendered = book.render(name, country, about)
    except KeyError as error:
        raise ValueError(f"domain.yml: {name} is missing or names an unknown placeholder: {error}") from error
    return NewReply(
        text=rendered.text,
        kind=rendered.kind,
        response=rendered.response,
        section=rendered.section,
        buttons=tuple((b["title"], b["payload"]) for b in rendered.buttons),
    )


def _contacts(country: Country) -> dict[str, Any]:
    return {
        "code": country.code,
        "name": country.name,
        "called": country.called or country.name,
        "emergency": {"phone": country.emergency, "tel": tel(country.emergency), "or": country.emergency_alt},
        "crisis": [_contact(c) for c in country.crisis],
        "drugs": [_contact(c) for c in country.drugs],
    }


def _contact(contact: Contact) -> dict[str, str]:
    return {
        "name": contact.name,
        "phone": contact.phone,
        "tel": tel(contact.phone),
        "text": contact.text,
        "sms": sms(contact.text),
        "url": contact.url,
    }
