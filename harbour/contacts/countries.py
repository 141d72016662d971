"""One file a country: `content/countries/<CC>.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from harbour import settings

UNKNOWN = "ZZ"  # ISO 3166 user-assigned code: anywhere else
NOT_SAID = ""  # nobody has said where the visitor is: the site's own country, and a line for all others
LISTED = 3  # a person in need is given few choices


class ContactError(ValueError):
    """A country file is not as it must be; names file, key and what to write."""


@dataclass(frozen=True)
class Contact:
    """A line to call, text or open. `source` and `checked_on` say where it is from and when it was read."""

    name: str
    source: str
    checked_on: date
    verified: bool
    phone: str = ""
    text: str = ""
    url: str = ""
    hours: str = ""
    region: str = ""
    young: bool = False  # a line for children and young people

    def short(self) -> str:
        """`Samaritans on 116 123`, or the text line or address where there is no phone."""
        if self.phone:  # "988 Suicide and Crisis Lifeline" says its number itself
            return self.name if self.phone in self.name.split() else f"{self.name} on {self.phone}"
        return f"{self.name} (text {self.text})" if self.text else f"{self.name} ({self.url})"

    def line(self) -> str:
        """`- Samaritans: call 116 123 (24/7)`."""
        ways = [f"call {self.phone}"] if self.phone else []
        ways += [f"text {self.text}"] if self.text else []
        ways += [self.url] if self.url and not ways else []
        where = f" ({self.region})" if self.region and self.region not in self.name else ""
        return f"- {self.name}{where}: {' or '.join(ways)}" + (
            f" ({self.hours})" if self.hours and len(self.hours) < 30 else ""
        )


@dataclass(frozen=True)
class Country:
    """The numbers and routes of one country."""

    code: str
    name: str
    emergency: str
    emergency_or_hospital: str
    urgent_advice: str
    free_route: str
    crisis: tuple[Contact, ...]
    drugs: tuple[Contact, ...]
    poison: tuple[Contact, ...]
    treatment_finder: tuple[Contact, ...]
    alone: tuple[Contact, ...] = ()
    emergency_alt: str = ""
    drug_line: str = ""
    called: str = ""  # in a sentence: "the UK"
    elsewhere: str = ""

    def _poison_advice(self) -> str:
        """Whom to call when somebody has taken something: the poison line, else the general advice."""
        if not self.poison:
            return self.urgent_advice
        line = self.poison[0]
        return f"call {line.name}" if line.phone in line.name else f"call {line.short()}"

    def _alone_line(self) -> str:
        """The line that stays on the phone with people who use alone, as a sentence; empty where there is none."""
        return f" {self.alone[0].short()} stays on the phone with people who use alone." if self.alone else ""

    def placeholders(self) -> dict[str, str]:
        """What `{emergency}` and the other placeholders of a response stand for in this country.

        Where a country has no drug helpline of its own, its crisis line stands in.
        """
        drugs = self.drugs or self.crisis
        national = [c for c in drugs if not c.region] or list(drugs)
        return {
            "country_name": self.called or self.name,
            "emergency": f"{self.emergency} or {self.emergency_alt}" if self.emergency_alt else self.emergency,
            "emergency_or_hospital": self.emergency_or_hospital,
            "urgent_advice": self.urgent_advice,
            "free_route": self.free_route,
            "crisis_line": self.crisis[0].short(),
            "crisis_lines": "\n".join(c.line() for c in self.crisis[:LISTED]),
            "young_line": next((c for c in self.crisis if c.young), self.crisis[0]).short(),
            "drug_line": self.drug_line or national[0].short(),
            "poison_advice": self._poison_advice(),
            "alone_line": self._alone_line(),
            "drug_lines": "\n".join(c.line() for c in national[:LISTED]),
            "treatment_finder": "\n".join(f"- {c.name}: {c.url}" for c in self.treatment_finder or self.crisis),
        }


def _contact(path: Path, group: str, number: int, data: dict[str, Any]) -> Contact:
    where = f"{path}: {group}[{number}]"
    for key in ("name", "source", "checked_on"):
        if not data.get(key):
            raise ContactError(f"{where} has no {key}: add it")
    if not any(data.get(way) for way in ("phone", "text", "url")):
        raise ContactError(f"{where} cannot be reached: add phone, text or url")
    if not isinstance(data["checked_on"], date):
        raise ContactError(f"{where}.checked_on is not a date: write it as 2026-11-22")
    known = {key: data[key] for key in Contact.__dataclass_fields__ if data.get(key) is not None}
    known |= {key: bool(data.get(key)) for key in ("verified", "young")}
    for key in ("phone", "text", "hours"):
        known[key] = str(known.get(key, ""))
    return Contact(**known)


def read_country(path: Path) -> Country:
    """The country in `path`. Raises ContactError naming file, key and remedy."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    groups = {
        group: tuple(_contact(path, group, i, item) for i, item in enumerate(data.get(group) or []))
        for group in ("crisis", "drugs", "poison", "treatment_finder", "alone")
    }
    if not groups["crisis"]:
        raise ContactError(f"{path}: crisis is empty: add at least one line")
    for key in ("code", "name", "emergency", "emergency_or_hospital", "urgent_advice", "free_route"):
        if not isinstance(data.get(key), str):
            raise ContactError(f"{path}: {key} is missing or not text: write it, numbers in quotes")
    if data["code"] != path.stem:
        raise ContactError(f"{path}: code is {data['code']}: it must be {path.stem}, like the file's name")
    plain = {
        key: str(data.get(key) or "").strip()
        for key in (
            "code",
            "name",
            "emergency",
            "emergency_or_hospital",
            "urgent_advice",
            "free_route",
            "emergency_alt",
            "drug_line",
            "called",
            "elsewhere",
        )
    }
    return Country(**plain, **groups)


@lru_cache(maxsize=4)
def load_countries(root: Path = settings.ROOT) -> dict[str, Country]:
    """Code -> country, UNKNOWN among them."""
    files = sorted((root / "content" / "countries").glob("*.yml"))
    return {path.stem: read_country(path) for path in files}


def country(code: str | None, root: Path = settings.ROOT) -> Country:
    """The country for a code; the international fallback for codes we have no file for."""
    countries = load_countries(root)
    return countries.get((code or "").upper(), countries[UNKNOWN])


def placeholders(code: str | None, default: str = "") -> dict[str, str]:
    """What the placeholders of a response stand for, for a country's code or for NOT_SAID.

    Where it was not said, the numbers are those of `default` (of HARBOUR_COUNTRY where that is not given),
    and `elsewhere` is the line for whoever is not there; else it is empty.
    """
    if code:
        return {**country(code).placeholders(), "elsewhere": ""}
    here = country(default or settings.load().country).placeholders()
    line = "" if here == country(UNKNOWN).placeholders() else country(UNKNOWN).elsewhere
    return {**here, "elsewhere": line.format_map(here)}
