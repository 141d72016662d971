"""What the gateway can say without the assistant: introduction, apologies and phone numbers.

Everything is rendered when the gateway starts, for every country, so that a broken text stops the
start and not somebody's call for help.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harbour.contacts import UNKNOWN, Contact, Country
from harbour.guide.responses import ResponseBook
from harbour.settings import SettingsError
from harbour.store import NewReply

MAX_MESSAGE_BYTES = 8 * 1024

NOT_SAVED = """\
I can't answer right now, and I could not save your message. Please send it again in a few minutes.
- If you or someone else is in danger, call {emergency} now.
- If you need someone to listen: {crisis_line}
- If it is about drugs: {drug_line}"""

TOO_LONG = """\
Thank you for telling me so much. That message is too long for me to read, so I have not kept it. \
Please send it again in a few shorter parts, starting with your question.

If someone is in danger, call {emergency} now."""

BLANK = "That message came through empty. Type your question whenever you are ready."
OLD_BUTTON = "I can't use that button any more. Please type your question instead."


class Words:
    """Fixed replies and contacts per country.

    Raises SettingsError when `default` is not one of the countries, ValueError when a response is missing.
    """

    def __init__(self, book: ResponseBook, countries: Mapping[str, Country], default: str) -> None:
        if default not in countries:
            known = ", ".join(sorted(countries))
            raise SettingsError(f"HARBOUR_COUNTRY={default!r} has no contacts: write one of {known}")
        self.default = default
        self.countries = dict(countries)
        self._intro = {code: _reply(book, "utter_intro", code) for code in countries}
        self._cannot = {code: _reply(book, "utter_cannot_answer", code) for code in countries}
        self._not_saved = {code: _own("not_saved", NOT_SAVED, country) for code, country in countries.items()}
        self._too_long = {code: _own("too_long", TOO_LONG, country) for code, country in countries.items()}
        self.blank = NewReply(BLANK, kind="fallback", response="blank")
        self.old_button = NewReply(OLD_BUTTON, kind="fallback", response="old_button")

    def country(self, given: object) -> str | None:
        """The code of a country we have numbers for, or None for anything else."""
        code = given.upper() if isinstance(given, str) else ""
        return code if code in self.countries else None

    def intro(self, country: str) -> NewReply:
        """The first message of a new conversation."""
        return self._intro[country]

    def cannot_answer(self, country: str) -> NewReply:
        """The honest reply to a stored message when the assistant is slow, silent or down."""
        return self._cannot[country]

    def not_saved(self, country: str) -> NewReply:
        """The honest reply when not even storing works."""
        return self._not_saved[country]

    def too_long(self, country: str) -> NewReply:
        """A message over the limit: not stored, said kindly, and help is named all the same."""
        return self._too_long[country]

    def contacts(self) -> list[dict[str, Any]]:
        """Every country's numbers for the page: the default first, anywhere else last."""
        order = sorted(self.countries, key=lambda c: (c != self.default, c == UNKNOWN, self.countries[c].name))
        return [_contacts(self.countries[code]) for code in order]


def _own(name: str, text: str, country: Country) -> NewReply:
    return NewReply(text.format_map(country.placeholders()), kind="fallback", response=name)


def _reply(book: ResponseBook, name: str, country: str) -> NewReply:
    try:
        rendered = book.render(name, country)
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
        "emergency": {"phone": country.emergency, "tel": _tel(country.emergency), "or": country.emergency_alt},
        "crisis": [_contact(c) for c in country.crisis],
        "drugs": [_contact(c) for c in country.drugs],
    }


def _contact(contact: Contact) -> dict[str, str]:
    return {
        "name": contact.name,
        "phone": contact.phone,
        "tel": _tel(contact.phone),
        "text": contact.text,
        "url": contact.url,
    }


def _tel(phone: str) -> str:
    return "tel:" + re.sub(r"[^\d+]", "", phone) if phone else ""
