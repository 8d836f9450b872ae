"""How long the calls of each model usually take and what words cost, by the ledger."""

from collections.abc import Mapping
from decimal import Decimal

from pipeline.domain import WorkspaceId
from storage.database import Executor

EVIDENCE = 3
"""Calls that a model needs before it is judged."""

PACES = """
select model, percentile_cont(0.5) within group (order by seconds) as seconds
  from (select model, extract(epoch from updated_at - created_at)::double precision as seconds
          from charges
         where workspace_id = $1 and state = 'SETTLED'
         order by created_at desc
         limit 200) as recent
 group by model having count(*) >= $2
"""

WORDS = """
select model, percentile_disc(0.5) within group (order by amount) as usual
  from (select model, amount
          from charges
         where workspace_id = $1 and slot < 0 and state = 'SETTLED' and amount > 0
         order by created_at desc
         limit 100) as recent
 group by model having count(*) >= $2
"""


async def paces(db: Executor, workspace: WorkspaceId) -> Mapping[str, float]:
    """Return the seconds that half of a model's recent calls took at most, by model."""
    rows = await db.fetch(PACES, workspace, EVIDENCE)
    return {row["model"]: row["seconds"] for row in rows}


async def words(db: Executor, workspace: WorkspaceId) -> Mapping[str, Decimal]:
    """Return US dollars that a recent call beside the images usually cost, by model."""
    rows = await db.fetch(WORDS, workspace, EVIDENCE)
    return {row["model"]: row["usual"] for row in rows}
