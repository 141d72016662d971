"""The tables. A change here needs a migration beside it; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

# Names for every constraint, so that later migrations can drop them on any database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),  # random; never shown, only inside a signed token
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("platform", String(32), nullable=False),
    Column("country", String(2), nullable=False),  # empty while nobody said where the visitor is
    Column("context", JSON, nullable=False),  # what the assistant asked us to remember
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "conversation_id",
        ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    # The sender's own id for the message: a retry carries the same one and is not a second message.
    Column("client_id", String(64)),
    Column("direction", String(3), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    # Of what we said: buttons, section, response. Of what came in: the button pressed, and `found`: topics,
    # intent and risk; a risk that the gateway read by itself has `by: signs`.
    Column("payload", JSON, nullable=False),
    Column("reply_to", ForeignKey("messages.id", ondelete="CASCADE")),
    Column("created_at", UtcDateTime, nullable=False),
    # in: 'stored' waits for a real answer, whatever the gateway itself has said to it; 'answered'.
    # out: 'stored' nobody has seen yet; 'sent'.
    Column("state", String(8), nullable=False),
    UniqueConstraint("conversation_id", "client_id"),
    CheckConstraint("direction IN ('in', 'out')", name="direction"),
    CheckConstraint("state IN ('stored', 'answered', 'sent', 'failed')", name="state"),
    Index(None, "conversation_id", "id"),
    Index(None, "reply_to"),
    sqlite_autoincrement=True,  # an erased message's id is never given to another
)

buttons = Table(
    "buttons",
    metadata,
    Column("id", String(64), primary_key=True),  # opaque: all that a visitor's browser sees
    Column(
        "conversation_id",
        ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("payload", Text, nullable=False),
    Column("title", Text, nullable=False),
)

# One row, rewritten by the readiness check: the only way to know that a write reaches the disk.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
)
