"""Feedback as the learner reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain import FeedbackKind, PromptPart, WorkspaceId
from storage.codec import decode
from storage.database import Executor

MOST = 500

RECENT = """
select f.kind, f.rating,
       coalesce(g.pipeline_data #> '{final_prompt,parts}', '[]'::jsonb) as parts
  from generation_feedback f join generations g on g.id = f.generation_id
 where f.workspace_id = $1
 order by f.updated_at desc
 limit $2
"""


@dataclass(frozen=True, slots=True)
class FeedbackSignal:
    """`ports.Signal` of one piece of feedback."""

    kind: FeedbackKind
    rating: int | None
    parts: tuple[PromptPart, ...]


@dataclass(frozen=True, slots=True)
class FeedbackSignals:
    """`ports.Signals` on PostgreSQL: the last 500."""

    db: Executor

    async def recent(self, workspace: WorkspaceId) -> Sequence[FeedbackSignal]:
        rows = await self.db.fetch(RECENT, workspace, MOST)
        return [
            FeedbackSignal(
                FeedbackKind(row["kind"]),
                row["rating"],
                tuple(decode(PromptPart, part) for part in row["parts"]),
            )
            for row in rows
        ]
