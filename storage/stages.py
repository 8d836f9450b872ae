"""Rows of `generation_stages` as values and as events."""

from collections.abc import Sequence

import asyncpg

from pipeline.domain import Failure, Stage, StageName, StageStatus
from pipeline.events import Change, StageChanged
from storage.codec import decode


def stage_of(row: asyncpg.Record) -> Stage:
    """Return the stage that a whole row holds."""
    return Stage(
        name=StageName(row["name"]),
        status=StageStatus(row["status"]),
        attempt=row["attempt"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        summary=row["summary"],
        output=row["output"],
        failure=None if row["error"] is None else decode(Failure, row["error"]),
    )


def stage_changes(rows: Sequence[asyncpg.Record]) -> list[Change]:
    """Return the events that show these stages as they are now, in pipeline order."""
    order = list(StageName)
    stages = sorted((stage_of(row) for row in rows), key=lambda stage: order.index(stage.name))
    return [StageChanged(stage) for stage in stages]
