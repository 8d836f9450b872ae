"""Backends for encode/broadcaster that outlive a lost connection and never grow without bound."""

from storage.broadcasts.choice import BroadcastUnsupported, backend_for
from storage.broadcasts.inbox import RESYNC, Backend, Inbox, Pulse
from storage.broadcasts.memory import MemoryBackend
from storage.broadcasts.postgres import PostgresBackend

__all__ = [
    "RESYNC",
    "Backend",
    "BroadcastUnsupported",
    "Inbox",
    "MemoryBackend",
    "PostgresBackend",
    "Pulse",
    "backend_for",
]
