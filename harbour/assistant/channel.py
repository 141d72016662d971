"""The assistant's one input channel: `POST /webhooks/harbour/webhook`, loopback, bearer token."""

from __future__ import annotations

import hmac
import logging
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request as WebRequest
from sanic.response import HTTPResponse

from harbour import settings
from harbour.assistant.turns import Assistant, Request, TurnError

logger = logging.getLogger(__name__)
MAX_BYTES = 64 * 1024
FIELDS = {"conversation": str, "text": str, "button": str, "country": str, "held": bool, "context": dict}


def read_request(body: Any) -> Request:
    """The request in a JSON body. Raises TurnError naming the field that is wrong."""
    if not isinstance(body, dict):
        raise TurnError("send a JSON object")
    given = {key: value for key, value in body.items() if value is not None}
    for key, value in given.items():
        if key not in FIELDS:
            raise TurnError(f"unknown field {key!r}: send {', '.join(FIELDS)}")
        if not isinstance(value, FIELDS[key]):
            raise TurnError(f"{key} must be of type {FIELDS[key].__name__}")
    if not given.get("conversation"):
        raise TurnError("conversation is missing: send the gateway's conversation id")
    if ("text" in given) == ("button" in given):
        raise TurnError("send either text or button")
    return Request(**given)


class HarbourInput(InputChannel):
    """Fails closed: without HARBOUR_ASSISTANT_TOKEN every request is refused."""

    def __init__(self, token: str) -> None:
        self.token = token

    @classmethod
    def name(cls) -> str:
        return "harbour"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> HarbourInput:
        token = settings.load().assistant_token
        if not token:
            logger.warning("HARBOUR_ASSISTANT_TOKEN is not set: the channel refuses every request")
        return cls(token)

    def _refused(self, request: WebRequest) -> Optional[HTTPResponse]:
        """Why the request may not enter, or None."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.token or not hmac.compare_digest(given.encode(), self.token.encode()):
            return response.json({"error": "bearer token missing or wrong"}, status=401)
        if len(request.body) > MAX_BYTES:
            return response.json({"error": f"larger than {MAX_BYTES} bytes"}, status=413)
        return None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        webhook = Blueprint("harbour_webhook", "harbour")

        @webhook.route("/", methods=["GET"])
        async def health(_: WebRequest) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: WebRequest) -> HTTPResponse:
            if refused := self._refused(request):
                return refused
            try:
                turn = await Assistant(request.app.ctx.agent).turn(read_request(request.json))
            except TurnError as error:
                return response.json({"error": str(error)}, status=400)
            return response.json(turn.as_dict())

        return webhook
