"""Rasa's working memory stays bounded, and what matters survives."""

from __future__ import annotations

import asyncio

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from harbour.assistant import memory
from harbour.assistant.memory import KEPT_TURNS, MAX_CONVERSATIONS, MAX_TURNS, BoundedTrackerStore, shortened

DOMAIN = Domain.from_dict(
    {
        "intents": ["greet"],
        "slots": {
            "country": {"type": "text", "mappings": [{"type": "custom"}]},
            "about": {"type": "text", "mappings": [{"type": "custom"}]},
        },
        "responses": {"utter_greet": [{"text": "hi"}]},
    }
)


def conversation(turns: int, id: str = "x") -> DialogueStateTracker:
    """A conversation of so many turns; country set at its beginning, each message numbered."""
    events = [SessionStarted(), SlotSet("country", "US"), ActionExecuted("action_listen")]
    for number in range(turns):
        events += [
            UserUttered(f"message {number}", {"name": "greet"}),
            ActionExecuted("utter_greet"),
            BotUttered(f"reply {number}", metadata={"utter_action": "utter_greet"}),
            ActionExecuted("action_listen"),
        ]
    return DialogueStateTracker.from_events(id, events, DOMAIN.slots)


def said(tracker: DialogueStateTracker) -> list[str]:
    """The visitor's messages that are remembered."""
    return [e.text for e in tracker.events if isinstance(e, UserUttered)]


@pytest.mark.parametrize("turns", [0, 1, MAX_TURNS])
def test_a_short_conversation_is_kept_whole(turns: int) -> None:
    """Up to twenty turns nothing is dropped."""
    tracker = conversation(turns)
    assert shortened(tracker) is tracker


@pytest.mark.parametrize("turns", [MAX_TURNS + 1, 100])
def test_a_long_conversation_keeps_its_last_ten_turns(turns: int) -> None:
    """Beyond twenty turns the last ten stay, with what we said in them."""
    tracker = shortened(conversation(turns))
    assert said(tracker) == [f"message {n}" for n in range(turns - KEPT_TURNS, turns)]
    replies = [e.text for e in tracker.events if isinstance(e, BotUttered)]
    assert replies == [f"reply {n}" for n in range(turns - KEPT_TURNS, turns)]


def test_a_shortened_conversation_keeps_its_slots() -> None:
    """Country and whom it is about outlive the messages they came from; later changes count."""
    tracker = conversation(30)
    tracker.update(SlotSet("about", "other"))
    short = shortened(tracker)
    assert (short.get_slot("country"), short.get_slot("about")) == ("US", "other")
    assert short.sender_id == tracker.sender_id


def test_a_slot_changed_long_ago_keeps_its_last_value() -> None:
    """Of two values set before the cut the later one stays."""
    tracker = conversation(5)
    tracker.update(SlotSet("country", "IE"))
    for event in list(conversation(30).events)[3:]:
        tracker.update(event)
    assert shortened(tracker).get_slot("country") == "IE"


def test_it_looks_back_as_far_as_notes_rest() -> None:
    """What notes need to know about the last ten turns is never dropped."""
    from harbour.guide.additions import REST

    assert KEPT_TURNS >= REST


def test_a_conversation_never_grows_beyond_its_bound() -> None:
    """Saved turn by turn a conversation stays short for ever, and its slots stay."""

    async def talk() -> DialogueStateTracker:
        store = BoundedTrackerStore(DOMAIN)
        await store.save(conversation(1))
        for number in range(200):
            tracker = await store.retrieve("x")
            assert tracker is not None
            tracker.update(UserUttered(f"again {number}", {"name": "greet"}))
            tracker.update(ActionExecuted("action_listen"))
            assert len(said(tracker)) <= MAX_TURNS + 1
            await store.save(tracker)
        kept = await store.retrieve("x")
        assert kept is not None
        return kept

    kept = asyncio.run(talk())
    assert said(kept)[-1] == "again 199"
    assert kept.get_slot("country") == "US"


def test_the_conversation_unused_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit the one nobody wrote in is dropped, not the one opened first."""
    monkeypatch.setattr(memory, "MAX_CONVERSATIONS", 3)

    async def fill() -> list[str]:
        store = BoundedTrackerStore(DOMAIN)
        for id in ("a", "b", "c", "a", "d"):
            await store.save(conversation(1, id))
        return list(store.store)

    assert asyncio.run(fill()) == ["c", "a", "d"]


def test_five_thousand_conversations_are_remembered_and_no_more() -> None:
    """The documented limit holds, whatever it is asked to keep."""

    async def fill() -> BoundedTrackerStore:
        store = BoundedTrackerStore(DOMAIN)
        for number in range(MAX_CONVERSATIONS + 10):
            await store.save(DialogueStateTracker(str(number), DOMAIN.slots))
        return store

    store = asyncio.run(fill())
    assert MAX_CONVERSATIONS == 5000
    assert len(store.store) == MAX_CONVERSATIONS
    assert next(iter(store.store)) == "10"


def test_a_forgotten_conversation_is_gone_and_an_unknown_one_no_error() -> None:
    """Forgetting is final and may be asked twice."""

    async def forget() -> object:
        store = BoundedTrackerStore(DOMAIN)
        await store.save(conversation(1))
        store.forget("x")
        store.forget("x")
        return await store.retrieve("x")

    assert asyncio.run(forget()) is None
