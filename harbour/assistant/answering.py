"""`harbour answer`: JSON lines in, JSON lines out, through the whole assistant in one process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

from harbour.assistant.turns import Assistant, Request, Turn, TurnError
from harbour.contacts import NOT_SAID, load_countries


def read_line(line: str) -> tuple[list[str], str, bool]:
    """The visitor's messages of a line, the country (NOT_SAID without one), and whether the line holds several turns.

    Raises TurnError saying what is wrong with the line.
    """
    try:
        item = json.loads(line)
    except json.JSONDecodeError as error:
        raise TurnError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(item, dict):
        raise TurnError('not a JSON object: write {"text": "..."} or {"turns": [{"user": "..."}]}')
    country = item.get("country") or NOT_SAID
    if country != NOT_SAID and (not isinstance(country, str) or country.upper() not in load_countries()):
        raise TurnError(f"country {country!r} is unknown: use one of {', '.join(load_countries())}")
    if ("text" in item) == ("turns" in item):
        raise TurnError('write either "text" or "turns"')
    if "text" in item:
        if not isinstance(item["text"], str):
            raise TurnError("text must be a string")
        return [item["text"]], country.upper(), False
    turns = item["turns"]
    if not isinstance(turns, list) or not turns:
        raise TurnError("turns must be a list with at least one turn")
    if not all(isinstance(turn, dict) and isinstance(turn.get("user"), str) for turn in turns):
        raise TurnError('every turn must be {"user": "..."}')
    return [turn["user"] for turn in turns], country.upper(), True


def described(text: str, turn: Turn) -> dict[str, Any]:
    """A turn as one line of output."""
    replies = [
        {
            "response": r.response,
            "text": r.text,
            "buttons": [b["title"] for b in r.buttons],
            "kind": r.kind,
            **({"section": r.section} if r.section else {}),
        }
        for r in turn.replies
    ]
    return {
        "text": text,
        "topics": turn.topics,
        "intent": turn.intent,
        "risk": turn.raised("alarm"),
        "check": turn.raised("check"),
        "replies": replies,
    }


def as_line(result: dict[str, Any]) -> str:
    """The result as one line of JSON; half a character pair, which no file can hold, is replaced."""
    return json.dumps(result, ensure_ascii=False).encode("utf-8", "replace").decode()


async def answer_line(assistant: Assistant, number: int, line: str) -> dict[str, Any]:
    """What the assistant says to one line, in a conversation of its own; `{"error": …}` for a bad line."""
    try:
        texts, country, several = read_line(line)
        said, context = [], {}
        for text in texts:
            turn = await assistant.turn(Request(f"line-{number}", text=text, country=country, context=context))
            context, country = turn.context, turn.country  # whoever said where they are stays there
            said.append(described(text, turn))
    except TurnError as error:
        return {"error": f"line {number}: {error}"}
    return {"turns": said} if several else said[0]


async def answer_lines(assistant: Assistant, lines: Iterable[str]) -> AsyncIterator[dict[str, Any]]:
    """Yields one result a line, in order; blank lines are bad lines too, so that nothing shifts."""
    for number, line in enumerate(lines, 1):
        yield await answer_line(assistant, number, line)
        await assistant.forget(f"line-{number}")
