"""The stages of a generation."""

from datetime import datetime, timedelta
from typing import Self

import strawberry
from strawberry.scalars import JSON

from pipeline import domain
from schema.enums import StageName, StageStatus
from schema.failure import GenerationError

_MILLISECOND = timedelta(milliseconds=1)


@strawberry.type(description="One of the seven stages of a generation, as its record stands.")
class Stage:
    """One of the seven stages of a generation."""

    name: StageName = strawberry.field(description="Which of the seven.")
    status: StageStatus = strawberry.field(description="Where it stands.")
    attempt: int = strawberry.field(
        description="The generation's attempt, counted from 1, that this record is from."
    )
    started_at: datetime | None = strawberry.field(description="When it began; null before that.")
    finished_at: datetime | None = strawberry.field(description="When it ended; null before that.")
    summary: str | None = strawberry.field(
        description="One sentence for a person: what it decided, or why it was skipped or kept."
    )
    output: JSON | None = strawberry.field(
        description="Its recorded result, for inspection, while it is kept. The shape differs from "
        "stage to stage and may change."
    )
    error: GenerationError | None = strawberry.field(description="Why it failed, where it did.")

    @strawberry.field(description="How long it took; null until it has ended.")
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at) // _MILLISECOND

    @classmethod
    def from_domain(cls, stage: domain.Stage) -> Self:
        return cls(
            name=stage.name,
            status=stage.status,
            attempt=stage.attempt,
            started_at=stage.started_at,
            finished_at=stage.finished_at,
            summary=stage.summary,
            output=None if stage.output is None else JSON(stage.output),
            error=GenerationError.of(stage.failure),
        )
