"""Paid calls: what is known of one before and during it, and news of it while it is waited for."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType
from uuid import UUID

CallId = NewType("CallId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call that was to be sent; without `external_id` nobody knows whether it arrived.

    `sent_at` is None while it was known not to have left us.
    """

    id: CallId
    slot: int
    model: str
    external_id: str | None
    sent_at: datetime | None


@dataclass(slots=True)
class Mailbox:
    """What a webhook told of one call; `external_id` is the provider's id, once known."""

    external_id: str | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> None:
        """Wait for news, `seconds` at most; news that came meanwhile counts."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def put(self, external_id: str) -> None:
        self.external_id = external_id
        self._news.set()


class News:
    """The mailboxes of the calls that this process waits for."""

    def __init__(self) -> None:
        self._boxes: dict[CallId, Mailbox] = {}

    @contextmanager
    def about(self, call: CallId) -> Generator[Mailbox]:
        """Give the call's mailbox while the body runs."""
        box = self._boxes[call] = Mailbox()
        try:
            yield box
        finally:
            # Whoever resumes the call may wait for it by now.
            if self._boxes.get(call) is box:
                del self._boxes[call]

    def tell(self, call: CallId, external_id: str) -> None:
        """Put the news where it is waited for, if it is."""
        if box := self._boxes.get(call):
            box.put(external_id)
