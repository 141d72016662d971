"""One turn: store the message, screen it, ask the assistant, store its replies, deliver them. In that order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from harbour.gateway.assistant import Answer, Asks, AssistantError, Question
from harbour.gateway.lanes import Lane
from harbour.gateway.screen import Screen, Screened, last_offered, meant, pressed, stand_in
from harbour.gateway.wire import hashed, wire
from harbour.gateway.words import MAX_MESSAGE_BYTES, Words
from harbour.safety.signs import ALARM
from harbour.store import Button, Conversation, Message, NewReply, Store
from harbour.store.store import BUTTON_ID

log = structlog.get_logger()

MAX_CLIENT_ID = 64
CLOSE_WAIT_S = 3.0
EMERGENCY_S = 4.0  # from when it was stored: longer than that an emergency does not wait for the assistant
LOOK_BACK = 60  # stored messages that hold the ten turns in which a question rests


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


@dataclass(frozen=True)
class _Turn:
    """A stored message on its way to an answer. `due`: the loop's time at which the gateway itself speaks, if it hurries."""

    conversation: Conversation
    message_id: int
    retry: bool
    screened: Screened
    due: float | None


class Delivers(Protocol):
    """The way back to the visitor."""

    async def deliver(self, conversation_id: str, replies: Sequence[dict[str, Any]]) -> bool: ...
    async def typing(self, conversation_id: str, on: bool) -> None: ...
    async def country(self, conversation_id: str, code: str) -> None: ...


def helped(message: Message) -> bool:
    """Whether the gateway has given a safety card in the assistant's place: it is not given twice."""
    risks = message.payload.get("found", {}).get("risk", [])
    return message.state == "stored" and any(risk["level"] == ALARM for risk in risks)


