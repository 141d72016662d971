"""Rasa's working memory, bounded in both directions.

Rasa rebuilds a conversation from all its stored events several times per message, so a long one
becomes slow for everyone. Nothing is lost here: the gateway's database holds every message, and hands
over the context that a forgotten conversation needs.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, List, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

MAX_CONVERSATIONS = 5000
MAX_TURNS = 20  # at this many the older half is dropped
KEPT_TURNS = 10  # as far back as notes look


def shortened(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """The tracker with its slots and its last KEPT_TURNS turns, if it has more than MAX_TURNS."""
    events: List[Event] = list(tracker.events)
    said = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(said) <= MAX_TURNS:
        return tracker
    kept = events[said[-KEPT_TURNS] :]
    before = DialogueStateTracker.from_events(tracker.sender_id, events[: said[-KEPT_TURNS]], tracker.slots.values())
    slots = [SlotSet(name, value) for name, value in before.current_slot_values().items() if value is not None]
    return DialogueStateTracker.from_events(
        tracker.sender_id,
        [SessionStarted(), *slots, ActionExecuted(ACTION_LISTEN_NAME), *kept],
        tracker.slots.values(),
        sender_source=tracker.sender_source,
    )


class BoundedTrackerStore(InMemoryTrackerStore):
    """Keeps the MAX_CONVERSATIONS most recently used conversations, each of bounded length."""

    def __init__(self, domain: Domain, event_broker: Optional[EventBroker] = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker)
        self.store: OrderedDict[str, str] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the tracker, shortened; the conversation unused longest makes room."""
        self.store[tracker.sender_id] = self.serialise_tracker(shortened(tracker))
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > MAX_CONVERSATIONS:
            self.store.popitem(last=False)

    def forget(self, sender_id: str) -> None:
        """Drop a conversation; unknown ones are no error."""
        self.store.pop(sender_id, None)
