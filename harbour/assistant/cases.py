"""Evaluation messages: what a visitor says and which topic it is about, read from files.

YAML, as under `tests/content/`:

    - say: my brother is not breathing
      expect: {topic: emergency_overdose, about: other}
    - say: "od'd on chocolate at easter haha. anyway does it upset your stomach"
      expect: {topic: naltrexone_side_effects, not: emergency_overdose}

JSON lines: `{"text": …, "topic": …}`, with `about` and `trap_for` where they apply; other fields are
not read.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from harbour.guide.topics import load_guide
from harbour.safety.signs import SAFETY_IDS

YAML, JSON_LINES = (".yml", ".yaml"), (".jsonl",)
WHO = ("self", "other")


class EvaluationError(ValueError):
    """The evaluation messages cannot be read; the message names file, entry and remedy."""


@dataclass(frozen=True)
class Case:
    """A message and its topic's id. `forbidden`: the safety id that must not be alarmed, or "".

    `about`: `self`, `other` or "" where it does not matter; `source`: file and entry.
    """

    say: str
    topic: str
    about: str = ""
    forbidden: str = ""
    source: str = ""


@lru_cache(maxsize=1)
def group_of_topics() -> dict[str, str]:
    """Each topic's id with its group: faq, beyond, chat, safety or out_of_scope, in the guide's order."""
    groups = {}
    for topic in load_guide().topics.values():
        if topic.id in SAFETY_IDS:
            groups[topic.id] = "safety"
        elif topic.id == "out_of_scope":
            groups[topic.id] = topic.id
        else:
            groups[topic.id] = topic.leaf.split("/")[0] if "/" in topic.leaf else "chat"
    return groups


def read_cases(paths: list[Path]) -> list[Case]:
    """The cases of all files, and of all .yml, .yaml and .jsonl files in the folders, in order.

    Raises EvaluationError naming file, entry and remedy.
    """
    cases = [case for path in paths for file in _files(path) for case in _read(file)]
    if not cases:
        raise EvaluationError(
            f"{', '.join(map(str, paths)) or 'nothing'}: no messages in it: name files that hold some"
        )
    return cases


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix in YAML + JSON_LINES)
        if not found:
            raise EvaluationError(
                f"{path} holds no .yml or .jsonl file: name a folder that does, such as tests/content"
            )
        return found
    if not path.exists():
        raise EvaluationError(f"{path} does not exist: name a file of evaluation messages, or a folder of them")
    if path.suffix not in YAML + JSON_LINES:
        raise EvaluationError(f"{path} is neither .yml nor .jsonl: rename it after what is in it")
    return [path]


def _read(path: Path) -> Iterator[Case]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path} is not UTF-8 (byte {error.start + 1}): save it as UTF-8") from error
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read ({error.strerror}): see to its permissions") from error
    yield from _from_yaml(path, text) if path.suffix in YAML else _from_json_lines(path, text)


def _from_yaml(path: Path, text: str) -> Iterator[Case]:
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or str(error)
        raise EvaluationError(f"{path}{where}: not YAML ({why}): mend the line, or put its text in quotes") from error
    if entries is None:
        return
    if not isinstance(entries, list):
        raise EvaluationError(f"{path}: not a list: begin each entry with `- say: …`")
    for number, entry in enumerate(entries, 1):
        where = f"{path}, entry {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("expect"), dict):
            raise EvaluationError(f"{where}: write `say: …` and below it `expect: {{topic: …}}`")
        expect = entry["expect"]
        _known_keys(where, entry, ("say", "expect"))
        _known_keys(where, expect, ("topic", "about", "not"))
        yield _case(where, "say", entry.get("say"), expect.get("topic"), expect.get("about"), expect.get("not"))


def _from_json_lines(path: Path, text: str) -> Iterator[Case]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}, entry {number}"
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise EvaluationError(
                f"{where}: not JSON ({error.msg} at character {error.pos + 1}): mend the line"
            ) from error
        if not isinstance(entry, dict):
            raise EvaluationError(f'{where}: not a JSON object: write {{"text": "…", "topic": "…"}}')
        yield _case(where, "text", entry.get("text"), entry.get("topic"), entry.get("about"), entry.get("trap_for"))


def _known_keys(where: str, entry: dict[Any, Any], allowed: tuple[str, ...]) -> None:
    for key in entry:
        if key not in allowed:
            raise EvaluationError(f"{where}: unknown key {key!r}: use {', '.join(allowed)}")


def _case(where: str, key: str, say: Any, topic: Any, about: Any, forbidden: Any) -> Case:
    """The case, if all of it is as it must be. `key`: what the message is called in this file."""
    if say is None:
        raise EvaluationError(f"{where}: {key} is missing: write the message there")
    if not isinstance(say, str):
        raise EvaluationError(f"{where}: {key} is read as {say!r}, not as text: put it in quotes")
    if not say.strip():
        raise EvaluationError(f"{where}: {key} is empty: write the message there")
    if topic is None:
        raise EvaluationError(f"{where}: topic is missing: write the id of a topic of content/guide.yml")
    if not isinstance(topic, str) or topic not in group_of_topics():
        raise EvaluationError(f"{where}: topic {topic!r} is unknown: {_nearest(topic)}")
    if about is not None and about not in WHO:
        raise EvaluationError(f"{where}: about {about!r} is unknown: write self or other")
    if forbidden is not None and forbidden not in SAFETY_IDS:
        raise EvaluationError(f"{where}: {forbidden!r} is no danger: use one of {', '.join(SAFETY_IDS)}")
    return Case(say, topic, about or "", forbidden or "", where)


def _nearest(topic: Any) -> str:
    near = difflib.get_close_matches(str(topic), group_of_topics(), 1)
    return f"did you mean {near[0]}?" if near else "use the id of a topic of content/guide.yml"