class Turns:
    """Runs turns. `visitors` must be set before the first message."""

    visitors: Delivers

    def __init__(self, store: Store, assistant: Asks, words: Words, screen: Screen) -> None:
        self.store = store
        self.assistant = assistant
        self.words = words
        self.screen = screen
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
            refusal = await self._refusal(conversation.country, inbound, button)
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
                await self._start(conversation, message, retry=not fresh)
        return Receipt(stored=True)

    async def resume(self, conversation: Conversation) -> None:
        """Answer what a stopped process left unanswered."""
        for message in await asyncio.to_thread(self.store.unanswered, conversation.id):
            await self._start(conversation, message, retry=False)

    async def look(self, conversation: Conversation, message: Message) -> Screened:
        """What the gateway itself reads in a stored message. Never raises; needs neither assistant nor staff."""
        about = conversation.context.get("about")
        button = message.payload.get("button")
        if button is None:
            try:
                button = await asyncio.to_thread(self._typed_button, message)
            except SQLAlchemyError as error:
                log.error("offered buttons not read", error=type(error).__name__)
        screened = pressed(button, about)
        return screened if screened.risks else await self.screen.read(message.text)

    def _typed_button(self, message: Message) -> str | None:
        """The payload of the button just offered whose title was typed instead of pressed ("yes"), or None."""
        history = self.store.history(message.conversation_id, LOOK_BACK)
        button_id = meant(message.text, last_offered([m for m in history if m.id < message.id]))
        button = self.store.button(message.conversation_id, button_id) if button_id else None
        return button.payload if button else None

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

    async def _refusal(self, country: str, inbound: Inbound, button: Button | None) -> NewReply | None:
        if button:
            return None
        if len(inbound.text.encode()) > MAX_MESSAGE_BYTES:
            alarm = (await self.screen.read(inbound.text)).alarm  # too long to keep, not to look for danger in
            return self.words.card(alarm.id, alarm.about, country) if alarm else self.words.too_long(country)
        if BUTTON_ID.fullmatch(inbound.text):
            return self.words.old_button
        if not inbound.text.strip():
            return self.words.old_button if inbound.button else self.words.blank
        return None

    async def _start(self, conversation: Conversation, message: Message, retry: bool) -> None:
        screened = await self.look(conversation, message)
        due = asyncio.get_running_loop().time() + EMERGENCY_S if screened.deadly else None
        task = asyncio.create_task(self._run(_Turn(conversation, message.id, retry, screened, due)))
        self._tasks.add(task)  # asyncio itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    async def _run(self, turn: _Turn) -> None:
        lane = self.lane(turn.conversation.id)
        try:
            if not await lane.enter(turn.due):
                await self._jump(lane, turn)
                return
            try:
                await self._answer(lane, turn)
            finally:
                lane.turn.release()
                await self.visitors.typing(turn.conversation.id, False)
        except Exception as error:  # the last line of defence: a visitor is never left in silence
            # The class only: an error's text may contain what somebody wrote.
            log.error("turn failed", conversation=hashed(turn.conversation.id), error=type(error).__name__)
            await self._apologise(turn.conversation, turn.screened)

    async def _jump(self, lane: Lane, turn: _Turn) -> None:
        """An emergency behind a turn that takes too long: the card goes out past it."""
        conversation = await asyncio.to_thread(self.store.conversation, turn.conversation.id)
        log.warning("no answer", conversation=hashed(turn.conversation.id), why="emergency behind a slow turn")
        async with lane.out:
            await self._say(conversation or turn.conversation, turn, None)
        await self._tell_country(conversation or turn.conversation, turn, None)

    async def _answer(self, lane: Lane, turn: _Turn) -> None:
        # Read again: earlier turns may have answered this one or changed the context and country.
        conversation_id = turn.conversation.id
        message = await asyncio.to_thread(self.store.message, turn.message_id)
        conversation = await asyncio.to_thread(self.store.conversation, conversation_id)
        if message is None or conversation is None or message.state != "stored" or helped(message):
            return
        replies = await asyncio.to_thread(self.store.replies_to, turn.message_id)
        if replies and not turn.retry:
            return
        await self.visitors.typing(conversation_id, True)
        started = time.monotonic()
        answer = await self._ask(conversation, message, turn.due)
        asked = time.monotonic()
        async with lane.out:
            await self._say(conversation, turn, answer)
        await self._tell_country(conversation, turn, answer)
        log.info(
            "turn",
            conversation=hashed(conversation_id),
            chars=len(message.text),
            replies=len(answer.replies) if answer else 0,
            assistant_ms=round((asked - started) * 1000),
            deliver_ms=round((time.monotonic() - asked) * 1000),
        )

    async def _ask(self, conversation: Conversation, message: Message, due: float | None) -> Answer | None:
        """The assistant's answer, or None when it has none in time."""
        question = Question(
            conversation=conversation.id,
            text=message.text,
            button=message.payload.get("button"),
            country=conversation.country,
            context=conversation.context,
        )
        try:
            async with asyncio.timeout_at(due):  # gives the question up: no late answer follows the card
                return await self.assistant.ask(question)
        except TimeoutError:
            log.warning(
                "no answer", conversation=hashed(conversation.id), why=f"emergency: none within {EMERGENCY_S:g} s"
            )
        except AssistantError as error:
            log.warning("no answer", conversation=hashed(conversation.id), why=str(error))
        return None

    async def _say(self, conversation: Conversation, turn: _Turn, answer: Answer | None) -> None:
        """Store the replies, then deliver them; without an answer, what the gateway says in its place."""
        try:
            stored = await asyncio.to_thread(self._store_replies, conversation, turn, answer)
        except SQLAlchemyError as error:
            # The answer is not given unless it is kept: the message stays stored and can be asked again.
            log.error("replies not stored", conversation=hashed(conversation.id), error=type(error).__name__)
            await self._apologise(conversation, turn.screened)
            return
        if not stored or not await self.visitors.deliver(conversation.id, [wire(m) for m in stored]):
            return
        try:
            await asyncio.to_thread(self.store.mark_sent, [m.id for m in stored])
        except SQLAlchemyError as error:  # no harm: they come once more on the next visit
            log.error("replies not marked as sent", conversation=hashed(conversation.id), error=type(error).__name__)

    def _store_replies(self, conversation: Conversation, turn: _Turn, answer: Answer | None) -> list[Message]:
        message = self.store.message(turn.message_id)
        if message is None or message.state != "stored" or helped(message):
            return []  # a retry of it was faster
        screened = turn.screened
        if answer is None:
            before = self.store.history(conversation.id, LOOK_BACK)
            replies = stand_in(screened, self.words, conversation.country, before)
            about = screened.risks[0].about if screened.risks else None
            country = screened.country(conversation.country, self.words.default)
            if country != conversation.country:
                self.store.set_country(conversation.id, country)
            return self.store.add_stand_in(message, replies, screened.found(), about)
        found = answer.found
        if screened.deadly and not found.get("risk"):
            # A bug or an old model. The answer is given; staff are to see what it overlooked.
            log.warning("the assistant raised nothing", conversation=hashed(conversation.id), signs=screened.ids)
            found = found | screened.found()
        return self.store.add_answer(message, answer.replies, answer.context, self.words.country(answer.country), found)

    async def _tell_country(self, conversation: Conversation, turn: _Turn, answer: Answer | None) -> None:
        """Let the page follow when the country has changed with this turn."""
        if answer:
            country = self.words.country(answer.country)
        else:
            country = turn.screened.country(conversation.country, self.words.default)
        if country and country != conversation.country:
            await self.visitors.country(conversation.id, country)

    async def _apologise(self, conversation: Conversation, screened: Screened) -> None:
        """Speak without the database, which may be what is failing."""
        replies = stand_in(screened, self.words, conversation.country)
        await self.visitors.deliver(conversation.id, [wire(reply) for reply in replies])
