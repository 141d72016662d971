"""One turn: store the message, ask the assistant, store its replies, deliver them. In that order."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from harbour.gateway.assistant import Answer, Asks, AssistantError, Question
from harbour.gateway.words import MAX_MESSAGE_BYTES, Words
from harbour.store import Button, Conversation, Message, NewReply, Store
from harbour.store.store import BUTTON_ID

log = structlog.get_logger()

MAX_CLIENT_ID = 64
CLOSE_WAIT_S = 3.0


@dataclass(frozen=True)
class Inbound:
    """What a visitor sent, as it came, already known to be text."""

    text: str
    client_id: str | None = None
    button: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of it: stored, or why not and what to tell the visitor."""

    stored: bool
    refusal: NewReply | None = None


class Delivers(Protocol):
    """The way back to the visitor."""

    async def deliver(self, conversation_id: str, replies: Sequence[dict[str, Any]]) -> bool: ...
    async def typing(self, conversation_id: str, on: bool) -> None: ...
    async def country(self, conversation_id: str, code: str) -> None: ...


class Lane:
    """A conversation's locks. asyncio's locks are first come, first served, which keeps the order."""

    def __init__(self) -> None:
        self.inbox = asyncio.Lock()  # one message is stored at a time
        self.turn = asyncio.Lock()  # one message is answered at a time
        self.out = asyncio.Lock()  # replies and history do not cross on the way out


def hashed(conversation_id: str) -> str:
    """What the log may know of a conversation: enough to follow it, too little to open it."""
    return hashlib.sha256(conversation_id.encode()).hexdigest()[:12]


def wire(reply: Message | NewReply) -> dict[str, Any]:
    """A reply as Rasa's `bot_uttered` event carries it. Buttons exist only on stored ones."""
    if isinstance(reply, NewReply):
        payload: dict[str, Any] = asdict(reply) | {"buttons": []}
        message_id = None
    else:
        payload, message_id = reply.payload, reply.id
    return {
        "text": reply.text,
        "quick_replies": payload["buttons"],
        "metadata": {
            "kind": reply.kind,
            "section": payload["section"],
            "section_title": payload["section_title"],
            "response": payload["response"],
            "id": message_id,
        },
    }


