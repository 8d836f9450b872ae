"""What a workspace may spend in a day (UTC), checked and set aside before anything is spent."""

from decimal import Decimal

from pipeline.domain import GenerationId, WorkspaceId
from pipeline.errors import BudgetExceeded
from pipeline.markets import dollars, others_have
from pipeline.repositories import Budget
from storage.database import Executor

# Not for update: rows that refer to the workspace can be inserted meanwhile.
LOCK_BUDGET = "select daily_budget from workspaces where id = $1 for no key update"

SPENT = """
select coalesce(sum(amount) filter (where state in ('SETTLED', 'UNKNOWN')), 0) as spent,
       coalesce(sum(reserved) filter (where state = 'RESERVED'), 0)
         + coalesce((select sum(reserved) from generations
                      where workspace_id = $1 and reserved > 0), 0) as reserved
  from charges
 where workspace_id = $1
   and created_at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'
"""

HELD = """
select coalesce(sum(amount), 0) from charges
 where workspace_id = $1 and state = 'UNKNOWN'
   and created_at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'
"""

FIND_BUDGET = "select daily_budget from workspaces where id = $1"

SET_BUDGET = "update workspaces set daily_budget = $2 where id = $1"

RESERVE = "update generations set reserved = $2, image_price = $3 where id = $1"

RESERVE_MISSING = """
update generations g
   set reserved = image_price * (select count(*) from generation_slots s
                                  where s.generation_id = g.id and s.draft is null
                                    and s.asset_id is null)
 where id = $1
returning reserved
"""

SET_ASIDE = """
select g.image_price * (select count(*) from generation_slots s where s.generation_id = g.id)
  from generations g join workspaces w on w.id = g.workspace_id
 where g.id = $1 and w.daily_budget is not null
"""

RETURN_RESERVE = "update generations set reserved = 0 where id = $1 and reserved > 0"


async def budget_of(db: Executor, workspace: WorkspaceId) -> Budget:
    """Return today's budget as it stands."""
    limit = await db.fetchval(FIND_BUDGET, workspace)
    (row,) = await db.fetch(SPENT, workspace)
    return Budget(limit, row["spent"], row["reserved"])


async def held_of(db: Executor, workspace: WorkspaceId) -> Decimal:
    """Return how much of what counts as spent today is held for calls of unknown outcome."""
    held: Decimal = await db.fetchval(HELD, workspace)
    return held


async def set_budget(db: Executor, workspace: WorkspaceId, limit: Decimal | None) -> None:
    """Limit what the workspace may spend in a day, or lift the limit."""
    await db.execute(SET_BUDGET, workspace, limit)


async def reserve(
    connection: Executor,
    workspace: WorkspaceId,
    generation: GenerationId,
    price: Decimal,
    images: int,
) -> None:
    """Set `price` for each of `images` aside; raise `BudgetExceeded` where it is not there."""
    needed = price * images
    if needed:
        await _check(connection, workspace, needed)
        await connection.execute(RESERVE, generation, needed, price)


async def reserve_missing(
    connection: Executor, workspace: WorkspaceId, generation: GenerationId
) -> None:
    """Set aside what the images cost that a retry still has to make."""
    needed: Decimal = await connection.fetchval(RESERVE_MISSING, generation)
    if needed:
        await _check(connection, workspace, needed, mine=needed)


async def require_left(connection: Executor, workspace: WorkspaceId, needed: Decimal) -> None:
    """Raise `BudgetExceeded` where so much is not left today."""
    await _check(connection, workspace, needed)


async def set_aside(db: Executor, generation: GenerationId) -> Decimal | None:
    """Return what all images may cost together, None where the workspace has no budget."""
    amount: Decimal | None = await db.fetchval(SET_ASIDE, generation)
    return amount


async def give_back(connection: Executor, generation: GenerationId) -> None:
    """Set nothing aside any more: the generation is over."""
    await connection.execute(RETURN_RESERVE, generation)


async def _check(
    connection: Executor, workspace: WorkspaceId, needed: Decimal, mine: Decimal = Decimal(0)
) -> None:
    """Hold the workspace's row, so that two requests can't set the same money aside."""
    limit: Decimal | None = await connection.fetchval(LOCK_BUDGET, workspace)
    if limit is None:
        return
    (row,) = await connection.fetch(SPENT, workspace)
    left = max(limit - row["spent"] - row["reserved"] + mine, Decimal(0))
    if needed > left:
        message = f"It may cost {dollars(needed)}, and {dollars(left)} are left today."
        message += others_have(row["reserved"] - mine)
        raise BudgetExceeded(message, needed=needed, available=left)
