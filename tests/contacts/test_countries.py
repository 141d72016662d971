"""Every number we show: where it is from, when it was checked, and that it is no dead one."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import phonenumbers
import pytest
import yaml
from phonenumbers import shortnumberinfo

from harbour import settings
from harbour.contacts import NOT_SAID, UNKNOWN, Contact, Country, load_countries
from harbour.contacts.countries import ContactError, country, placeholders, read_country

GROUPS = ("crisis", "drugs", "poison", "treatment_finder", "alone")
COUNTRIES = load_countries()
CONTACTS = [
    (code, group, i, contact)
    for code, c in COUNTRIES.items()
    for group in GROUPS
    for i, contact in enumerate(getattr(c, group))
]
EACH_CONTACT = pytest.mark.parametrize(
    ("code", "contact"),
    [(code, contact) for code, _, _, contact in CONTACTS],
    ids=[f"{code}-{group}-{contact.name}" for code, group, _, contact in CONTACTS],
)
VERIFIED = {
    "AU poison Poisons Information Centre",
    "AU treatment_finder Where to get naloxone",
    "CA crisis 9-8-8 Suicide Crisis Helpline",
    "CA drugs Drugs: Help and Referral (Quebec)",
    "CA treatment_finder Health Canada substance use",
    "GB crisis NHS 111 (choose the mental health option)",
    "GB crisis Samaritans",
    "GB crisis Shout",
    "GB treatment_finder NHS 111 Wales drug misuse",
    "IE crisis Samaritans",
    "IE poison National Poisons Information Centre public line",
    "US crisis 988 Suicide and Crisis Lifeline",
    "US crisis Crisis Text Line",
    "US drugs SAMHSA National Helpline",
    "US poison Poison Help",
    "ZZ crisis Find A Helpline",
    "ZZ drugs Find A Helpline",
    "ZZ treatment_finder Find A Helpline",
}
YEAR = timedelta(days=365)


def stale(contact: Contact, today: date) -> bool:
    """Whether a contact was last checked more than a year before `today`."""
    return today - contact.checked_on > YEAR


def diallable(number: str, code: str) -> bool:
    """Whether a number can be dialled in a country: a full number of its plan, or a short one."""
    parsed = phonenumbers.parse(number, code)
    return phonenumbers.is_valid_number_for_region(parsed, code) or shortnumberinfo.is_valid_short_number_for_region(
        parsed, code
    )


def test_the_countries_agreed_are_there() -> None:
    """Five countries and one file for all others."""
    assert set(COUNTRIES) == {"GB", "US", "IE", "CA", "AU", UNKNOWN}


@EACH_CONTACT
def test_each_contact_has_a_source_and_a_day(code: str, contact: Contact) -> None:
    """A number nobody can look up is not shown."""
    assert re.match(r"https?://[^\s/]+\.[^\s/]+", contact.source)
    assert not contact.url or re.match(r"https://[^\s/]+\.[^\s/]+", contact.url)
    assert contact.checked_on <= date(2100, 1, 1)
    assert contact.name == contact.name.strip() != ""


@EACH_CONTACT
def test_each_contact_was_checked_within_a_year(code: str, contact: Contact) -> None:
    """A check older than a year fails the suite: open the source and confirm the number."""
    assert not stale(contact, date.today()), f"{contact.source}: checked on {contact.checked_on}, confirm it"


def test_a_check_is_stale_after_a_year_and_not_before() -> None:
    """On the anniversary it still holds; the day after it does not."""
    contact = COUNTRIES["GB"].crisis[0]
    assert not stale(contact, contact.checked_on + YEAR)
    assert stale(contact, contact.checked_on + YEAR + timedelta(days=1))


@EACH_CONTACT
def test_each_phone_number_can_be_dialled_in_its_country(code: str, contact: Contact) -> None:
    """A full number fits the country's numbering plan, a short one is known there."""
    assert not contact.phone or diallable(contact.phone, code), contact.phone


@EACH_CONTACT
def test_each_text_line_names_a_number(code: str, contact: Contact) -> None:
    """A text line is a number, or a word "to" a number."""
    assert not contact.text or re.fullmatch(r"([\w ]+ to )?\d[\d ]{2,12}", contact.text), contact.text


@pytest.mark.parametrize("code", sorted(set(COUNTRIES) - {UNKNOWN}))
def test_the_emergency_number_is_one(code: str) -> None:
    """The numbering plan knows each emergency number as one, and the sentence beside it says the same."""
    found = COUNTRIES[code]
    assert shortnumberinfo.is_emergency_number(found.emergency, code)
    assert found.emergency in found.emergency_or_hospital
    assert not found.emergency_alt or shortnumberinfo.is_emergency_number(found.emergency_alt, code)


