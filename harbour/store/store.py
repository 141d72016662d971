"""What the gateway remembers, as plain methods. All of them block: call them from a thread.

Each method is one transaction. Errors of the database come through as SQLAlchemyError.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, exists, insert, select, update

from harbour.store.tables import buttons, conversations, heartbeat, messages

READ_ONLY = "harbour_read_only"  # execution option: this transaction takes no write lock
BUTTON_ID = re.compile(r"b_[\w-]{22}", re.ASCII)  # as `_add_reply` makes them
HISTORY_LIMIT = 200


@dataclass(frozen=True)
class Conversation:
    """One visitor's conversation and what the assistant wants remembered about it."""

    id: str
    country: str
    context: dict[str, Any]
    platform: str = "web"


@dataclass(frozen=True)
class Message:
    """One stored message, in or out."""

    id: int
    conversation_id: str
    client_id: str | None
    direction: str
    kind: str
    text: str
    payload: dict[str, Any]
    reply_to: int | None
    created_at: datetime
    state: str


@dataclass(frozen=True)
class Button:
    """A button we issued: its opaque id, what pressing it means, what it says."""

    id: str
    payload: str
    title: str


@dataclass(frozen=True)
class NewReply:
    """A reply to be stored. `buttons` are (title, payload); the store gives them opaque ids."""

    text: str
    kind: str = "answer"
    response: str = ""
    section: str = ""
    section_title: str = ""
    buttons: Sequence[tuple[str, str]] = field(default_factory=tuple)


def _now() -> datetime:
    return datetime.now(UTC)


def _message(row: Row[Any]) -> Message:
    return Message(**row._mapping)


