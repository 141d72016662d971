"""Putting the gateway together and running it: the only place that knows all its parts."""

from __future__ import annotations

import asyncio
import logging
import sys

import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from harbour.contacts import load_countries
from harbour.gateway.app import create_app
from harbour.gateway.assistant import Assistant
from harbour.gateway.screen import load_screen
from harbour.gateway.visitors import MAX_BUFFER_BYTES
from harbour.gateway.words import Words
from harbour.guide.responses import ResponseBook
from harbour.settings import Settings, load
from harbour.store import open_database

SHUTDOWN_S = 5


def configure_logging(level: str) -> None:
    """One JSON object a line on standard output. What people write never goes into it."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


async def run(settings: Settings) -> None:
    """Serve until told to stop.

    Raises ValueError, OSError or SQLAlchemyError when a part cannot be opened.
    """
    words = Words(ResponseBook.load(settings.root, settings.country), load_countries(settings.root), settings.country)
    screen = await asyncio.to_thread(load_screen, settings.root)  # now: nobody in danger waits for it later
    store = open_database(settings)
    try:
        async with Assistant(settings.assistant_url, settings.assistant_token) as assistant:
            config = uvicorn.Config(
                create_app(settings, store, assistant, words, screen),
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,  # addresses and query strings are nobody's business
                server_header=False,
                ws_max_size=MAX_BUFFER_BYTES,
                ws_per_message_deflate=False,  # a small saving on short texts for much memory per visitor
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
            await uvicorn.Server(config).serve()
    finally:
        store.close()


def main() -> int:
    """Run the gateway with the settings in force; the exit status."""
    try:
        settings = load()
        configure_logging(settings.log_level)
        asyncio.run(run(settings))
    except KeyboardInterrupt:
        return 130
    except SQLAlchemyError as error:
        print(f"The database cannot be opened ({type(error).__name__}): {error}", file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
