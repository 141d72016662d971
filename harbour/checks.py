"""`harbour check`: do content, domain, data and evaluation messages fit together?

Every problem is one line: file, key, what is wrong, what to do. Nothing here needs Rasa, so that a
clinician gets an answer in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from harbour.contacts.countries import UNKNOWN, ContactError, Country, read_country
from harbour.contacts.problems import dead_numbers, place_problems
from harbour.files import broken_files
from harbour.guide.topics import RETRIEVAL, Guide, Topic, read_guide
from harbour.safety.problems import followup_problems, kind_problems, phrase_problems
from harbour.safety.signals import OVERDOSE_KINDS
from harbour.safety.steps import STEP_OF, payloads
from harbour.text.lexicon import read_lexicon

KINDS = {"answer", "note", "referral", "safety", "chat", "fallback", "handoff"}
MAX_WORDS = 120
MAX_AGE_DAYS = 365
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
TYPED_NUMBER = re.compile(r"\b(?:\+?\d[\d -]{5,}\d|999|911|112|000|988|116 123|111)\b")


@dataclass(frozen=True)
class Project:
    """The files that must fit together, read once."""

    root: Path
    guide: Guide
    domain: dict[str, Any]
    examples: dict[str, list[str]]
    evaluation: dict[str, list[str]]

    @property
    def responses(self) -> dict[str, list[dict[str, Any]]]:
        return self.domain["responses"]


def normal(text: str) -> str:
    """A message stripped of case, punctuation and spacing, to see whether two are the same."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip() or text