class Store:
    """The gateway's database behind plain methods."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(**{READ_ONLY: True})

    def close(self) -> None:
        self.engine.dispose()

    # conversations

    def new_conversation(self, country: str, platform: str = "web") -> Conversation:
        """A conversation with a fresh random id."""
        conversation = Conversation(secrets.token_urlsafe(24), country, {}, platform)
        now = _now()
        with self.engine.begin() as db:
            db.execute(
                insert(conversations).values(
                    id=conversation.id,
                    created_at=now,
                    last_at=now,
                    platform=platform,
                    country=country,
                    context={},
                )
            )
        return conversation

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The conversation of that id, or None when there is none."""
        with self._reading.begin() as db:
            row = db.execute(select(conversations).where(conversations.c.id == conversation_id)).one_or_none()
        return Conversation(row.id, row.country, row.context, row.platform) if row else None

    def set_country(self, conversation_id: str, country: str) -> None:
        with self.engine.begin() as db:
            db.execute(update(conversations).where(conversations.c.id == conversation_id).values(country=country))

    # messages

    def add_inbound(
        self,
        conversation_id: str,
        text: str,
        client_id: str | None = None,
        button: Button | None = None,
    ) -> tuple[Message, bool]:
        """Store what a visitor sent; (message, True), or the one already stored under `client_id` and False."""
        with self.engine.begin() as db:
            if client_id is not None:
                known = db.execute(
                    select(messages).where(
                        messages.c.conversation_id == conversation_id, messages.c.client_id == client_id
                    )
                ).one_or_none()
                if known:
                    return _message(known), False
            message = _add_message(
                db,
                conversation_id=conversation_id,
                client_id=client_id,
                direction="in",
                kind="button" if button else "text",
                text=text,
                payload={"button": button.payload} if button else {},
                reply_to=None,
            )
            _touch(db, conversation_id)
        return message, True

    def add_replies(self, conversation_id: str, replies: Sequence[NewReply]) -> list[Message]:
        """Store replies to no message: an introduction."""
        with self.engine.begin() as db:
            stored = [_add_reply(db, conversation_id, reply, None) for reply in replies]
            _touch(db, conversation_id)
        return stored

    def add_stand_in(
        self,
        message: Message,
        replies: Sequence[NewReply],
        found: dict[str, Any] | None = None,
        about: str | None = None,
    ) -> list[Message]:
        """Store what the gateway itself said to a message, all or nothing.

        The message stays 'stored': it still waits for a real answer. It keeps what the gateway found in
        it, and the conversation remembers `about` whom it is.
        """
        with self.engine.begin() as db:
            stored = [_add_reply(db, message.conversation_id, reply, message.id) for reply in replies]
            if found:
                payload = message.payload | {"found": found}
                db.execute(update(messages).where(messages.c.id == message.id).values(payload=payload))
            changes = {}
            if about:
                known = select(conversations.c.context).where(conversations.c.id == message.conversation_id)
                changes["context"] = db.execute(known).scalar_one() | {"about": about}
            _touch(db, message.conversation_id, **changes)
        return stored

    def add_answer(
        self,
        message: Message,
        replies: Sequence[NewReply],
        context: dict[str, Any],
        country: str | None = None,
        found: dict[str, Any] | None = None,
    ) -> list[Message]:
        """Store the answer to a message, all or nothing: replies, buttons, and what the turn changed.

        The message becomes 'answered' and keeps what the assistant found in it; the conversation keeps
        the new context, and the country when one is given.
        """
        with self.engine.begin() as db:
            stored = [_add_reply(db, message.conversation_id, reply, message.id) for reply in replies]
            db.execute(
                update(messages)
                .where(messages.c.id == message.id)
                .values(state="answered", payload=message.payload | {"found": found or {}})
            )
            changes = {"country": country} if country else {}
            _touch(db, message.conversation_id, context=context, **changes)
        return stored

    def mark_sent(self, ids: Sequence[int]) -> None:
        """These replies reached at least one open connection."""
        with self.engine.begin() as db:
            db.execute(
                update(messages).where(messages.c.id.in_(ids), messages.c.direction == "out").values(state="sent")
            )

    def message(self, message_id: int) -> Message | None:
        with self._reading.begin() as db:
            row = db.execute(select(messages).where(messages.c.id == message_id)).one_or_none()
        return _message(row) if row else None

    def replies_to(self, message_id: int) -> list[Message]:
        """The replies to one message, oldest first."""
        with self._reading.begin() as db:
            rows = db.execute(select(messages).where(messages.c.reply_to == message_id).order_by(messages.c.id))
            return [_message(row) for row in rows]

    def history(self, conversation_id: str, limit: int = HISTORY_LIMIT) -> list[Message]:
        """The newest `limit` messages, oldest first."""
        newest = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.id.desc())
            .limit(limit)
        )
        with self._reading.begin() as db:
            return [_message(row) for row in db.execute(newest)][::-1]

    def unanswered(self, conversation_id: str) -> list[Message]:
        """Stored messages to which nothing at all was said: a process ended in the middle of a turn."""
        replies = messages.alias("replies")
        query = (
            select(messages)
            .where(
                and_(
                    messages.c.conversation_id == conversation_id,
                    messages.c.direction == "in",
                    messages.c.state == "stored",
                    ~exists().where(replies.c.reply_to == messages.c.id),
                )
            )
            .order_by(messages.c.id)
        )
        with self._reading.begin() as db:
            return [_message(row) for row in db.execute(query)]

    # buttons

    def button(self, conversation_id: str, button_id: str) -> Button | None:
        """The button, if we issued it for this conversation; None otherwise."""
        with self._reading.begin() as db:
            row = db.execute(
                select(buttons).where(buttons.c.id == button_id, buttons.c.conversation_id == conversation_id)
            ).one_or_none()
        return Button(row.id, row.payload, row.title) if row else None

    # health

    def check_writable(self) -> None:
        """Write one row for real. Raises SQLAlchemyError when the database takes no writes."""
        with self.engine.begin() as db:
            db.execute(delete(heartbeat))
            db.execute(insert(heartbeat).values(id=1, at=_now()))


def _touch(db: Connection, conversation_id: str, **changes: Any) -> None:
    db.execute(update(conversations).where(conversations.c.id == conversation_id).values(last_at=_now(), **changes))


def _add_message(db: Connection, **values: Any) -> Message:
    values |= {"created_at": _now(), "state": "stored"}
    key = db.execute(insert(messages).values(**values)).inserted_primary_key
    assert key is not None  # an insert of one row always has one
    return Message(id=key[0], **values)


def _add_reply(db: Connection, conversation_id: str, reply: NewReply, reply_to: int | None) -> Message:
    issued = []
    for title, payload in reply.buttons:
        button_id = "b_" + secrets.token_urlsafe(16)
        db.execute(insert(buttons).values(id=button_id, conversation_id=conversation_id, payload=payload, title=title))
        issued.append({"title": title, "payload": button_id})
    return _add_message(
        db,
        conversation_id=conversation_id,
        client_id=None,
        direction="out",
        kind=reply.kind,
        text=reply.text,
        payload={
            "buttons": issued,
            "section": reply.section,
            "section_title": reply.section_title,
            "response": reply.response,
        },
        reply_to=reply_to,
    )
