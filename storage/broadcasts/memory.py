"""Broadcast within one process: for tests, and for one machine."""

from typing import Any

from storage.broadcasts.inbox import Backend


class MemoryBackend(Backend):
    """A broadcast that nobody outside the process hears."""

    def __init__(self) -> None:
        super().__init__("memory")

    async def connect(self) -> None:
        self.pulse.note(connected=True)

    async def disconnect(self) -> None:
        self.pulse.note(connected=None)

    async def publish(self, channel: str, message: Any) -> None:
        self._inbox.put(channel, message)
