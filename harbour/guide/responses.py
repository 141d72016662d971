"""The responses of domain.yml with their placeholders filled, for whoever has no Rasa at hand.

Rasa's own generator (`harbour.assistant.wording`) fills them the same way; the gateway uses this to
greet before anyone has asked and to speak when the assistant cannot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from harbour import settings
from harbour.contacts.countries import NOT_SAID, placeholders

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_URGENT = re.compile(r"\{(emergency|emergency_or_hospital|crisis_line|crisis_lines)\}")


@dataclass(frozen=True)
class Rendered:
    """A response ready to show; `buttons` are {title, payload}."""

    response: str
    text: str
    kind: str
    section: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)


def with_elsewhere(text: str) -> str:
    """A response's text for somebody of whom nobody knows the country: where it names an emergency number
    or crisis line, the line for whoever is elsewhere stands below it. Not filled in yet."""
    return f"{text.rstrip()}\n\n{{elsewhere}}" if _URGENT.search(text) else text


def fill(text: str, code: str | None, default: str = "") -> str:
    """`text` with every placeholder replaced by the country's words; `default` as in `placeholders`.

    Raises KeyError for a placeholder that no country file explains: better no text than a wrong number.
    """
    values = placeholders(code, default)
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text if code else with_elsewhere(text)).strip()


def _fits(variation: dict[str, Any], slots: dict[str, Any]) -> bool:
    return all(slots.get(c["name"], False) == c["value"] for c in variation.get("condition") or [])


class ResponseBook:
    """All responses of the domain by name. `default`: the site's own country, HARBOUR_COUNTRY if not given."""

    def __init__(
        self, responses: dict[str, list[dict[str, Any]]], default: str = "", slots: dict[str, Any] | None = None
    ) -> None:
        self.responses = responses
        self.default = default
        self.slots = slots or {}  # what conditions see of a conversation that has just begun

    @classmethod
    def load(cls, root: Path = settings.ROOT, default: str = "") -> ResponseBook:
        """Read domain.yml of the project in `root`."""
        domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
        slots = {name: slot.get("initial_value") for name, slot in domain["slots"].items()}
        return cls(domain["responses"], default, slots)

    def render(self, name: str, country: str | None = "GB", about: str = "self") -> Rendered:
        """The response for a country, or for NOT_SAID; its variation for `about` or for the country where it has one.

        Raises KeyError when there is no such response.
        """
        variations = self.responses[name]
        fitting = [
            v for v in variations if v.get("condition") and _fits(v, {**self.slots, "about": about, "country": country})
        ]
        chosen = (fitting or [v for v in variations if not v.get("condition")])[0]
        metadata = chosen.get("metadata") or {}
        return Rendered(
            response=name,
            text=fill(chosen["text"], country or NOT_SAID, self.default),
            kind=metadata.get("kind", "chat"),
            section=metadata.get("section", ""),
            buttons=list(chosen.get("buttons") or []),
        )