def test_a_wrong_number_would_be_noticed() -> None:
    """The check of numbers refuses one with a digit too few, a foreign one and an unknown short one."""
    assert not diallable("0300 123 660", "GB")
    assert not diallable("020 7324 2989", "US")
    assert not diallable("987", "CA")


@EACH_CONTACT
def test_no_number_is_shown_twice_in_a_list(code: str, contact: Contact) -> None:
    """Within a list each line is another one."""
    for group in GROUPS:
        ways = [(c.phone, c.text, c.url) for c in getattr(COUNTRIES[code], group)]
        assert len(set(ways)) == len(ways)


def test_what_is_verified_was_read_at_its_owner_or_in_a_registry() -> None:
    """`verified` is a promise: exactly these lines were read on the owner's or an official page, or in a
    registry that cites it. Whoever verifies one more adds it here and in docs/safety/number-checks.md."""
    verified = {f"{code} {group} {contact.name}" for code, group, _, contact in CONTACTS if contact.verified}
    assert verified == VERIFIED


@EACH_CONTACT
def test_each_line_stands_in_the_log_of_checks(code: str, contact: Contact) -> None:
    """What was done to a number can be looked up, with the number as it is shown."""
    log = (settings.ROOT / "docs" / "safety" / "number-checks.md").read_text(encoding="utf-8")
    row = next((line for line in log.splitlines() if line.startswith(f"| {code} | {contact.name} |")), "")
    assert contact.phone in row and contact.text in row and row, f"{code} {contact.name}: add it"
    assert contact.verified == ("**confirm**" not in row)


def test_each_country_has_what_safety_needs() -> None:
    """A crisis line by phone and one by text or web, a drug helpline, a poison line and a treatment finder."""
    for code, found in COUNTRIES.items():
        assert found.crisis and found.drugs and found.treatment_finder, code
        if code != UNKNOWN:
            assert found.poison, code
            assert any(c.phone and not c.region for c in found.crisis), code
            assert any(c.text for c in found.crisis), code
    assert {code for code, found in COUNTRIES.items() if found.alone} == {"US", "CA"}


def test_regions_have_their_own_lines() -> None:
    """The lines of nations, provinces and states are there, each marked with its region."""
    regions = {code: {c.region for _, _, _, c in CONTACTS if c in every(code)} - {""} for code in COUNTRIES}
    assert regions["GB"] == {"Northern Ireland", "Scotland", "Wales"}
    assert regions["CA"] == {"Ontario", "British Columbia", "Alberta", "Quebec"}


def every(code: str) -> list[Contact]:
    """All contacts of a country."""
    return [contact for other, _, _, contact in CONTACTS if other == code]


@pytest.mark.parametrize("found", COUNTRIES.values(), ids=COUNTRIES)
def test_every_country_fills_every_placeholder(found: Country) -> None:
    """No visitor is shown an empty list or half a sentence."""
    filled = found.placeholders()
    assert set(filled) == {
        "country_name",
        "emergency",
        "emergency_or_hospital",
        "urgent_advice",
        "free_route",
        "crisis_line",
        "crisis_lines",
        "drug_line",
        "drug_lines",
        "poison_advice",
        "young_line",
        "treatment_finder",
        "alone_line",
    }
    assert bool(filled.pop("alone_line")) == bool(found.alone)  # a whole sentence, or nothing where there is no line
    assert {name: text for name, text in filled.items() if not text.strip() or "()" in text or "None" in text} == {}
    for name in ("crisis_lines", "drug_lines", "treatment_finder"):
        assert 1 <= len(filled[name].splitlines()) <= 3
        assert all(re.match(r"- \S.*: \S", line) for line in filled[name].splitlines()), filled[name]


@pytest.mark.parametrize("found", COUNTRIES.values(), ids=COUNTRIES)
def test_sentences_fit_into_sentences(found: Country) -> None:
    """Advice goes on in the middle of a sentence: no capital in front, no full stop behind."""
    for text in (found.emergency_or_hospital, found.urgent_advice):
        assert text[0].islower() and text[-1] != "."
    assert found.free_route[0].isupper() and found.free_route[-1] == "."


@pytest.mark.parametrize("found", COUNTRIES.values(), ids=COUNTRIES)
def test_the_short_line_is_for_the_whole_country(found: Country) -> None:
    """Who sees one line only sees one that answers everywhere in the country."""
    assert found.crisis[0].region == ""
    assert found.placeholders()["crisis_line"].startswith(found.crisis[0].name)
    short = found.placeholders()["drug_line"]
    assert not any(short.startswith(c.name) and c.region for c in found.drugs)


