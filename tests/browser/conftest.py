"""A real browser in front of a real gateway. Without Chromium these tests fail: they are not optional."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from harbour.gateway.app import create_app
from harbour.settings import Settings
from harbour.store import Store, open_database
from tests.gateway.fakes import FakeAssistant, QuietServer, free_port, make_server, screen, words


class Site:
    """The gateway in a thread, which can be stopped and started again on the same port."""

    def __init__(self, settings: Settings, store: Store, assistant: FakeAssistant) -> None:
        self.settings, self.store, self.assistant = settings, store, assistant
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: QuietServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        server = make_server(create_app(self.settings, self.store, self.assistant, words(), screen()), self.port)
        self._server = server
        self._thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        self._thread.start()
        while not server.started:
            assert self._thread.is_alive()
            self._thread.join(0.02)

    def stop(self) -> None:
        assert self._server and self._thread
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant(delay=0.05)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_database(Settings(var=tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def site(tmp_path: Path, store: Store, assistant: FakeAssistant) -> Iterator[Site]:
    made = Site(Settings(var=tmp_path), store, assistant)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts Chromium with the given flags."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is not on PATH. Install it: apt-get install chromium"
    with sync_playwright() as driver:
        yield lambda *flags: driver.chromium.launch(executable_path=path, args=["--no-sandbox", *flags])


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser window the size of a phone. Any error of the page's scripts fails the test."""
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(8_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield context
    context.close()
    assert errors == []


@pytest.fixture
def page(window: BrowserContext, site: Site) -> Page:
    """The page, opened, with its introduction."""
    tab = window.new_page()
    tab.goto(site.url)
    tab.wait_for_selector(".theirs")
    return tab
