"""Which model was chosen, and why."""

from decimal import Decimal
from typing import Self

import strawberry

from pipeline import domain
from schema.context import Info
from schema.model import Model, recorded


@strawberry.type(description="A model that the router looked at.")
class RouteCandidate:
    """A model that the router looked at."""

    key: strawberry.Private[str]
    score: float | None = strawberry.field(
        description="In 0..1, the higher the better; null where it was not eligible."
    )
    eligible: bool = strawberry.field(description="Whether it could have been chosen.")
    reason: str = strawberry.field(description="Why it stands where it stands.")
    estimated_cost: Decimal | None = strawberry.field(
        description="What the whole request would cost with it; null where that is not known."
    )

    @strawberry.field(description="The model.")
    def model(self, info: Info) -> Model:
        return recorded(info, self.key)

    @classmethod
    def from_domain(cls, candidate: domain.RouteCandidate) -> Self:
        return cls(
            key=candidate.model,
            score=candidate.score,
            eligible=candidate.eligible,
            reason=candidate.reason,
            estimated_cost=candidate.estimated_cost,
        )


@strawberry.type(description="The chosen model, with the reason and all that was considered.")
class Route:
    """The chosen model."""

    key: strawberry.Private[str]
    reason: str = strawberry.field(description="Why, in a sentence.")
    candidates: list[RouteCandidate] = strawberry.field(
        description="Every model of the catalogue, the best first."
    )

    @strawberry.field(description="The chosen model.")
    def model(self, info: Info) -> Model:
        return recorded(info, self.key)

    @classmethod
    def from_domain(cls, route: domain.Route) -> Self:
        return cls(
            key=route.model,
            reason=route.reason,
            candidates=[RouteCandidate.from_domain(candidate) for candidate in route.candidates],
        )
