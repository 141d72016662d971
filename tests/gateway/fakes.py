"""Stand-ins for the gateway's neighbours, and a real server around it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import socketio
import uvicorn

from harbour.contacts import Contact, Country
from harbour.gateway.assistant import Answer, AssistantError, Question
from harbour.gateway.screen import Screen
from harbour.gateway.visitors import MAX_BUFFER_BYTES
from harbour.gateway.words import Words
from harbour.guide.responses import Rendered, ResponseBook
from harbour.safety.reading import load_reader
from harbour.store import NewReply


def _contact(name: str, phone: str = "", url: str = "", text: str = "") -> Contact:
    return Contact(name, "https://example.org", date(2026, 11, 22), True, phone=phone, url=url, text=text)


def _country(code: str, name: str, emergency: str, crisis: Contact, *drugs: Contact, alt: str = "") -> Country:
    return Country(code, name, emergency, "", "", "", (crisis,), drugs, (), (), emergency_alt=alt)


COUNTRIES = {
    "GB": _country(
        "GB",
        "United Kingdom",
        "999",
        _contact("Samaritans", "116 123", "https://www.samaritans.org"),
        _contact("FRANK", "0300 123 6600", text="FRANK to 82111"),
    ),
    "IE": _country("IE", "Ireland", "112", _contact("Samaritans Ireland", "116 123"), alt="999"),
    "US": _country("US", "United States", "911", _contact("988 Lifeline", "988", text="988")),
    "ZZ": _country(
        "ZZ",
        "Another country",
        "112",
        _contact("Find A Helpline", url="https://findahelpline.com"),
        alt="your local emergency number",
    ),
}


class Book(ResponseBook):
    """The real response book, with short texts for the two responses that tests read to the letter."""

    def __init__(self) -> None:
        super().__init__(ResponseBook.load().responses)

    def render(self, name: str, country: str | None = "GB", about: str = "self") -> Rendered:
        if name == "utter_intro":
            return Rendered(name, "Hello. I am automated, not a clinician.", "chat")
        if name != "utter_cannot_answer":
            return super().render(name, country, about)
        places = COUNTRIES[country or "GB"].placeholders()
        text = "I can't answer right now. Your message is saved. {emergency}, {crisis_line}, {drug_line}"
        if not country:
            text += " Not in the UK?"
        return Rendered(name, text.format_map(places), "fallback")


def words(default: str = "GB") -> Words:
    return Words(Book(), COUNTRIES, default)


def screen() -> Screen:
    """The gateway's screen over the product's own signs, read once for all tests."""
    return Screen(load_reader())


def echo(question: Question) -> Answer:
    """An answer that shows what was asked."""
    turn = int(question.context.get("turns", 0)) + 1
    said = question.button or question.text
    return Answer(
        replies=(NewReply(f"You said: {said}", "answer", "utter_echo", "intro", "Opening"),),
        context={"turns": turn},
        country=question.country,
    )


@dataclass
class FakeAssistant:
    """Answers with `reply`; down, slow or broken when told so. Keeps what it was asked."""

    reply: Callable[[Question], Answer] = echo
    fail: Exception | None = None
    delay: float = 0.0
    asked: list[Question] = field(default_factory=list)
    running: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        self.running[question.conversation] = self.running.get(question.conversation, 0) + 1
        self.most_at_once = max(self.most_at_once, *self.running.values())
        try:
            await asyncio.sleep(self.delay)
            if self.fail:
                raise self.fail
            return self.reply(question)
        finally:
            self.running[question.conversation] -= 1


DOWN = AssistantError("unreachable (ConnectError)")


class QuietServer(uvicorn.Server):
    """uvicorn without signal handlers, so that a test keeps its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_server(app: Any, port: int) -> QuietServer:
    return QuietServer(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            log_config=None,
            access_log=False,
            ws_max_size=MAX_BUFFER_BYTES,
            timeout_graceful_shutdown=1,
        )
    )


@asynccontextmanager
async def serving(app: Any, port: int | None = None) -> AsyncIterator[str]:
    """The app on a free port; gives its address."""
    port = port or free_port()
    server = make_server(app, port)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


class Visitor:
    """A browser's side of the conversation, in Rasa's events."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = socketio.AsyncClient(reconnection=False)
        self.token: str | None = None
        self.confirmed = asyncio.Event()
        self.history: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []
        self.typing: list[bool] = []
        self.countries: list[str] = []
        self._news = asyncio.Event()
        self.client.on("session_confirm", self._confirm)
        self.client.on("history", self._history)
        self.client.on("bot_uttered", self._reply)
        self.client.on("typing", lambda data: self.typing.append(data["on"]))
        self.client.on("country", lambda data: self.countries.append(data["code"]))

    def _confirm(self, token: Any) -> None:
        self.token = token

    def _history(self, data: dict[str, Any]) -> None:
        self.history = data["messages"]
        self.confirmed.set()

    def _reply(self, data: dict[str, Any]) -> None:
        self.replies.append(data)
        self._news.set()

    async def connect(self, token: str | None = None, **more: Any) -> Visitor:
        await self.client.connect(self.url, transports=["websocket"])
        await self.request(token, **more)
        return self

    async def request(self, token: str | None = None, **more: Any) -> None:
        self.confirmed.clear()
        await self.client.emit("session_request", {"session_id": token, **more})
        await asyncio.wait_for(self.confirmed.wait(), 5)

    async def say(self, message: Any, **more: Any) -> Any:
        """Send a message; gives the acknowledgement."""
        return await self.client.call("user_uttered", {"message": message, "session_id": self.token, **more}, timeout=5)

    async def hear(self, count: int, seconds: float = 5.0) -> list[str]:
        """The texts of all replies so far, once there are `count`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.replies) < count:
                    self._news.clear()
                    await self._news.wait()
        texts = [r["text"] for r in self.replies]
        assert len(texts) >= count, f"heard only {texts}"
        return texts

    async def leave(self) -> None:
        await self.client.disconnect()
        if self.client.eio.http:  # left open when it was the server that hung up
            await self.client.eio.http.close()
