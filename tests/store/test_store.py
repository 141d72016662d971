"""The store: what is committed, what is unique, what is refused."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from harbour.settings import Settings
from harbour.store import Button, NewReply, Store, open_database
from harbour.store.tables import metadata


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_database(settings)
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    """Alembic finds nothing to change after the migrations have run."""
    with store.engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_opening_twice_keeps_what_is_stored(settings: Settings, store: Store) -> None:
    """A second start migrates nothing and finds the old conversation."""
    conversation = store.new_conversation("GB")
    again = open_database(settings)
    assert again.conversation(conversation.id) == conversation
    again.close()


def test_sqlite_is_set_up_to_lose_nothing(store: Store) -> None:
    """WAL, full synchronous commits, foreign keys, and waiting for a lock are on for every connection."""
    with store.engine.connect() as db:
        pragma = {
            name: db.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_conversation_id_cannot_be_guessed(store: Store) -> None:
    """Ids are long, random and safe in a URL."""
    ids = {store.new_conversation("GB").id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(i) == 32 and i.replace("-", "").replace("_", "").isalnum() for i in ids)


def test_the_same_client_id_is_stored_once(store: Store) -> None:
    """A retry gives back the first message and adds none."""
    conversation = store.new_conversation("GB")
    first, fresh = store.add_inbound(conversation.id, "hello", "c1")
    again, repeated = store.add_inbound(conversation.id, "hello", "c1")
    assert (fresh, repeated) == (True, False)
    assert again == first
    assert len(store.history(conversation.id)) == 1


def test_the_same_client_id_in_another_conversation_is_another_message(store: Store) -> None:
    """Client ids are unique per conversation, not overall."""
    one, two = store.new_conversation("GB"), store.new_conversation("GB")
    store.add_inbound(one.id, "hello", "c1")
    assert store.add_inbound(two.id, "hello", "c1")[1]


def test_messages_without_a_client_id_are_all_kept(store: Store) -> None:
    """Older Rasa clients send no id: two equal texts are two messages."""
    conversation = store.new_conversation("GB")
    store.add_inbound(conversation.id, "hi")
    store.add_inbound(conversation.id, "hi")
    assert len(store.history(conversation.id)) == 2


def test_racing_retries_store_one_message(store: Store) -> None:
    """Eight threads sending the same client id leave one row and raise nothing."""
    conversation = store.new_conversation("GB")
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append(store.add_inbound(conversation.id, "x", "same")[1]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 7 + [True]


def test_a_reply_answers_its_message_and_remembers_the_context(store: Store) -> None:
    """Replies, context, country and the answered state are one transaction."""
    conversation = store.new_conversation("GB")
    message, _ = store.add_inbound(conversation.id, "hello", "c1")
    replies = store.add_answer(
        message, [NewReply("Hi", "chat", "utter_hello")], {"notes": ["overdose"]}, "IE", {"intent": "greet"}
    )
    assert [r.text for r in store.replies_to(message.id)] == ["Hi"]
    assert replies[0].created_at.tzinfo is UTC
    answered = store.message(message.id)
    assert answered is not None and answered.state == "answered"
    assert answered.payload == {"found": {"intent": "greet"}}
    kept = store.conversation(conversation.id)
    assert kept is not None and (kept.context, kept.country) == ({"notes": ["overdose"]}, "IE")


def test_a_failed_turn_leaves_nothing_behind(store: Store) -> None:
    """When one reply cannot be stored, neither are the others nor the new context."""
    conversation = store.new_conversation("GB")
    message, _ = store.add_inbound(conversation.id, "hello")
    with pytest.raises(IntegrityError):
        store.add_answer(message, [NewReply("one"), NewReply("two", kind=None)], {"new": True})  # type: ignore[arg-type]
    assert store.replies_to(message.id) == []
    kept = store.conversation(conversation.id)
    assert kept is not None and kept.context == {}
    assert [m.id for m in store.unanswered(conversation.id)] == [message.id]


def test_a_stand_in_leaves_the_message_waiting(store: Store) -> None:
    """A reply that is no answer keeps the message 'stored', but it is not without any reply."""
    conversation = store.new_conversation("GB")
    message, _ = store.add_inbound(conversation.id, "hello")
    store.add_stand_in(message, [NewReply("Sorry", "fallback")])
    kept = store.message(message.id)
    assert kept is not None and kept.state == "stored"
    assert store.unanswered(conversation.id) == []


def test_what_the_gateway_found_is_kept(store: Store) -> None:
    """The risk stays with the message beside its button, and about whom it is with the context."""
    conversation = store.new_conversation("GB")
    store.add_answer(store.add_inbound(conversation.id, "hi")[0], [NewReply("Hello")], {"about": "self", "notes": 1})
    message, _ = store.add_inbound(conversation.id, "Yes", button=Button("b", "/suicide_risk", "Yes"))
    found = {"risk": [{"id": "suicide_risk", "level": "alarm", "by": "signs"}]}
    store.add_stand_in(message, [NewReply("Call", "safety")], found, "other")
    kept, known = store.message(message.id), store.conversation(conversation.id)
    assert kept is not None and known is not None
    assert (kept.state, kept.payload) == ("stored", {"button": "/suicide_risk", "found": found})
    assert known.context == {"about": "other", "notes": 1}


def test_a_failed_stand_in_leaves_nothing_behind(store: Store) -> None:
    """When one reply cannot be stored, neither are the others nor the risk."""
    conversation = store.new_conversation("GB")
    message, _ = store.add_inbound(conversation.id, "hello")
    with pytest.raises(IntegrityError):
        store.add_stand_in(message, [NewReply("one"), NewReply("two", kind=None)], {"risk": [1]})  # type: ignore[arg-type]
    assert store.replies_to(message.id) == []
    assert store.message(message.id) == message


def test_a_button_belongs_to_one_conversation(store: Store) -> None:
    """A button's id opens nothing in a conversation it was not issued for."""
    mine, other = store.new_conversation("GB"), store.new_conversation("GB")
    [reply] = store.add_replies(mine.id, [NewReply("Which?", buttons=[("Dose", "/faq/dose")])])
    [issued] = reply.payload["buttons"]
    assert "/faq" not in str(reply.payload)
    found = store.button(mine.id, issued["payload"])
    assert found is not None and (found.payload, found.title) == ("/faq/dose", "Dose")
    assert store.button(other.id, issued["payload"]) is None
    assert store.button(mine.id, "b_guessed") is None


