"""How a reply goes out, and what the log may know of a conversation."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from harbour.store import Message, NewReply


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
