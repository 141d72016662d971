"""Whose country a phone number is, and links that dial what is shown."""

from __future__ import annotations

import pytest

from harbour.contacts import load_countries
from harbour.contacts.phones import country_of_phone, sms, tel

CONTACTS = [
    contact
    for country in load_countries().values()
    for group in (country.crisis, country.drugs, country.poison, country.alone)
    for contact in group
]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+353 1 234 5678", "IE"),
        ("+353851234567", "IE"),
        ("+44 20 7946 0018", "GB"),
        ("+44 28 9012 3456", "GB"),
        ("whatsapp:+447700900123", "GB"),
        ("+61412345678", "AU"),
        ("+12125550123", "US"),
        ("+1 (415) 555-0123", "US"),
        ("+14165550123", "CA"),
        ("+1 604 555 0123", "CA"),
        ("+18675550123", "CA"),
    ],
)
def test_a_number_tells_its_country(number: str, code: str) -> None:
    """By its prefix; within +1 by its area code, Canada apart from the United States."""
    assert country_of_phone(number) == code


@pytest.mark.parametrize(
    ("number", "code"),
    [("+441534712345", "GB"), ("+447797712345", "GB"), ("+17875550123", "US"), ("+61891641234", "AU")],
)
def test_places_with_a_plan_of_their_own_get_the_lines_that_answer_there(number: str, code: str) -> None:
    """Jersey's 999 and Puerto Rico's 911 are those of the United Kingdom and the United States."""
    assert country_of_phone(number) == code


@pytest.mark.parametrize(
    "number", ["+33123456789", "+1 876 555 0123", "+999123", "", "12345", "SHOUT", "07700 900123", "+", "+١٢٣"]
)
def test_any_other_number_is_elsewhere(number: str) -> None:
    """A country without a file, a short code, a national number, nonsense: the international numbers, no error."""
    assert country_of_phone(number) == "ZZ"


@pytest.mark.parametrize(
    ("shown", "link"),
    [
        ("116 123", "tel:116123"),
        ("988", "tel:988"),
        ("13 11 14", "tel:131114"),
        ("1-800-222-1222", "tel:18002221222"),
        ("0800 068 4141", "tel:08000684141"),
        ("", ""),
    ],
)
def test_a_call_dials_what_is_shown(shown: str, link: str) -> None:
    """Spaces and hyphens go, nothing is put before: a short number with a country's prefix reaches nobody."""
    assert tel(shown) == link


@pytest.mark.parametrize(
    ("shown", "link"),
    [
        ("SHOUT to 85258", "sms:85258?body=SHOUT"),
        ("HOME to 741741", "sms:741741?body=HOME"),
        ("988", "sms:988"),
        ("0477 13 11 14", "sms:0477131114"),
        ("your ZIP code to 435748", "sms:435748"),
        ("", ""),
    ],
)
def test_a_text_goes_to_the_number_with_its_word(shown: str, link: str) -> None:
    """The keyword is filled in; what the visitor must put in themselves is not."""
    assert sms(shown) == link


@pytest.mark.parametrize("contact", CONTACTS, ids=lambda c: c.name)
def test_every_line_of_ours_makes_a_link(contact: object) -> None:
    """No contact ends in an empty or a foreign link."""
    phone, text = contact.phone, contact.text  # type: ignore[attr-defined]
    assert bool(phone) == bool(tel(phone)) and bool(text) == bool(sms(text))
    assert "+" not in tel(phone) + sms(text)
