"""All of Harbour as it runs, while its processes are killed and frozen. Needs both environments and a trained model."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from socketio.exceptions import SocketIOError

from harbour.gateway.tokens import Tokens, signing_key
from harbour.guide.responses import ResponseBook
from harbour.settings import ROOT, Settings
from harbour.store import Message, open_database
from tests.gateway.fakes import Visitor, free_port

pytestmark = pytest.mark.asyncio

BOOK = ResponseBook.load()
QUESTION = "what is naltrexone"
DANGERS = {  # (words, country) -> the card's response and about whom
    ("he is not breathing", "GB"): ("utter_emergency_overdose", "other"),
    ("i am hardly breathing", "US"): ("utter_emergency_overdose", "self"),
    ("i want to kill myself", "GB"): ("utter_suicide_risk", "self"),
    ("they want to die", "US"): ("utter_suicide_risk", "other"),
}


class Harbour:
    """`harbour serve` on free ports, with what it says to the operator."""

    def __init__(self, var: Path) -> None:
        self.settings = Settings(port=free_port(), assistant_port=free_port(), actions_port=free_port(), var=var)
        self.url = f"http://127.0.0.1:{self.settings.port}"
        self.said = ""
        environ = os.environ | {
            "HARBOUR_PORT": str(self.settings.port),
            "HARBOUR_ASSISTANT_PORT": str(self.settings.assistant_port),
            "HARBOUR_ACTIONS_PORT": str(self.settings.actions_port),
            "HARBOUR_VAR": str(var),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "harbour.cli", "serve"],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, pattern: str, seconds: float = 300) -> None:
        """Until it has said something that matches."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.said):
            assert self.process.poll() is None and time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def pid(self, what: str, not_this: int = 0) -> int:
        """The process id of a part: `launcher serve`, `launcher actions` or `harbour.gateway`."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            listed = subprocess.run(
                ["ps", "-Aww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
            )
            for line in listed.stdout.splitlines():
                pid, parent, command = line.split(None, 2)
                if int(parent) == self.process.pid and command.endswith(what) and int(pid) != not_this:
                    return int(pid)
            time.sleep(0.1)
        raise AssertionError(f"no {what} runs: {self.said}")

    def messages(self, visitor: Visitor) -> list[Message]:
        """What the visitor has written, as stored."""
        conversation_id = Tokens(signing_key(self.settings)).read(visitor.token)
        assert conversation_id is not None
        store = open_database(self.settings)
        try:
            return [m for m in store.history(conversation_id) if m.direction == "in"]
        finally:
            store.close()

    def stop(self) -> None:
        """Stop it in the operator's way; what it said last is that it has stopped."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.said
        self._listener.join(5)
        assert self.said.endswith("Harbour has stopped.\n")


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    running = Harbour(tmp_path_factory.mktemp("var"))
    try:
        running.wait_for("Harbour is ready")
        yield running
    finally:
        running.stop()  # not killed: that would leave the others running


async def come(harbour: Harbour, country: str = "GB") -> Visitor:
    """A new visitor, greeted."""
    visitor = await Visitor(harbour.url).connect(country=country)
    await visitor.hear(1)
    return visitor


async def timed(visitor: Visitor, text: str, seconds: float) -> tuple[str, float]:
    """Say something: the first reply, and after how many seconds it came. Waits for the end of the turn."""
    heard, turns = len(visitor.replies), visitor.typing.count(False)
    started = time.monotonic()
    assert (await visitor.say(text))["stored"]
    reply = (await visitor.hear(heard + 1, seconds))[heard]
    took = time.monotonic() - started
    async with asyncio.timeout(5):
        while visitor.typing.count(False) == turns:
            await asyncio.sleep(0.01)
    return reply, took


