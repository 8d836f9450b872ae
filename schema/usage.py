"""Money and figures."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Self

import strawberry

from pipeline import repositories as domain
from schema.context import Info
from schema.enums import ChargeState, StageName
from schema.model import Model, recorded


@strawberry.type(description="A line of the ledger.")
class Charge:
    """A line of the ledger."""

    row: strawberry.Private[domain.Charge]
    state: ChargeState = strawberry.field(description="What became of the money.")
    amount: Decimal | None = strawberry.field(description="How much; null where it is not known.")
    created_at: datetime = strawberry.field(description="When it was entered.")

    @strawberry.field(description="The model that was asked.")
    def model(self, info: Info) -> Model:
        return recorded(info, self.row.model)

    @classmethod
    def from_domain(cls, charge: domain.Charge) -> Self:
        return cls(
            row=charge,
            state=ChargeState(charge.state),
            amount=charge.amount,
            created_at=charge.created_at,
        )


@strawberry.type(description="What may be spent in a day (UTC).")
class Budget:
    """What may be spent in a day."""

    limit: Decimal | None = strawberry.field(description="The most; null: no limit is set.")
    spent: Decimal = strawberry.field(description="Spent today.")
    reserved: Decimal = strawberry.field(description="Set aside for calls that are under way.")
    resets_at: datetime = strawberry.field(description="When the next day begins.")

    @classmethod
    def from_domain(cls, budget: domain.Budget, now: datetime) -> Self:
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(
            limit=budget.limit,
            spent=budget.spent,
            reserved=budget.reserved,
            resets_at=midnight + timedelta(days=1),
        )


@strawberry.type(description="A user's figures over all time.")
class UserStats:
    """A user's figures over all time."""

    generations: int = strawberry.field(description="Generations asked for, deleted ones too.")
    completed: int = strawberry.field(description="Of those, completed.")
    failed: int = strawberry.field(description="Of those, failed.")
    assets: int = strawberry.field(description="Images made.")
    total_cost: Decimal = strawberry.field(description="Money spent.")
    average_duration_ms: int | None = strawberry.field(
        description="From request to completion, on average."
    )
    average_rating: float | None = strawberry.field(description="Mean of all ratings given.")
    hearts: int = strawberry.field(description="Hearts given.")

    @classmethod
    def from_domain(cls, stats: domain.UserStats) -> Self:
        return cls(
            generations=stats.generations,
            completed=stats.completed,
            failed=stats.failed,
            assets=stats.assets,
            total_cost=stats.total_cost,
            average_duration_ms=stats.average_duration_ms,
            average_rating=stats.average_rating,
            hearts=stats.hearts,
        )


@strawberry.type(description="A day (UTC) of the workspace.")
class DailyUsage:
    """A day of the workspace."""

    date: str = strawberry.field(description="The day, as in 2026-05-01.")
    generations: int = strawberry.field(description="Generations asked for, deleted ones too.")
    completed: int = strawberry.field(description="Of those, completed.")
    failed: int = strawberry.field(description="Of those, failed.")
    total_cost: Decimal = strawberry.field(description="Money spent on models.")
    storage_cost: Decimal = strawberry.field(
        description="Estimate of what storage cost that day: the images of then that are still "
        "there, at the price of the bucket; 0 where images lie on the server's own disk."
    )
    average_duration_ms: int | None = strawberry.field(
        description="From request to completion, on average."
    )

    @classmethod
    def from_domain(cls, day: domain.DailyUsage) -> Self:
        return cls(
            date=day.date.isoformat(),
            generations=day.generations,
            completed=day.completed,
            failed=day.failed,
            total_cost=day.total_cost,
            storage_cost=day.storage_cost,
            average_duration_ms=day.average_duration_ms,
        )


@strawberry.type(description="How a stage fares in the workspace.")
class StageStats:
    """How a stage fares."""

    stage: StageName = strawberry.field(description="Which of the seven.")
    runs: int = strawberry.field(description="How often it ran; skipping it does not count.")
    failed: int = strawberry.field(description="How often it failed.")
    p50_ms: int | None = strawberry.field(description="Half of its runs took no longer.")
    p95_ms: int | None = strawberry.field(description="Nineteen in twenty took no longer.")

    @classmethod
    def from_domain(cls, stats: domain.StageStats) -> Self:
        return cls(
            stage=stats.stage,
            runs=stats.runs,
            failed=stats.failed,
            p50_ms=stats.p50_ms,
            p95_ms=stats.p95_ms,
        )
