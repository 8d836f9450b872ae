"""The twin's bill: a line for each piece of work that a real provider would charge."""

import asyncio
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from twin.values import Json, as_object


@dataclass(frozen=True, slots=True)
class Charge:
    """What was charged: `id` is the provider's, `request` the fingerprint of what was asked."""

    provider: str
    id: str
    model: str
    request: str
    usd: Decimal


class Bill:
    """A file of JSON lines that only grows; a line is on the disk before the work goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = asyncio.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._mend()

    async def add(self, charge: Charge) -> None:
        """Write the line and wait until the disk has it."""
        row: Json = {
            "at": datetime.now(UTC).isoformat(),
            "provider": charge.provider,
            "id": charge.id,
            "model": charge.model,
            "request": charge.request,
            "usd": str(charge.usd),
        }
        async with self._lock:
            await asyncio.to_thread(self._append, json.dumps(row).encode() + b"\n")

    def rows(self) -> list[Json]:
        """Return every line, those of earlier lives too."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [as_object(json.loads(line)) for line in lines]

    def _append(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(line)
            file.flush()
            # A process that is killed must not forget what it has charged.
            os.fsync(file.fileno())

    def _mend(self) -> None:
        """Cut off a line that a dying process left half written: its work was never begun."""
        content = self.path.read_bytes() if self.path.exists() else b""
        if content and not content.endswith(b"\n"):
            with self.path.open("r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)


def total(rows: list[Json]) -> Decimal:
    """Return the sum in US dollars."""
    return sum((Decimal(str(as_object(row)["usd"])) for row in rows), Decimal(0))
