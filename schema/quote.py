"""What a generation would cost and take."""

from decimal import Decimal
from typing import Annotated

import strawberry

from schema.errors import BudgetExceeded, InvalidInput, ModelUnavailable, NotFound
from schema.model import Model
from schema.route import Route


@strawberry.type(description="What a generation would cost and take, were it asked for now.")
class Quote:
    """What a generation would cost and take."""

    model: Model = strawberry.field(description="The model that would be chosen.")
    cost: Decimal | None = strawberry.field(
        description="What it would cost, photos and words included, and what reading the photo "
        "and writing the prompt would cost elsewhere; null where a price is unknown, and then "
        "`maxCost` and budgets refuse."
    )
    cost_max: Decimal | None = strawberry.field(
        description="The most it could cost, if the dearest model that may stand in made every "
        "image; null where a price is unknown."
    )
    words_cost: Decimal = strawberry.field(
        description="What of `cost` is for hosted models that read the photo and write the prompt."
    )
    within_budget: bool = strawberry.field(
        description="Whether the workspace's budget has room for it today; where not, the request "
        "would be refused with BudgetExceeded."
    )
    refusal_charged: bool | None = strawberry.field(
        description="Whether a refusal by the model's moderation costs money; null where its "
        "provider does not say."
    )
    refusal_note: str = strawberry.field(
        description="What is known of that, from where and of what day; a refusal of which nothing "
        "is known counts as free here until the provider's invoice says otherwise."
    )
    route: Route = strawberry.field(description="Why this model, and what else was considered.")
    duration_seconds_p50: float | None = strawberry.field(
        description="Half of the runs of this mode with this model took no longer, from their "
        "first stage on; null without evidence.",
        name="durationSecondsP50",
    )
    duration_seconds_p90: float | None = strawberry.field(
        description="Nine in ten took no longer; null without evidence.",
        name="durationSecondsP90",
    )
    evidence: int = strawberry.field(description="How many runs the durations are taken from.")


QuoteResult = Annotated[
    Quote | InvalidInput | NotFound | BudgetExceeded | ModelUnavailable,
    strawberry.union("QuoteResult", description="The quote, or why there is none."),
]