def test_an_unknown_country_gets_the_international_file() -> None:
    """A code without a file, none at all and nonsense lead to the international fallback; case does not matter."""
    assert country("gb").code == "GB"
    for code in ("FR", "", None, "no such"):
        assert country(code).code == UNKNOWN


def test_while_nothing_is_said_the_sites_own_numbers_come_with_a_line_for_others() -> None:
    """The default's words stand, and one line says what to do elsewhere; a country that was said needs none."""
    unsaid = placeholders(NOT_SAID, "IE")
    assert unsaid["emergency"] == "112 or 999"
    assert unsaid["elsewhere"].startswith("**Not in Ireland?** Call your local emergency number")
    assert "https://findahelpline.com" in unsaid["elsewhere"] and len(unsaid["elsewhere"].split()) < 25
    assert placeholders(NOT_SAID)["elsewhere"].startswith("**Not in the UK?**")
    assert placeholders("IE")["elsewhere"] == "" == placeholders(NOT_SAID, UNKNOWN)["elsewhere"]


@pytest.mark.parametrize("found", COUNTRIES.values(), ids=COUNTRIES)
def test_each_country_can_be_named_in_a_sentence(found: Country) -> None:
    """ "The numbers for the UK", not "for United Kingdom"."""
    assert found.placeholders()["country_name"] == found.called != ""


GOOD = {
    "code": "XX",
    "name": "Nowhere",
    "emergency": "112",
    "emergency_or_hospital": "call 112",
    "urgent_advice": "call a doctor",
    "free_route": "Ask.",
    "crisis": [{"name": "Line", "phone": "116 123", "source": "https://x.example", "checked_on": date(2026, 11, 22)}],
}


def _read(folder: Path, data: dict) -> Country:
    file = folder / "XX.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    return read_country(file)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """The file the next test spoils is right as it stands; what was not checked counts as not verified."""
    found = _read(tmp_path, GOOD)
    assert found.crisis[0].short() == "Line on 116 123"
    assert found.crisis[0].verified is False


def _with(**changes: object) -> dict:
    return {**GOOD, **changes}


def _contact(**changes: object) -> dict:
    line = {k: v for k, v in {**GOOD["crisis"][0], **changes}.items() if v is not None}  # type: ignore[index,dict-item]
    return _with(crisis=[line])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (_contact(source=None), r"XX.yml: crisis\[0\] has no source: add it"),
        (_contact(name=None), r"XX.yml: crisis\[0\] has no name: add it"),
        (_contact(checked_on=None), r"XX.yml: crisis\[0\] has no checked_on: add it"),
        (_contact(checked_on="in May"), r"XX.yml: crisis\[0\].checked_on is not a date: write it as 2026-11-22"),
        (_contact(phone=None), r"XX.yml: crisis\[0\] cannot be reached: add phone, text or url"),
        (_with(crisis=[]), r"XX.yml: crisis is empty: add at least one line"),
        (_with(emergency=112), r"XX.yml: emergency is missing or not text: write it, numbers in quotes"),
        ({k: v for k, v in GOOD.items() if k != "free_route"}, r"XX.yml: free_route is missing or not text"),
        (_with(code="YY"), r"XX.yml: code is YY: it must be XX, like the file's name"),
    ],
)
def test_an_error_names_file_key_and_remedy(tmp_path: Path, data: dict, says: str) -> None:
    """Whoever edits a country file learns where it is wrong and what to write."""
    with pytest.raises(ContactError, match=says):
        _read(tmp_path, data)


@pytest.mark.parametrize(
    ("contact", "short", "line"),
    [
        (Contact("A", "s", date(2026, 1, 1), True, phone="1", hours="24/7"), "A on 1", "- A: call 1 (24/7)"),
        (Contact("A", "s", date(2026, 1, 1), True, text="X to 2"), "A (text X to 2)", "- A: text X to 2"),
        (Contact("A", "s", date(2026, 1, 1), True, phone="1", text="2", url="u"), "A on 1", "- A: call 1 or text 2"),
        (Contact("A", "s", date(2026, 1, 1), True, url="https://a"), "A (https://a)", "- A: https://a"),
        (Contact("A", "s", date(2026, 1, 1), True, phone="1", hours="x" * 40), "A on 1", "- A: call 1"),
    ],
)
def test_a_contact_is_written_by_the_ways_it_has(contact: Contact, short: str, line: str) -> None:
    """Phone before text before address; long opening hours are left to the line's own page."""
    assert (contact.short(), contact.line()) == (short, line)