def test_history_is_the_newest_in_order(store: Store) -> None:
    """History ends with the last message and is bounded."""
    conversation = store.new_conversation("GB")
    for number in range(5):
        store.add_inbound(conversation.id, str(number))
    assert [m.text for m in store.history(conversation.id, limit=3)] == ["2", "3", "4"]


def test_only_replies_become_sent(store: Store) -> None:
    """`mark_sent` never touches what the visitor wrote."""
    conversation = store.new_conversation("GB")
    message, _ = store.add_inbound(conversation.id, "hello")
    [reply] = store.add_stand_in(message, [NewReply("Hi")])
    store.mark_sent([message.id, reply.id])
    assert [m.state for m in store.history(conversation.id)] == ["stored", "sent"]


def test_a_message_needs_a_conversation(store: Store) -> None:
    """Foreign keys hold: nothing is stored under an id that does not exist."""
    with pytest.raises(IntegrityError):
        store.add_inbound("nobody", "hello")


def test_errors_do_not_repeat_what_was_written(store: Store) -> None:
    """A database error's text, which goes to the log, never contains the message."""
    with pytest.raises(IntegrityError) as error:
        store.add_inbound("nobody", "my secret")
    assert "my secret" not in str(error.value)


def test_reading_does_not_wait_for_a_writer(store: Store) -> None:
    """A conversation can be read while another connection holds the write lock."""
    conversation = store.new_conversation("GB")
    with store.engine.begin():
        assert store.conversation(conversation.id) == conversation


def test_a_read_only_database_is_not_writable(store: Store) -> None:
    """The readiness check really writes: it fails when the database takes no writes."""
    store.check_writable()
    with store.engine.connect() as db:
        db.execute(text("PRAGMA query_only=ON"))
        db.rollback()
    with pytest.raises(OperationalError):
        store.check_writable()


def _store_and_die(var: Path, conversation_id: str) -> None:
    import os
    import signal

    open_database(Settings(var=var)).add_inbound(conversation_id, "before the kill", "k1")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_message_outlives_kill_9(settings: Settings, store: Store) -> None:
    """A message that was stored is there after its process was killed at once."""
    conversation = store.new_conversation("GB")
    process = multiprocessing.get_context("spawn").Process(target=_store_and_die, args=(settings.var, conversation.id))
    process.start()
    process.join(30)
    assert process.exitcode == -9
    assert [m.text for m in store.unanswered(conversation.id)] == ["before the kill"]
