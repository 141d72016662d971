"""The assistant's one input channel: who may enter, what may be sent, what comes back."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from harbour.assistant import channel
from harbour.assistant.channel import MAX_BYTES, HarbourInput, read_request
from harbour.assistant.turns import Assistant, Request, TurnError
from harbour.settings import Settings

NUMBERS = itertools.count(1)
TOKEN = "a-secret-token"


def test_a_complete_request_is_read() -> None:
    """Every field arrives where it belongs; null is the same as absent."""
    body = {
        "conversation": "c",
        "text": "hi",
        "button": None,
        "country": "US",
        "held": True,
        "context": {"about": "other"},
    }
    assert read_request(body) == Request("c", text="hi", country="US", held=True, context={"about": "other"})


def test_a_blank_text_is_a_request() -> None:
    """A visitor may send nothing; that is for the assistant to answer."""
    assert read_request({"conversation": "c", "text": ""}) == Request("c", text="")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (None, "send a JSON object"),
        ([], "send a JSON object"),
        ("hi", "send a JSON object"),
        ({}, "conversation is missing: send the gateway's conversation id"),
        ({"text": "hi"}, "conversation is missing"),
        ({"conversation": "", "text": "hi"}, "conversation is missing"),
        ({"conversation": "c"}, "send either text or button"),
        ({"conversation": "c", "text": "hi", "button": "/greet"}, "send either text or button"),
        ({"conversation": 1, "text": "hi"}, "conversation must be of type str"),
        ({"conversation": "c", "text": ["hi"]}, "text must be of type str"),
        ({"conversation": "c", "text": "hi", "held": "yes"}, "held must be of type bool"),
        ({"conversation": "c", "text": "hi", "held": 1}, "held must be of type bool"),
        ({"conversation": "c", "text": "hi", "context": "US"}, "context must be of type dict"),
        ({"conversation": "c", "text": "hi", "country": 44}, "country must be of type str"),
        ({"conversation": "c", "text": "hi", "sender": "x"}, "unknown field 'sender': send conversation, text, button"),
    ],
)
def test_a_wrong_request_names_the_field(body: Any, says: str) -> None:
    """The error says which field is wrong and what to send."""
    with pytest.raises(TurnError) as error:
        read_request(body)
    assert says in str(error.value)


def test_without_a_token_the_channel_is_closed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It fails closed and says so in the log, naming the setting."""
    monkeypatch.setattr(channel.settings, "load", lambda: Settings(assistant_token=""))
    with caplog.at_level(logging.WARNING):
        closed = HarbourInput.from_credentials(None)
    assert "HARBOUR_ASSISTANT_TOKEN is not set: the channel refuses every request" in caplog.text
    for header in ({}, {"authorization": ""}, {"authorization": "Bearer "}, {"authorization": "Bearer x"}):
        refused = closed._refused(SimpleNamespace(headers=header, body=b""))  # type: ignore[arg-type]
        assert refused is not None and refused.status == 401


def test_the_token_is_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel takes its secret from the one place settings are read."""
    monkeypatch.setattr(channel.settings, "load", lambda: Settings(assistant_token=TOKEN))
    assert HarbourInput.from_credentials(None).token == TOKEN
    assert HarbourInput.name() == "harbour"


Post = Callable[..., Awaitable["tuple[int, Any]"]]


@pytest.fixture
def posting(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Post], Awaitable[None]]], None]:
    """Runs a test against the channel served on a free loopback port."""

    def run(test: Callable[[Post], Awaitable[None]]) -> None:
        async def serve() -> None:
            monkeypatch.setattr(Sanic, "test_mode", True)  # several servers, one after the other, in one process
            app = Sanic(f"channel-under-test-{next(NUMBERS)}", configure_logging=False)
            app.ctx.agent = assistant.agent
            app.blueprint(HarbourInput(TOKEN).blueprint(None), url_prefix="/webhooks/harbour")  # type: ignore[arg-type]
            free = socket.create_server(("127.0.0.1", 0))  # Sanic takes port 0 for "not said" and binds 8000
            port = free.getsockname()[1]
            server = await app.create_server(sock=free, return_asyncio_server=True, access_log=False)
            assert server is not None
            await server.startup()

            async def post(body: Any = None, token: str = TOKEN, raw: bytes | None = None) -> tuple[int, Any]:
                data = raw if raw is not None else json.dumps(body).encode()
                async with session.post(
                    f"http://127.0.0.1:{port}/webhooks/harbour/webhook",
                    data=data,
                    headers={"Authorization": f"Bearer {token}"},
                ) as response:
                    said = await response.text()
                    return response.status, json.loads(said) if response.content_type == "application/json" else said

            async with aiohttp.ClientSession() as session:
                await test(post)
            server.close()
            await server.wait_closed()

        asyncio.run(serve())

    return run


def test_a_turn_over_http(posting: Callable[..., None]) -> None:
    """With the token a message is answered in the promised shape."""

    async def test(post: Post) -> None:
        status, turn = await post({"conversation": "http-1", "text": "what is naltrexone?", "country": "GB"})
        assert status == 200
        assert turn["topics"] == ["naltrexone_what"]
        assert turn["replies"][0]["response"] == "utter_faq/naltrexone_what"
        assert turn["context"]["country"] == "GB"

    posting(test)


def test_who_has_no_token_is_refused(posting: Callable[..., None]) -> None:
    """Wrong, cut or missing tokens get 401 and learn nothing."""

    async def test(post: Post) -> None:
        for token in ("", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ключ"):
            status, answer = await post({"conversation": "http-2", "text": "hello"}, token=token)
            assert (status, answer) == (401, {"error": "bearer token missing or wrong"})

    posting(test)


def test_too_large_a_request_is_refused(posting: Callable[..., None]) -> None:
    """Beyond 64 KiB nothing is read; a long message below it is answered."""

    async def test(post: Post) -> None:
        status, answer = await post({"conversation": "http-3", "text": "a" * MAX_BYTES})
        assert (status, answer) == (413, {"error": f"larger than {MAX_BYTES} bytes"})
        status, _ = await post({"conversation": "http-3", "text": "word " * 10_000})
        assert status == 200

    posting(test)


def test_a_request_that_cannot_be_read_is_a_clear_error(posting: Callable[..., None]) -> None:
    """Bad fields, foreign buttons and bodies that are no JSON are the caller's fault: 400, never 500."""

    async def test(post: Post) -> None:
        for body in (
            {"text": "hi"},
            {"conversation": "c", "button": "/restart"},
            {"conversation": "c", "text": "x", "country": "gb"},
        ):
            status, answer = await post(body)
            assert status == 400 and answer["error"]
        for raw in (b"", b"{", b"not json", b"\xff\xfe"):
            status, _ = await post(raw=raw)
            assert status == 400

    posting(test)
