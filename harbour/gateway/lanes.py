"""A conversation's place in the queue: its messages are stored, answered and delivered in order."""

from __future__ import annotations

import asyncio


class Lane:
    """A conversation's locks. asyncio's locks are first come, first served, which keeps the order."""

    def __init__(self) -> None:
        self.inbox = asyncio.Lock()  # one message is stored at a time
        self.turn = asyncio.Lock()  # one message is answered at a time
        self.out = asyncio.Lock()  # replies and history do not cross on the way out

    async def enter(self, due: float | None) -> bool:
        """Take the turn; False when it did not come until `due` (the loop's time; None: however long it takes)."""
        try:
            async with asyncio.timeout_at(due):
                await self.turn.acquire()
        except TimeoutError:
            return False
        return True