async def answered(harbour: Harbour, seconds: float = 240) -> None:
    """Until the assistant answers again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        visitor = await come(harbour)
        await timed(visitor, QUESTION, 15)
        await visitor.leave()
        if visitor.replies[1]["metadata"]["response"] != "utter_cannot_answer":
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"never answered again: {harbour.said}")


async def test_the_action_server_is_killed(harbour: Harbour) -> None:
    """In the middle of a conversation: an emergency is answered within a second, and it is started again."""
    visitor = await come(harbour)
    await timed(visitor, QUESTION, 15)
    before = harbour.pid("launcher actions")
    os.kill(before, signal.SIGKILL)
    reply, seconds = await timed(visitor, "he is not breathing", 10)
    print(f"emergency reply {seconds * 1000:.0f} ms after the action server was killed")
    assert reply == BOOK.render("utter_emergency_overdose", "GB", "other").text
    assert seconds < 1.0
    assert (await timed(visitor, "how long does the implant last", 10))[0]
    await asyncio.to_thread(harbour.wait_for, r"The actions process ended \(killed by signal 9\). It is started again")
    assert await asyncio.to_thread(harbour.pid, "launcher actions", before)
    assert [m.state for m in harbour.messages(visitor)] == ["answered"] * 3
    await visitor.leave()


async def test_the_assistant_freezes(harbour: Harbour) -> None:
    """Emergencies get the very card that the assistant gives, within ten seconds; a question the honest word."""
    live = [await come(harbour, country) for _, country in DANGERS]
    cards = [(await timed(visitor, text, 15))[0] for visitor, (text, _) in zip(live, DANGERS)]
    assert cards == [BOOK.render(name, code, about).text for (_, code), (name, about) in DANGERS.items()]
    visitors = [await come(harbour, country) for _, country in DANGERS]
    plain = await come(harbour, "US")
    rasa = harbour.pid("launcher serve")
    os.kill(rasa, signal.SIGSTOP)
    try:
        told, *given = await asyncio.gather(
            timed(plain, QUESTION, 15),
            *(timed(visitor, text, 15) for visitor, (text, _) in zip(visitors, DANGERS)),
        )
    finally:
        os.kill(rasa, signal.SIGCONT)
    print("cards " + ", ".join(f"{s:.1f} s" for _, s in given) + f", honest word {told[1]:.1f} s after it froze")
    assert [text for text, _ in given] == cards
    assert all(seconds < 10 for _, seconds in given)
    assert told[0] == BOOK.render("utter_cannot_answer", "US").text and "911" in told[0] and "988" in told[0]
    for visitor in (plain, *visitors):
        await timed(visitor, QUESTION, 30)
    await asyncio.sleep(2)
    for visitor in (plain, *visitors):
        said = [r["metadata"]["response"] for r in visitor.replies]
        assert "utter_faq/naltrexone_what" in said  # beside it a word of safety, if Rasa woke to the emergency
        assert len([r for r in said if r in ("utter_emergency_overdose", "utter_suicide_risk")]) == (
            visitor is not plain
        )
        first, second = harbour.messages(visitor)
        assert (first.state, second.state) == ("stored", "answered")
        risks = first.payload.get("found", {}).get("risk", [])
        assert [r["by"] for r in risks if r["level"] == "alarm"] == ([] if visitor is plain else ["signs"])
    for visitor in (plain, *visitors, *live):
        await visitor.leave()


async def test_the_assistant_is_killed(harbour: Harbour) -> None:
    """An emergency gets its card at once; after a while questions are answered again, by a new process."""
    visitor = await come(harbour)
    before = harbour.pid("launcher serve")
    os.kill(before, signal.SIGKILL)
    reply, seconds = await timed(visitor, "i want to kill myself", 10)
    print(f"emergency reply {seconds * 1000:.0f} ms after the assistant was killed")
    assert reply == BOOK.render("utter_suicide_risk", "GB", "self").text
    assert seconds < 1.0
    assert (await timed(visitor, "yes", 10))[0] == BOOK.render("utter_suicide_risk_again", "GB", "self").text
    await answered(harbour)
    assert harbour.pid("launcher serve", before)
    assert "The assistant process ended (killed by signal 9). It is started again in 1 s" in harbour.said
    await visitor.leave()


async def test_the_gateway_is_killed(harbour: Harbour) -> None:
    """It comes back, and so does the conversation."""
    visitor = await come(harbour)
    await timed(visitor, QUESTION, 15)
    before = harbour.pid("harbour.gateway")
    os.kill(before, signal.SIGKILL)
    await asyncio.to_thread(harbour.pid, "harbour.gateway", before)
    await visitor.leave()
    again = Visitor(harbour.url)
    for _ in range(100):
        try:
            await again.connect(visitor.token)
            break
        except (SocketIOError, TimeoutError):  # its port is not open yet
            await again.leave()
            again = Visitor(harbour.url)
            await asyncio.sleep(0.2)
    assert QUESTION in [m["text"] for m in again.history]
    assert (await timed(again, "does it hurt when they put the implant in", 15))[0]
    await again.leave()
