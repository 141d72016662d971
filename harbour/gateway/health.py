"""`/healthz`: the process is up. `/readyz`: a visitor who wrote now would get an answer."""

from __future__ import annotations

import asyncio
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse

from harbour.gateway.assistant import Asks, AssistantError, Question
from harbour.store import Store

log = structlog.get_logger()

PROBE_TIMEOUT_S = 5.0
CACHE_S = 5.0
PROBE = Question(conversation="harbour-readiness-probe", text="What is naltrexone?")
NO_STORE = {"Cache-Control": "no-store"}


class Health:
    """The two checks. A good result of the second is kept for five seconds, a bad one never."""

    def __init__(self, store: Store, assistant: Asks, timeout: float = PROBE_TIMEOUT_S) -> None:
        self.store = store
        self.assistant = assistant
        self.timeout = timeout
        self._good_until = 0.0
        self._lock = asyncio.Lock()  # many who ask at once cause one probe

    async def healthz(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok\n", headers=NO_STORE)

    async def readyz(self, request: Request) -> JSONResponse:
        """200 when both parts work, else 503; the JSON names each part as 'ok' or 'failing'."""
        async with self._lock:
            if time.monotonic() < self._good_until:
                return _result(assistant=True, database=True)
            assistant, database = await asyncio.gather(self._assistant(), self._database())
            if assistant and database:
                self._good_until = time.monotonic() + CACHE_S
        return _result(assistant=assistant, database=database)

    async def _assistant(self) -> bool:
        try:
            async with asyncio.timeout(self.timeout):
                await self.assistant.ask(PROBE)
        except (AssistantError, TimeoutError) as error:
            log.debug("assistant not ready", why=str(error) or "slow")
            return False
        return True

    async def _database(self) -> bool:
        try:
            await asyncio.to_thread(self.store.check_writable)
        except SQLAlchemyError as error:
            log.error("database not writable", error=type(error).__name__)
            return False
        return True


def _result(**parts: bool) -> JSONResponse:
    ready = all(parts.values())
    body = {"ready": ready} | {name: "ok" if good else "failing" for name, good in parts.items()}
    return JSONResponse(body, status_code=200 if ready else 503, headers=NO_STORE)
