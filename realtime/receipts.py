"""Delivery receipts for what a resume replays: the messages of an absence have now arrived.

What is pushed to a connected person is marked by the worker that pushes it.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.dispatch import stored
from app.errors import Unavailable
from app.messages import marks
from app.personlog import Entry

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)
_MESSAGE = b'"type":"message.new"'


class Receipts:
    def __init__(self, gateway: "Gateway") -> None:
        self._resources = gateway.resources
        self._owed: dict[str, None] = {}
        self._due = asyncio.Event()

    def replayed(self, user_id: str, missed: Iterable[Entry]) -> None:
        """A resume wrote these; most hold no message, and cost nothing here."""
        if any(_MESSAGE in entry.tail[:200] for entry in missed):
            self._owed[user_id] = None
            self._due.set()

    async def run(self) -> None:
        """Mark them, one person after the other."""
        while True:
            await self._due.wait()
            self._due.clear()
            while self._owed:
                user_id = next(iter(self._owed))
                del self._owed[user_id]
                try:
                    await stored(marks.all_delivered(self._resources, user_id))
                except Unavailable as error:
                    # The mark comes with the next message, or when they are fetched.
                    log.warning("delivery not marked: %r", error)
