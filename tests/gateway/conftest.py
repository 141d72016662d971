"""A gateway with a fake assistant, and visitors who talk to it over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from harbour.gateway.app import create_app
from harbour.settings import Settings
from harbour.store import Store, open_database
from tests.gateway.fakes import FakeAssistant, Visitor, screen, serving, words

Join = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_database(settings)
    yield opened
    opened.close()


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest_asyncio.fixture
async def url(settings: Settings, store: Store, assistant: FakeAssistant) -> AsyncIterator[str]:
    async with serving(create_app(settings, store, assistant, words(), screen())) as address:
        yield address


@pytest_asyncio.fixture
async def join(url: str) -> AsyncIterator[Join]:
    """Connects visitors, and disconnects them at the end."""
    visitors: list[Visitor] = []

    async def connect(token: str | None = None, **more: object) -> Visitor:
        visitor = Visitor(url)
        visitors.append(visitor)
        return await visitor.connect(token, **more)

    yield connect
    for visitor in visitors:
        await visitor.leave()
