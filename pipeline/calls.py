"""Paid calls as values: what is known of one before, during and after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

CallId = NewType("CallId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call that was about to be sent; without `external_id` nobody knows whether it was."""

    id: CallId
    slot: int
    model: str
    external_id: str | None
    sent_at: datetime
