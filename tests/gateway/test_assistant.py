"""The assistant's client against a real HTTP server that behaves and misbehaves."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harbour.gateway.assistant import Assistant, AssistantError, Question, parse_answer
from harbour.store import NewReply
from tests.gateway.fakes import free_port, serving

pytestmark = pytest.mark.asyncio

ANSWER: dict[str, Any] = {
    "replies": [
        {
            "response": "utter_faq/dose",
            "text": "Once a day.",
            "buttons": [{"title": "More", "payload": "/faq/more"}],
            "section": "how-taken",
            "section_title": "How do people take naltrexone?",
            "kind": "answer",
        }
    ],
    "topics": ["dose"],
    "intent": "faq/dose",
    "risk": [{"id": "relapse", "level": "alarm"}],
    "check": ["suicide"],
    "context": {"notes": 1},
    "country": "IE",
}

Behaviour = Callable[[Request], Awaitable[Response]]


class Channel:
    """The assistant's channel; `behave` may be replaced by a test."""

    def __init__(self) -> None:
        self.requests: list[tuple[str | None, Any]] = []
        self.behave: Behaviour = self.answer

    async def answer(self, request: Request) -> Response:
        return JSONResponse(ANSWER)

    async def __call__(self, request: Request) -> Response:
        self.requests.append((request.headers.get("authorization"), await request.json()))
        return await self.behave(request)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest_asyncio.fixture
async def assistant(channel: Channel) -> AsyncIterator[Assistant]:
    async def route(request: Request) -> Response:
        return await channel(request)

    app = Starlette(routes=[Route("/webhooks/harbour/webhook", route, methods=["POST"])])
    async with serving(app) as url, Assistant(url, "the-token", timeout=0.5) as client:
        yield client


async def test_a_question_goes_out_as_agreed(assistant: Assistant, channel: Channel) -> None:
    """Bearer token, conversation, text, country, held and context; a button instead of text when pressed."""
    await assistant.ask(Question("c1", "hi", country="US", context={"a": 1}))
    await assistant.ask(Question("c1", "Dose", button="/faq/dose"))
    common = {"conversation": "c1", "held": False}
    assert channel.requests == [
        ("Bearer the-token", common | {"text": "hi", "country": "US", "context": {"a": 1}}),
        ("Bearer the-token", common | {"button": "/faq/dose", "country": "", "context": {}}),
    ]


async def test_an_answer_comes_back_whole(assistant: Assistant) -> None:
    """Replies with kind, section and buttons; topics, intent, risk, check, context and country."""
    answer = await assistant.ask(Question("c1", "hi"))
    assert answer.replies == (
        NewReply(
            "Once a day.",
            "answer",
            "utter_faq/dose",
            "how-taken",
            "How do people take naltrexone?",
            (("More", "/faq/more"),),
        ),
    )
    assert answer.found == {name: ANSWER[name] for name in ("topics", "intent", "risk", "check")}
    assert (answer.context, answer.country) == ({"notes": 1}, "IE")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"replies": []}',
        b'{"replies": "hi"}',
        b'{"replies": [{"text": "  "}, {"text": null}, 3]}',
    ],
)
async def test_an_empty_or_broken_answer_is_an_error(assistant: Assistant, channel: Channel, body: bytes) -> None:
    """Silence in any form is noticed."""

    async def behave(request: Request) -> Response:
        return Response(body, media_type="application/json")

    channel.behave = behave
    with pytest.raises(AssistantError):
        await assistant.ask(Question("c1", "hi"))


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
async def test_a_failing_assistant_is_an_error(assistant: Assistant, channel: Channel, status: int) -> None:
    """Any status but 200, even with a body that looks like an answer."""

    async def behave(request: Request) -> Response:
        return JSONResponse(ANSWER, status_code=status)

    channel.behave = behave
    with pytest.raises(AssistantError, match=str(status)):
        await assistant.ask(Question("c1", "hi"))


async def test_a_slow_assistant_is_given_up(assistant: Assistant, channel: Channel) -> None:
    """The whole call is bounded, also when bytes keep trickling in."""

    async def behave(request: Request) -> Response:
        async def trickle() -> AsyncIterator[bytes]:
            for _ in range(30):
                yield b" "
                await asyncio.sleep(0.1)

        from starlette.responses import StreamingResponse

        return StreamingResponse(trickle(), media_type="application/json")

    channel.behave = behave
    started = time.monotonic()
    with pytest.raises(AssistantError, match=r"0\.5 s"):
        await assistant.ask(Question("c1", "hi"))
    assert time.monotonic() - started < 1.5


async def test_an_assistant_that_is_down_is_an_error() -> None:
    """Nobody listens on the port."""
    async with Assistant(f"http://127.0.0.1:{free_port()}", "t", timeout=1) as client:
        with pytest.raises(AssistantError, match="unreachable"):
            await client.ask(Question("c1", "hi"))


async def test_a_proxy_of_the_environment_is_not_used(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback stays loopback whatever HTTP_PROXY says."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with Assistant(assistant._url.removesuffix("/webhooks/harbour/webhook"), "t", timeout=1) as client:
        assert (await client.ask(Question("c1", "hi"))).replies


async def test_errors_do_not_repeat_what_was_written(assistant: Assistant, channel: Channel) -> None:
    """An error's text can go to the log."""

    async def behave(request: Request) -> Response:
        return Response(json.dumps({"error": (await request.json())["text"]}), status_code=500)

    channel.behave = behave
    with pytest.raises(AssistantError) as error:
        await assistant.ask(Question("c1", "my secret"))
    assert "secret" not in str(error.value)


async def test_an_unknown_kind_is_an_answer() -> None:
    """What the page cannot style is shown plainly, not dropped."""
    answer = parse_answer({"replies": [{"text": "hi", "kind": "shout", "buttons": [{"title": 1}, 2]}]})
    assert answer.replies == (NewReply("hi", "answer"),)
