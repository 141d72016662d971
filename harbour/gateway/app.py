"""The ASGI application: pages, health and Socket.IO behind one set of security headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import socketio
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from harbour.gateway.assistant import Asks
from harbour.gateway.headers import SecurityHeaders
from harbour.gateway.health import Health
from harbour.gateway.pages import Pages
from harbour.gateway.screen import Screen
from harbour.gateway.tokens import Tokens, signing_key
from harbour.gateway.turns import Turns
from harbour.gateway.visitors import Visitors
from harbour.gateway.words import Words
from harbour.settings import Settings
from harbour.store import Store


def create_app(settings: Settings, store: Store, assistant: Asks, words: Words, screen: Screen) -> ASGIApp:
    """The gateway over a store, an assistant, the fixed words and its own screen.

    Raises SettingsError or OSError when there is no key to sign session tokens with.
    """
    turns = Turns(store, assistant, words, screen)
    visitors = Visitors(store, Tokens(signing_key(settings)), turns)
    health = Health(store, assistant)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await turns.close()

    site = Starlette(
        routes=[
            *Pages(words).routes(),
            Route("/healthz", health.healthz),
            Route("/readyz", health.readyz),
        ],
        lifespan=lifespan,
    )
    return SecurityHeaders(socketio.ASGIApp(visitors.server, site, socketio_path="socket.io"))
