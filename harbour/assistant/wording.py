"""Rasa's response generator with our contacts: `{emergency}` and the like by the visitor's country.

Named in endpoints.yml as `nlg`. It runs inside Rasa: an emergency reply needs no other process.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from harbour.contacts.countries import NOT_SAID, placeholders
from harbour.guide.responses import with_elsewhere

PRESSING = ("safety", "fallback", "handoff")  # kinds that name other countries' help again
RESTS = 6  # after so many messages: whoever gives first aid step by step is not told at every step


def _kind(metadata: Optional[Dict[str, Any]]) -> str:
    """The kind of a response, from its metadata in domain.yml."""
    return str((metadata or {}).get("kind", ""))


def _told(tracker: DialogueStateTracker, line: str, kind: str) -> bool:
    """Whether the visitor has read `line`: beside something that presses lately, else ever in this conversation."""
    pressing, messages = kind in PRESSING, 0
    for event in reversed(list(tracker.events)):
        messages += isinstance(event, UserUttered)
        if pressing and messages > RESTS:
            return False
        if isinstance(event, BotUttered) and line in (event.text or ""):
            beside = _kind((event.metadata or {}).get("metadata"))
            if not pressing or not messages or beside in PRESSING:
                return True
    return False


class Wording(TemplatedNaturalLanguageGenerator):
    """Fills a response's placeholders from the country slot, then Rasa's own variables."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """The response in this conversation: while no country was said, the line for others comes, then rests."""
        draft = await super().generate(utter_action, tracker, output_channel, **kwargs)
        line = placeholders(NOT_SAID)["elsewhere"]
        if draft and line and line in (draft.get("text") or "") and _told(tracker, line, _kind(draft.get("metadata"))):
            draft["text"] = draft["text"].replace(line, "").rstrip()
        return draft

    def generate_from_slots(
        self, utter_action: str, filled_slots: Dict[str, Any], output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """The response named `utter_action`, filled; None when the domain has none of that name."""
        places = placeholders(filled_slots.get("country"))
        return super().generate_from_slots(utter_action, {**filled_slots, **places}, output_channel, **kwargs)

    def _fill_response(
        self, response: Dict[str, Any], filled_slots: Optional[Dict[str, Any]] = None, **kwargs: Any
    ) -> Dict[str, Any]:
        """Rasa's step, after the line for whoever is elsewhere was put below a text that needs it."""
        if response.get("text") and not (filled_slots or {}).get("country"):
            response["text"] = with_elsewhere(response["text"])
        return super()._fill_response(response, filled_slots, **kwargs)
