"""The gateway's database: the truth about conversations. `open_database(settings)` gives a `Store`."""

from harbour.store.database import open_database
from harbour.store.store import Button, Conversation, Message, NewReply, Store

__all__ = ["Button", "Conversation", "Message", "NewReply", "Store", "open_database"]
