"""Idempotency keys: the same key and request answers with the first call's result."""

from uuid import UUID

from pipeline.domain import UserId
from pipeline.errors import Conflict
from pipeline.repositories import Idempotency
from storage.database import Executor

TAKE_KEY = """
insert into idempotency_keys (user_id, mutation, key, request_hash, result)
values ($1, $2, $3, $4, $5)
on conflict (user_id, mutation, key) do nothing
returning true
"""

FIND_KEY = """
select request_hash, result from idempotency_keys where user_id = $1 and mutation = $2 and key = $3
"""


async def first_result(
    connection: Executor, user: UserId, idempotency: Idempotency | None, result: UUID
) -> UUID | None:
    """Take the key for `result`, or return the result it was taken for before.

    A call with the same key waits here until the first one commits. Raises `Conflict` where
    the key came with another request.
    """
    if idempotency is None:
        return None
    key = (user, idempotency.mutation, idempotency.key)
    if await connection.fetchval(TAKE_KEY, *key, idempotency.request_hash, result):
        return None
    return await found_result(connection, user, idempotency)


async def found_result(connection: Executor, user: UserId, idempotency: Idempotency) -> UUID | None:
    """Return the result that the key was taken for, if it was; raise `Conflict` likewise."""
    row = await connection.fetchrow(FIND_KEY, user, idempotency.mutation, idempotency.key)
    if row is None:
        return None
    if row["request_hash"] != idempotency.request_hash:
        raise Conflict(
            "This idempotencyKey was used with another request.", code="IDEMPOTENCY_CONFLICT"
        )
    earlier: UUID = row["result"]
    return earlier