def read_examples(path: Path) -> dict[str, list[str]]:
    """Leaf -> its training examples in a Rasa NLU file. A leaf may have several blocks."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    examples: dict[str, list[str]] = {}
    for block in data["nlu"]:
        said = [line[2:] for line in block["examples"].splitlines() if line.startswith("- ")]
        examples.setdefault(block["intent"], []).extend(said)
    return examples


def read_evaluation(folder: Path) -> dict[str, list[str]]:
    """Topic id -> its evaluation messages."""
    messages: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            if isinstance(item, dict) and "say" in item:
                messages.setdefault(item["expect"]["topic"], []).append(item["say"])
    return messages


def _read(root: Path) -> Project:
    return Project(
        root,
        read_guide(root / "content" / "guide.yml"),
        yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8")),
        read_examples(root / "data" / "nlu.yml"),
        read_evaluation(root / "tests" / "content"),
    )


def _answer(project: Project, topic: Topic) -> Iterator[str]:
    """The answer of a question: there, short, complete, from a known section."""
    for variation in project.responses.get(topic.response, []):
        text, metadata = variation["text"], variation.get("metadata") or {}
        if topic.facts and len(text.split()) > MAX_WORDS:
            yield f"domain.yml: {topic.response}: {len(text.split())} words: shorten it to {MAX_WORDS}"
        if metadata.get("section", "") != topic.section:
            yield f"domain.yml: {topic.response}: section is {metadata.get('section')}: guide.yml says {topic.section or 'none'}; make them agree"
        for fact in topic.facts:
            for entry in fact.missing(text):
                yield f"domain.yml: {topic.response}: does not state '{fact.fact}': say '{entry}', or change `says` in content/guide.yml"
        for words in topic.unsaid:
            if words.lower() in text.lower():
                yield f"domain.yml: {topic.response}: says '{words}', which it must not: word it differently"


def check_topics(project: Project) -> Iterator[str]:
    """Every topic has an answer, a section, facts, examples and evaluation messages."""
    for leaf, topic in project.guide.topics.items():
        where = f"content/guide.yml: {leaf}"
        if topic.response not in project.responses:
            yield f"{where}: there is no {topic.response} in domain.yml: write it"
        if not project.examples.get(leaf):
            yield f"data/nlu.yml: no examples for {leaf}: add what people say (docs/content.md)"
        if not project.evaluation.get(topic.id):
            yield f"tests/content: no evaluation messages for {topic.id}: add at least eight"
        if leaf.split("/")[0] in RETRIEVAL and not topic.facts:
            yield f"{where}: no facts: list what the answer must state"
        if leaf.startswith("faq/") and topic.section not in project.guide.sections:
            yield f"{where}: section '{topic.section}' is not one of the guide's: see `sections`"
        for slug in topic.notes:
            if f"utter_note_{slug}" not in project.responses:
                yield f"{where}: note '{slug}' has no utter_note_{slug} in domain.yml: write it or drop the note"
        yield from _answer(project, topic)


def check_labels(project: Project) -> Iterator[str]:
    """Training and evaluation messages are labelled with topics that exist, and the domain knows them."""
    intents = {name if isinstance(name, str) else next(iter(name)) for name in project.domain["intents"]}
    ids = {topic.id for topic in project.guide.topics.values()}
    for leaf in project.examples:
        if leaf not in project.guide.topics:
            yield f"data/nlu.yml: {leaf} is no topic of content/guide.yml: add it there or correct the name"
        if leaf.split("/")[0] not in intents:
            yield f"domain.yml: intents: {leaf.split('/')[0]} is missing: add it"
    for id in project.evaluation.keys() - ids:
        yield f"tests/content: topic '{id}' is none of content/guide.yml: correct it"


def check_separation(project: Project) -> Iterator[str]:
    """No evaluation message is also a training example, and no example has two labels."""
    label: dict[str, str] = {}
    for leaf, texts in project.examples.items():
        for text in texts:
            other = label.setdefault(normal(text), leaf)
            if other != leaf:
                yield f"data/nlu.yml: '{text}' stands under {other} and {leaf}: keep one"
    for id, texts in project.evaluation.items():
        for text in texts:
            if normal(text) in label:
                yield f"tests/content: '{text}' ({id}) is also a training example: write another one"


def check_responses(project: Project) -> Iterator[str]:
    """Responses have a known kind and known placeholders, no typed number, and buttons that lead somewhere."""
    known = set(read_country(project.root / "content" / "countries" / f"{UNKNOWN}.yml").placeholders())
    for name, variations in project.responses.items():
        for variation in variations:
            text = variation.get("text", "")
            kind = (variation.get("metadata") or {}).get("kind")
            if kind not in KINDS:
                yield f"domain.yml: {name}: metadata.kind is {kind}: write one of {', '.join(sorted(KINDS))}"
            for place in set(PLACEHOLDER.findall(text)) - known:
                yield f"domain.yml: {name}: {{{place}}} is unknown: use one of {', '.join(sorted(known))}"
            if number := TYPED_NUMBER.search(text):
                yield f"domain.yml: {name}: '{number[0]}' is typed by hand: use a placeholder such as {{emergency}}"
            for button in variation.get("buttons") or []:
                if (
                    button["payload"].removeprefix("/") not in project.guide.topics
                    and button["payload"] not in payloads()
                ):
                    yield f"domain.yml: {name}: button '{button['title']}' leads to {button['payload']}, which is no topic: correct it"


def _contacts(country: Country) -> Iterator[tuple[str, Any]]:
    for group in ("crisis", "drugs", "poison", "treatment_finder", "alone"):
        for number, contact in enumerate(getattr(country, group)):
            yield f"content/countries/{country.code}.yml: {group}[{number}]", contact


def check_countries(project: Project, today: date | None = None) -> Iterator[str]:
    """Every contact has a source and was checked within the last year."""
    today = today or date.today()
    for path in sorted((project.root / "content" / "countries").glob("*.yml")):
        try:
            country = read_country(path)
        except ContactError as error:
            yield str(error).replace(f"{project.root}/", "")
            continue
        for where, contact in _contacts(country):
            if not contact.source.startswith("https://") and not contact.source.startswith("http://"):
                yield f"{where}.source is no web address: write where the number is from"
            if (today - contact.checked_on).days > MAX_AGE_DAYS:
                yield f"{where}.checked_on {contact.checked_on} is older than {MAX_AGE_DAYS} days: open its source and confirm the number"


def check_places(project: Project) -> Iterator[str]:
    """What people write about where they are is read right, and no number out of use is shown."""
    yield from place_problems(project.root)
    yield from dead_numbers(project.root)


def check_phrases(project: Project) -> Iterator[str]:
    """Every phrase about safety finds its examples and leaves its traps alone."""
    yield from phrase_problems(project.root)


def check_kinds(project: Project) -> Iterator[str]:
    """Every phrase that chooses a note or a referral says of which kind it is, and each kind has its note."""
    yield from kind_problems(project.root)
    for kind in OVERDOSE_KINDS:
        if f"utter_overdose_risk_{kind}" not in project.responses:
            yield f"domain.yml: there is no utter_overdose_risk_{kind}: write the note of that kind"


def check_followups(project: Project) -> Iterator[str]:
    """What is asked after an alarm names crises and steps that exist, and each step has its response."""
    yield from followup_problems(project.root)
    for key in STEP_OF:
        if f"utter_{key}" not in project.responses:
            yield f"domain.yml: there is no utter_{key}, which harbour/safety/steps.py needs: write it"


def check_lexicon(project: Project) -> Iterator[str]:
    """The lexicon can be read and gives no phrase two meanings."""
    try:
        read_lexicon(project.root / "content" / "lexicon.yml")
    except ValueError as error:
        yield str(error).replace(f"{project.root}/", "")


CHECKS: tuple[Callable[[Project], Iterator[str]], ...] = (
    check_topics,
    check_labels,
    check_separation,
    check_responses,
    check_countries,
    check_places,
    check_phrases,
    check_kinds,
    check_followups,
    check_lexicon,
)


def check_project(root: Path) -> list[str]:
    """Every problem found in the project at `root`; an empty list when all fits together."""
    problems = broken_files(root)
    if problems:
        return problems  # what cannot be read cannot be compared
    try:
        project = _read(root)
    except (KeyError, TypeError, AttributeError) as error:
        return [
            f"content/guide.yml, domain.yml or data/nlu.yml: {error!r}: a key is missing or misspelt; compare with its neighbours"
        ]
    except FileNotFoundError as error:
        return [f"{error.filename}: missing: bring it back (git checkout)"]
    return [problem for check in CHECKS for problem in check(project)]
