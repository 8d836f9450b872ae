"""Slots: what is written of them, and their rows as values."""

import asyncpg

from pipeline.domain import AssetId, Draft, Failure, Slot, StageStatus
from storage.codec import decode

FIND_SLOTS = """
select index, status, seed, draft, asset_id, cost, error
  from generation_slots where generation_id = $1 order by index
"""

START_SLOT = """
update generation_slots set status = 'RUNNING', error = null where generation_id = $1 and index = $2
"""

LOCK_ATTEMPT = """
select true from generations
 where id = $1 and attempt = $2 and status = 'PROCESSING'
   for update
"""

# It may have failed meanwhile, for a worker that could not know of this image.
FILL_SLOT = """
update generation_slots set draft = $3, status = 'RUNNING', error = null
 where generation_id = $1 and index = $2 and draft is null and asset_id is null
"""

FAIL_SLOT = """
update generation_slots set status = 'FAILED', error = $3
 where generation_id = $1 and index = $2 and asset_id is null
   and (draft is null or $3::jsonb ->> 'stage' = 'DELIVERY')
   and (status, error) is distinct from ('FAILED', $3::jsonb)
returning true
"""

SLOT_SEED = "select seed from generation_slots where generation_id = $1 and index = $2"

DELIVER_SLOT = """
update generation_slots set status = 'COMPLETED', asset_id = $3, error = null
 where generation_id = $1 and index = $2
"""


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