class Turns:
    """Runs turns. `visitors` must be set before the first message."""

    visitors: Delivers

    def __init__(self, store: Store, assistant: Asks, words: Words) -> None:
        self.store = store
        self.assistant = assistant
        self.words = words
        self._lanes: WeakValueDictionary[str, Lane] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def lane(self, conversation_id: str) -> Lane:
        """The conversation's locks; they live as long as somebody uses them."""
        lane = self._lanes.get(conversation_id)
        if lane is None:
            lane = self._lanes[conversation_id] = Lane()
        return lane

    async def receive(self, conversation: Conversation, inbound: Inbound) -> Receipt:
        """Store a message and start its turn; returns when it is stored, before it is answered.

        Raises SQLAlchemyError when it cannot be stored.
        """
        lane = self.lane(conversation.id)  # held here: a lane that nobody holds is forgotten, with its locks
        async with lane.inbox:
            conversation = await self._settle_country(conversation, inbound.country)
            button = await self._button(conversation.id, inbound)
            refusal = self._refusal(conversation.country, inbound, button)
            if refusal:
                return Receipt(stored=False, refusal=refusal)
            message, fresh = await asyncio.to_thread(
                self.store.add_inbound,
                conversation.id,
                button.title if button else inbound.text,
                inbound.client_id,
                button,
            )
            # A retry of a message that only got an apology is asked again.
            if fresh or message.state == "stored":
                self._start(conversation, message, retry=not fresh)
        return Receipt(stored=True)

    async def resume(self, conversation: Conversation) -> None:
        """Answer what a stopped process left unanswered."""
        for message in await asyncio.to_thread(self.store.unanswered, conversation.id):
            self._start(conversation, message, retry=False)

    async def close(self) -> None:
        """Let running turns finish for a moment. What is cut off stays stored and is resumed."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSE_WAIT_S)
            for task in late:
                task.cancel()

    async def _settle_country(self, conversation: Conversation, given: str | None) -> Conversation:
        country = self.words.country(given)
        if country is None or country == conversation.country:
            return conversation
        await asyncio.to_thread(self.store.set_country, conversation.id, country)
        return replace(conversation, country=country)

    async def _button(self, conversation_id: str, inbound: Inbound) -> Button | None:
        # Existing Rasa clients send a pressed button's payload, our opaque id, as the message.
        button_id = inbound.button or (inbound.text if BUTTON_ID.fullmatch(inbound.text) else None)
        return await asyncio.to_thread(self.store.button, conversation_id, button_id) if button_id else None

    def _refusal(self, country: str, inbound: Inbound, button: Button | None) -> NewReply | None:
        if button:
            return None
        if len(inbound.text.encode()) > MAX_MESSAGE_BYTES:
            return self.words.too_long(country)
        if BUTTON_ID.fullmatch(inbound.text):
            return self.words.old_button
        if not inbound.text.strip():
            return self.words.old_button if inbound.button else self.words.blank
        return None

    def _start(self, conversation: Conversation, message: Message, retry: bool) -> None:
        task = asyncio.create_task(self._turn(conversation, message.id, retry))
        self._tasks.add(task)  # asyncio itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    async def _turn(self, conversation: Conversation, message_id: int, retry: bool) -> None:
        lane = self.lane(conversation.id)
        async with lane.turn:
            try:
                await self._answer(lane, conversation.id, message_id, retry)
            except Exception as error:  # the last line of defence: a visitor is never left in silence
                # The class only: an error's text may contain what somebody wrote.
                log.error("turn failed", conversation=hashed(conversation.id), error=type(error).__name__)
                await self._apologise(conversation)
            finally:
                await self.visitors.typing(conversation.id, False)

    async def _answer(self, lane: Lane, conversation_id: str, message_id: int, retry: bool) -> None:
        # Read again: earlier turns may have answered this one or changed the context and country.
        message = await asyncio.to_thread(self.store.message, message_id)
        conversation = await asyncio.to_thread(self.store.conversation, conversation_id)
        if message is None or conversation is None or message.state != "stored":
            return
        replies = await asyncio.to_thread(self.store.replies_to, message_id)
        if replies and not retry:
            return
        await self.visitors.typing(conversation_id, True)
        started = time.monotonic()
        answer = await self._ask(conversation, message)
        asked = time.monotonic()
        async with lane.out:
            await self._say(conversation, message, answer)
        country = self.words.country(answer.country) if answer else None
        if country and country != conversation.country:
            await self.visitors.country(conversation_id, country)
        log.info(
            "turn",
            conversation=hashed(conversation_id),
            chars=len(message.text),
            replies=len(answer.replies) if answer else 0,
            assistant_ms=round((asked - started) * 1000),
            deliver_ms=round((time.monotonic() - asked) * 1000),
        )

    async def _ask(self, conversation: Conversation, message: Message) -> Answer | None:
        """The assistant's answer, or None when it has none."""
        question = Question(
            conversation=conversation.id,
            text=message.text,
            button=message.payload.get("button"),
            country=conversation.country,
            context=conversation.context,
        )
        try:
            return await self.assistant.ask(question)
        except AssistantError as error:
            log.warning("no answer", conversation=hashed(conversation.id), why=str(error))
            return None

    async def _say(self, conversation: Conversation, message: Message, answer: Answer | None) -> None:
        """Store the replies, then deliver them; without an answer, the honest word that there is none."""
        try:
            stored = await asyncio.to_thread(self._store_replies, conversation, message, answer)
        except SQLAlchemyError as error:
            # The answer is not given unless it is kept: the message stays stored and can be asked again.
            log.error("replies not stored", conversation=hashed(conversation.id), error=type(error).__name__)
            await self._apologise(conversation)
            return
        if await self.visitors.deliver(conversation.id, [wire(m) for m in stored]):
            await asyncio.to_thread(self.store.mark_sent, [m.id for m in stored])

    def _store_replies(self, conversation: Conversation, message: Message, answer: Answer | None) -> list[Message]:
        if answer is None:
            sorry = self.words.cannot_answer(conversation.country)
            return self.store.add_replies(conversation.id, [sorry], reply_to=message.id)
        return self.store.add_answer(
            message, answer.replies, answer.context, self.words.country(answer.country), answer.found
        )

    async def _apologise(self, conversation: Conversation) -> None:
        """Say so without the database, which may be what is failing."""
        await self.visitors.deliver(conversation.id, [wire(self.words.cannot_answer(conversation.country))])
