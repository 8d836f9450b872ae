"""Rings within one process."""

from typing import Any

from storage.broadcasts.inbox import Backend


class MemoryBackend(Backend):
    """A broadcast that nobody outside the process hears."""

    def __init__(self) -> None:
        super().__init__("memory")

    async def connect(self) -> None:
        self.pulse.turn(connected=True)

    async def disconnect(self) -> None:
        self.pulse.turn(connected=None)

    async def publish(self, channel: str, message: Any) -> None:
        self._inbox.put(channel, message)
