"""The topics of content/guide.yml: titles, sections, facts, and what is added to which answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from harbour import settings

RETRIEVAL = ("faq", "beyond")


@dataclass(frozen=True)
class Fact:
    """A fact an answer must state; `says`: what must be found in it, `|` between alternatives."""

    fact: str
    says: tuple[str, ...]

    def missing(self, answer: str) -> list[str]:
        """The entries of `says` that the answer does not contain."""
        answer = answer.lower()
        return [entry for entry in self.says if not any(a.strip().lower() in answer for a in entry.split("|"))]


@dataclass(frozen=True)
class Topic:
    """One topic. `leaf` is its full name (`faq/dose_duration`, `greet`), `id` the last part."""

    leaf: str
    title: str
    section: str = ""
    facts: tuple[Fact, ...] = ()
    unsaid: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.leaf.split("/")[-1]

    @property
    def response(self) -> str:
        return f"utter_{self.leaf}"


@dataclass(frozen=True)
class Guide:
    """Sections by slug and topics by leaf."""

    sections: dict[str, str]
    topics: dict[str, Topic]

    def title(self, leaf: str) -> str:
        """The topic as a short question in words people use; its id where there is none."""
        return self.topics[leaf].title if leaf in self.topics else leaf


def _topic(leaf: str, data: dict[str, Any]) -> Topic:
    facts = tuple(Fact(item["fact"], tuple(item["says"])) for item in data.get("facts") or [])
    lists = {key: tuple(data.get(key) or ()) for key in ("unsaid", "notes", "adds")}
    return Topic(leaf=leaf, title=data["title"], section=data.get("section", ""), facts=facts, **lists)


def read_guide(path: Path) -> Guide:
    """The guide in `path`."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    topics = {}
    for group in ("faq", "beyond", "chat", "safety"):
        for id, entry in data[group].items():
            leaf = f"{group}/{id}" if group in RETRIEVAL else id
            topics[leaf] = _topic(leaf, entry)
    return Guide({slug: section["title"] for slug, section in data["sections"].items()}, topics)


@lru_cache(maxsize=1)
def load_guide() -> Guide:
    """The product's guide, read once."""
    return read_guide(settings.ROOT / "content" / "guide.yml")
