"""Rasa's response generator with our contacts: `{emergency}` and the like by the visitor's country.

Named in endpoints.yml as `nlg`. It runs inside Rasa: an emergency reply needs no other process.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from harbour.contacts.countries import country


class Wording(TemplatedNaturalLanguageGenerator):
    """Fills a response's placeholders from the country slot, then Rasa's own variables."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        super().__init__(domain.responses if domain else {})

    def generate_from_slots(
        self, utter_action: str, filled_slots: Dict[str, Any], output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """The response named `utter_action`, filled; None when the domain has none of that name."""
        places = country(filled_slots.get("country")).placeholders()
        return super().generate_from_slots(utter_action, {**filled_slots, **places}, output_channel, **kwargs)
