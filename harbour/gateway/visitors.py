"""Web chat over Socket.IO, speaking Rasa's events, so that existing Rasa web clients connect.

In:  session_request {session_id?, country?} · user_uttered {message, session_id?, id?, button?, country?}
     country {code}
Out: session_confirm "<signed token>" · history {messages} · bot_uttered {text, quick_replies, metadata}
     typing {on} · country {code}; the code is empty while nobody said where the visitor is
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import socketio
import structlog

from harbour.contacts import NOT_SAID
from harbour.gateway.tokens import Tokens
from harbour.gateway.turns import MAX_CLIENT_ID, Inbound, Turns
from harbour.gateway.wire import hashed, wire
from harbour.store import Conversation, Message, Store

log = structlog.get_logger()

MAX_BUFFER_BYTES = 64 * 1024


class Visitors:
    """The visitors' side of the gateway."""

    def __init__(self, store: Store, tokens: Tokens, turns: Turns) -> None:
        self.store = store
        self.tokens = tokens
        self.turns = turns
        self.words = turns.words
        turns.visitors = self
        self.server = socketio.AsyncServer(
            async_mode="asgi",
            max_http_buffer_size=MAX_BUFFER_BYTES,
            cors_allowed_origins=None,  # None means same origin only; [] would switch the check off
        )
        self.server.on("session_request", self.session_request)
        self.server.on("user_uttered", self.user_uttered)
        self.server.on("country", self.choose_country)
        self.server.on("disconnect", self.disconnect)
        # Events of one connection run side by side; finding or opening its conversation must not, or
        # a message sent right behind the session request would open a second conversation.
        self._doors: dict[str, asyncio.Lock] = {}

    # events in

    async def session_request(self, sid: str, data: object = None) -> None:
        """Open the conversation the token is bound to; a fresh one for no, a forged or a foreign token."""
        given = data if isinstance(data, dict) else {}
        try:
            async with self._door(sid):
                await self._open(sid, given)
        except Exception as error:  # a visitor is never left in silence
            await self._sorry(sid, given, error)

    async def user_uttered(self, sid: str, data: object = None) -> dict[str, bool]:
        """Take one message. The acknowledgement says whether it is stored; the replies come as events."""
        given = data if isinstance(data, dict) else {}
        try:
            async with self._door(sid):
                conversation = await self._conversation(sid, given) or await self._open(sid, given)
            receipt = await self.turns.receive(conversation, _inbound(given))
            if receipt.refusal:
                await self.server.emit("bot_uttered", wire(receipt.refusal), to=sid)
            return {"stored": receipt.stored, "refused": receipt.refusal is not None}
        except Exception as error:  # a visitor is never left in silence
            await self._sorry(sid, given, error, _text(given.get("message")))
            return {"stored": False, "refused": False}

    async def choose_country(self, sid: str, data: object = None) -> None:
        """The visitor picked a country: its numbers are used from now on."""
        given = data if isinstance(data, dict) else {}
        code = self.words.country(given.get("code"))
        try:
            async with self._door(sid):
                conversation = await self._conversation(sid, given)
                if code and conversation:  # inside the door: a message right behind it already counts on it
                    await asyncio.to_thread(self.store.set_country, conversation.id, code)
                    await self.country(conversation.id, code)
        except Exception as error:  # the page shows the new numbers anyway, and sends them with each message
            log.error("country not stored", error=type(error).__name__)

    async def disconnect(self, sid: str, reason: object = None) -> None:
        """Forget the connection."""
        self._doors.pop(sid, None)

    # events out

    async def deliver(self, conversation_id: str, replies: Sequence[dict[str, Any]]) -> bool:
        """Send replies to every open connection of the conversation; False when there is none."""
        if not any(True for _ in self.server.manager.get_participants("/", conversation_id)):
            return False
        for reply in replies:
            await self.server.emit("bot_uttered", reply, room=conversation_id)
        return True

    async def typing(self, conversation_id: str, on: bool) -> None:
        await self.server.emit("typing", {"on": on}, room=conversation_id)

    async def country(self, conversation_id: str, code: str) -> None:
        await self.server.emit("country", {"code": code}, room=conversation_id)

    # conversations

    def _door(self, sid: str) -> asyncio.Lock:
        return self._doors.setdefault(sid, asyncio.Lock())

    async def _conversation(self, sid: str, given: dict[str, Any]) -> Conversation | None:
        """The token's conversation, else the one this connection has open already, else None."""
        session = await self.server.get_session(sid)
        open_id = session.get("conversation")
        conversation_id = self.tokens.read(given.get("session_id"))
        if conversation_id is not None and conversation_id != open_id:
            conversation = await asyncio.to_thread(self.store.conversation, conversation_id)
            if conversation:
                return await self._open(sid, given)
        return await asyncio.to_thread(self.store.conversation, open_id) if open_id else None

    async def _open(self, sid: str, given: dict[str, Any]) -> Conversation:
        """Join the token's conversation or a new one, confirm it, and send what was said so far."""
        country = self.words.country(given.get("country"))
        conversation_id = self.tokens.read(given.get("session_id"))
        conversation = await asyncio.to_thread(self.store.conversation, conversation_id) if conversation_id else None
        if conversation is None:
            conversation = await self._new(country or NOT_SAID)
        await self._join(sid, conversation)
        await self.turns.resume(conversation)
        return conversation

    async def _new(self, country: str) -> Conversation:
        conversation = await asyncio.to_thread(self.store.new_conversation, country)
        await asyncio.to_thread(self.store.add_replies, conversation.id, [self.words.intro(country)])
        log.info("conversation", conversation=hashed(conversation.id), country=country)
        return conversation

    async def _join(self, sid: str, conversation: Conversation) -> None:
        lane = self.turns.lane(conversation.id)
        # No reply may slip between reading the history and joining the room.
        async with lane.out:
            history = await asyncio.to_thread(self.store.history, conversation.id)
            before = (await self.server.get_session(sid)).get("conversation")
            if before and before != conversation.id:
                await self.server.leave_room(sid, before)
            await self.server.save_session(sid, {"conversation": conversation.id})
            await self.server.emit("session_confirm", self.tokens.issue(conversation.id), to=sid)
            await self.server.emit("country", {"code": conversation.country}, to=sid)
            await self.server.emit("history", {"messages": [_remembered(m) for m in history]}, to=sid)
            await self.server.enter_room(sid, conversation.id)
            # Rasa's own clients do not know `history`: what nobody has seen yet also comes as usual.
            unseen = [m for m in history if m.direction == "out" and m.state == "stored"]
            for message in unseen:
                await self.server.emit("bot_uttered", wire(message), to=sid)
            if lane.turn.locked():
                await self.server.emit("typing", {"on": True}, to=sid)
            if unseen:  # still inside: a second tab that opens now must not be told them again
                await asyncio.to_thread(self.store.mark_sent, [m.id for m in unseen])

    async def _sorry(self, sid: str, given: dict[str, Any], error: Exception, said: str = "") -> None:
        """Say that a message could not be saved; where it speaks of danger, the safety card first."""
        # The class only: an error's text may contain what somebody wrote.
        log.error("event failed", error=type(error).__name__)
        country = self.words.country(given.get("country")) or NOT_SAID
        screened = await self.turns.screen.read(said)
        country = screened.country(country, self.words.default)
        if alarm := screened.alarm:
            await self.server.emit("bot_uttered", wire(self.words.card(alarm.id, alarm.about, country)), to=sid)
        await self.server.emit("bot_uttered", wire(self.words.not_saved(country)), to=sid)


def _remembered(message: Message) -> dict[str, Any]:
    """A stored message as the `history` event carries it: like `bot_uttered`, with direction and time."""
    common = {"direction": message.direction, "at": message.created_at.isoformat()}
    if message.direction == "in":
        return common | {"text": message.text, "id": message.id, "client_id": message.client_id}
    return common | wire(message)


def _inbound(given: dict[str, Any]) -> Inbound:
    client_id = _text(given.get("id"))
    return Inbound(
        text=_text(given.get("message")),
        client_id=client_id if 0 < len(client_id) <= MAX_CLIENT_ID else None,
        button=_text(given.get("button")) or None,
        country=_text(given.get("country")) or None,
    )


def _text(value: object) -> str:
    """Text that every database can hold: half a character pair and NUL are replaced; else as typed."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
