"""Asking the assistant: one HTTP call on loopback, bounded in time, checked in shape."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from harbour.store import NewReply

TIMEOUT_S = 10.0
FOUND = ("topics", "intent", "risk", "check")
KINDS = frozenset({"answer", "note", "referral", "safety", "chat", "fallback", "handoff"})


class AssistantError(Exception):
    """No usable answer; the text is a short reason without anything a visitor wrote."""


@dataclass(frozen=True)
class Question:
    """One turn's message, with what the assistant needs to know about the conversation."""

    conversation: str
    text: str = ""
    button: str | None = None  # the payload behind the button; then `text` is its title
    country: str = ""  # empty while nobody said where the visitor is
    held: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the assistant said, and what it found: topics, intent and risk, as it gave them."""

    replies: tuple[NewReply, ...]
    context: dict[str, Any]
    country: str | None = None
    found: dict[str, Any] = field(default_factory=dict)


class Asks(Protocol):
    """Whatever can be asked: the assistant, or a stand-in."""

    async def ask(self, question: Question) -> Answer: ...


class Assistant:
    """The assistant's channel. Use as an async context manager, or call `close`."""

    def __init__(self, url: str, token: str, timeout: float = TIMEOUT_S) -> None:
        self._url = f"{url}/webhooks/harbour/webhook"
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            trust_env=False,  # loopback: never through somebody's HTTP_PROXY
            # The assistant's server drops idle connections after 5 s; ours go first, so that a
            # question never goes into a connection that is just being closed.
            limits=httpx.Limits(max_connections=100, keepalive_expiry=2.0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, question: Question) -> Answer:
        """The assistant's answer, with at least one reply.

        Raises AssistantError when it is down, slow, failing, silent or speaks nonsense.
        """
        said = {"button": question.button} if question.button is not None else {"text": question.text}
        body = said | {
            "conversation": question.conversation,
            "country": question.country,
            "held": question.held,
            "context": dict(question.context),
        }
        try:
            async with asyncio.timeout(self._timeout):  # the whole call, not each read
                response = await self._client.post(self._url, json=body)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise AssistantError(f"no answer within {self._timeout:g} s") from error
        except httpx.HTTPError as error:
            raise AssistantError(f"unreachable ({type(error).__name__})") from error
        if response.status_code != 200:
            raise AssistantError(f"status {response.status_code}")
        try:
            return parse_answer(response.json())
        except ValueError as error:
            raise AssistantError("not JSON") from error


def parse_answer(data: object) -> Answer:
    """The assistant's JSON as an Answer. Raises AssistantError when it says nothing."""
    if not isinstance(data, dict) or not isinstance(data.get("replies"), list):
        raise AssistantError("an answer without replies")
    replies = tuple(reply for item in data["replies"] if (reply := _reply(item)))
    if not replies:
        raise AssistantError("an empty answer")
    context = data.get("context")
    country = data.get("country")
    return Answer(
        replies=replies,
        context=context if isinstance(context, dict) else {},
        country=country if isinstance(country, str) else None,
        found={name: data[name] for name in FOUND if data.get(name)},
    )


def _reply(item: object) -> NewReply | None:
    if not isinstance(item, dict) or not isinstance(item.get("text"), str) or not item["text"].strip():
        return None
    return NewReply(
        text=item["text"],
        kind=item["kind"] if item.get("kind") in KINDS else "answer",
        response=str(item.get("response") or ""),
        section=str(item.get("section") or ""),
        section_title=str(item.get("section_title") or ""),
        buttons=tuple(
            (b["title"], b["payload"])
            for b in item.get("buttons") or ()
            if isinstance(b, dict) and isinstance(b.get("title"), str) and isinstance(b.get("payload"), str)
        ),
    )
