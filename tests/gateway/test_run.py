"""The gateway as a process of its own, with the project's real content."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harbour.settings import ROOT
from tests.gateway.fakes import Visitor, free_port, serving

pytestmark = pytest.mark.asyncio


class Channel:
    """The assistant's channel over HTTP, which can be made to hang."""

    def __init__(self) -> None:
        self.hang = False
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Response:
        text = (await request.json())["text"]
        self.asked.append(text)
        if self.hang:
            await asyncio.sleep(30)
        return JSONResponse({"replies": [{"text": f"You said: {text}", "kind": "answer"}], "context": {}})


class Gateway:
    """`python -m harbour.gateway` on a free port."""

    def __init__(self, var: Path, assistant_port: int) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = var / "gateway.log"
        self.environ = os.environ | {
            "HARBOUR_PORT": str(self.port),
            "HARBOUR_ASSISTANT_PORT": str(assistant_port),
            "HARBOUR_ASSISTANT_TOKEN": "t" * 32,
            "HARBOUR_VAR": str(var),
        }
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> Gateway:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "harbour.gateway"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(150):
                assert self.process.poll() is None, self.log.read_text()
                try:
                    await client.get(f"{self.url}/healthz")
                    return self
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        raise AssertionError(self.log.read_text())

    async def stop(self, number: int) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 15)


@pytest_asyncio.fixture
async def channel() -> AsyncIterator[tuple[Channel, int]]:
    made = Channel()

    async def route(request: Request) -> Response:
        return await made(request)

    port = free_port()
    app = Starlette(routes=[Route("/webhooks/harbour/webhook", route, methods=["POST"])])
    async with serving(app, port):
        yield made, port


@pytest_asyncio.fixture
async def gateway(tmp_path: Path, channel: tuple[Channel, int]) -> AsyncIterator[Gateway]:
    made = await Gateway(tmp_path, channel[1]).start()
    yield made
    await made.stop(signal.SIGKILL)


async def test_it_runs_with_the_real_content_and_stops_when_told(gateway: Gateway) -> None:
    """Ready, the United Kingdom's numbers on the page, a private key file, a clean end."""
    async with httpx.AsyncClient(trust_env=False) as client:
        ready = await client.get(f"{gateway.url}/readyz")
        page = (await client.get(gateway.url)).text
    assert ready.status_code == 200, ready.text
    assert 'href="tel:999"' in page and "Samaritans" in page and "116 123" in page
    assert (gateway.log.parent / "secret-key").exists()
    assert await gateway.stop(signal.SIGTERM) in (0, -signal.SIGTERM)


async def test_kill_9_in_the_middle_of_a_turn_loses_nothing(gateway: Gateway, channel: tuple[Channel, int]) -> None:
    """The message was stored before the assistant was asked: after a restart it is answered, once."""
    assistant, _ = channel
    visitor = await Visitor(gateway.url).connect()
    assert "automated" in (await visitor.hear(1))[0]
    assistant.hang = True
    assert (await visitor.say("are you there", id="m1"))["stored"]
    while not assistant.asked:
        await asyncio.sleep(0.01)
    await gateway.stop(signal.SIGKILL)
    await visitor.leave()

    assistant.hang = False
    await gateway.start()
    again = await Visitor(gateway.url).connect(visitor.token)
    assert await again.hear(1) == ["You said: are you there"]
    # Its browser does not know that it arrived, and sends it again.
    assert (await again.say("are you there", id="m1"))["stored"]
    await asyncio.sleep(0.2)
    assert len(again.replies) == 1
    assert assistant.asked == ["are you there"] * 2
    await again.leave()


async def test_nothing_that_was_written_is_in_the_log(gateway: Gateway) -> None:
    """The process's own output names neither messages nor addresses."""
    visitor = await Visitor(gateway.url).connect()
    await visitor.say("my secret story")
    await visitor.hear(2)
    await visitor.leave()
    await gateway.stop(signal.SIGTERM)  # a stop lets the turn finish, and its line be written
    log = gateway.log.read_text()
    assert '"event": "turn"' in log
    assert "secret" not in log and "127.0.0.1" not in log


async def test_a_bad_setting_ends_in_one_sentence(tmp_path: Path) -> None:
    """No traceback: the setting and what to write."""
    environ = os.environ | {"HARBOUR_VAR": str(tmp_path), "HARBOUR_COUNTRY": "XX"}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "harbour.gateway"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("HARBOUR_COUNTRY='XX' has no contacts: write one of AU, CA, GB, IE, US, ZZ")
    assert done.stderr.count("\n") == 1
