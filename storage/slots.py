"""Rows of `generation_slots` as values."""

import asyncpg

from pipeline.domain import AssetId, Draft, Failure, Slot, StageStatus
from storage.codec import decode


def slot_of(row: asyncpg.Record) -> Slot:
    """Return the slot that a row holds."""
    return Slot(
        index=row["index"],
        status=StageStatus(row["status"]),
        seed=row["seed"],
        draft=None if row["draft"] is None else decode(Draft, row["draft"]),
        asset_id=None if row["asset_id"] is None else AssetId(row["asset_id"]),
        cost=row["cost"],
        failure=None if row["error"] is None else decode(Failure, row["error"]),
    )
