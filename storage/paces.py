"""How long the calls of each model usually take, by the ledger."""

from collections.abc import Mapping

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


async def paces(db: Executor, workspace: WorkspaceId) -> Mapping[str, float]:
    """Return the seconds that half of a model's recent calls took at most, by model."""
    rows = await db.fetch(PACES, workspace, EVIDENCE)
    return {row["model"]: row["seconds"] for row in rows}
