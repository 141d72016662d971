"""Phone numbers: whose country they belong to, and the links that dial them."""

from __future__ import annotations

import re

import phonenumbers

from harbour.contacts.countries import UNKNOWN, load_countries

SHARED = 1  # of the United States, Canada and others: only the area code tells
# Places with a plan of their own in the same numbering space, where the same lines answer.
_SERVED_BY = {
    **dict.fromkeys(("GG", "JE", "IM"), "GB"),
    **dict.fromkeys(("PR", "VI", "GU", "AS", "MP"), "US"),
    **dict.fromkeys(("CX", "CC"), "AU"),
}
_KEYWORD = re.compile(r"(?:(?P<word>.+) to )?(?P<number>[\d ]+)")


def country_of_phone(number: str) -> str:
    """The country of a number with its prefix (`+353 1 234 5678` -> `IE`; a platform's `whatsapp:` may stand
    before it); UNKNOWN for one that cannot be read or that we have no contacts for.

    The United States and Canada share +1: the area code tells them apart.
    """
    try:
        parsed = phonenumbers.parse(number[number.find("+") :] if "+" in number else number, None)
    except phonenumbers.NumberParseException:
        return UNKNOWN
    region = phonenumbers.region_code_for_number(parsed) or ""
    if not region and parsed.country_code != SHARED:  # a range newer than the library
        region = phonenumbers.region_code_for_country_code(parsed.country_code)
    code = _SERVED_BY.get(region, region)
    return code if code in load_countries() else UNKNOWN


def tel(phone: str) -> str:
    """The link that calls a number as it is dialled in its country: `116 123` -> `tel:116123`.

    Never in the international form: a short number with a country's prefix reaches nobody.
    """
    return "tel:" + re.sub(r"[^\d+]", "", phone) if phone else ""


def sms(text: str) -> str:
    """The link that starts a text message: `SHOUT to 85258` -> `sms:85258?body=SHOUT`.

    The word is filled in only where it is a keyword in capitals: nobody is to send "your ZIP code".
    """
    match = _KEYWORD.fullmatch(text)
    if not match:
        return ""
    word = match["word"] or ""
    body = f"?body={word}" if re.fullmatch(r"[A-Z]+", word) else ""
    return "sms:" + match["number"].replace(" ", "") + body
