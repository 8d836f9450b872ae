"""A run of the pipeline for one request."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from pipeline import domain
from schema.asset import Asset
from schema.connection import After, Before, Connection, First, Last, Window, connection
from schema.context import Info
from schema.cursors import Cursor, stream_cursor
from schema.enums import GenerationMode, GenerationStatus
from schema.errors import (
    BudgetExceeded,
    Conflict,
    InvalidInput,
    ModelUnavailable,
    NotFound,
    RateLimited,
)
from schema.failure import GenerationError
from schema.feedback import Feedback
from schema.ids import Kind, global_id
from schema.loaders import PageKey
from schema.node import Node
from schema.persona import PersonaMatch
from schema.prompt import FinalPrompt
from schema.route import Route
from schema.settings import GenerationSettings
from schema.slot import ImageSlot, QueuePlace
from schema.spec import GarmentSpec
from schema.stage import Stage
from schema.usage import Charge


@strawberry.type(
    description="One run of the pipeline for one request: what was asked, how it "
    "goes, and what came out."
)
class Generation(Node):
    """One run of the pipeline for one request."""

    row: strawberry.Private[domain.Generation]
    mode: GenerationMode = strawberry.field(description="What it started from.")
    status: GenerationStatus = strawberry.field(description="Where it stands.")
    attempt: int = strawberry.field(description="Counted from 1; each retry adds one.")
    prompt: str | None = strawberry.field(description="The designer's words, untouched.")
    negative_prompt: str | None = strawberry.field(
        description="What the designer does not want to see, untouched."
    )
    cost: Decimal = strawberry.field(
        description="What has been spent on it so far; final once the status is terminal and "
        "none of its charges is RESERVED or UNKNOWN any more: after a cancellation the provider's "
        "bill may come a few seconds later."
    )
    warnings: list[str] = strawberry.field(
        description="One sentence for each thing that was given and not used, or turned into "
        "something else: nothing is dropped silently. Also why images of this attempt are missing "
        "or another model's; a retry begins without those."
    )
    created_at: datetime = strawberry.field(description="When it was asked for.")
    updated_at: datetime = strawberry.field(description="When something last happened to it.")
    completed_at: datetime | None = strawberry.field(
        description="When it reached its terminal status; null before that."
    )

    @strawberry.field(description="The wishes it was asked for with.")
    def settings(self) -> GenerationSettings:
        return GenerationSettings.from_domain(self.row.brief)

    @strawberry.field(
        description="The garment, as the analysis saw it and the designer set it; null until it "
        "is known, which in FROM_PROMPT it may never be."
    )
    def spec(self) -> GarmentSpec | None:
        spec = self.row.facts.spec or self.row.brief.spec
        return GarmentSpec.from_domain(spec) if spec else None

    @strawberry.field(
        description="All seven stages in pipeline order, those skipped or still to come included."
    )
    async def stages(self, info: Info) -> list[Stage]:
        stages = await info.context.loaders.stages.load(self.row.id)
        return [Stage.from_domain(stage) for stage in stages]

    @strawberry.field(
        description="One slot for each of settings.count. With one image delivered the generation "
        "is COMPLETED; a retry makes those that are missing. Slots have no events of their own: "
        "read them when the run has ended."
    )
    async def images(self, info: Info) -> list[ImageSlot]:
        slots = await info.context.loaders.slots.load(self.row.id)
        return [ImageSlot.from_domain(slot) for slot in slots]

    @strawberry.field(description="The text for the model, once the pipeline has settled it.")
    def final_prompt(self) -> FinalPrompt | None:
        prompt = self.row.facts.final_prompt
        return FinalPrompt.from_domain(prompt) if prompt else None

    @strawberry.field(description="The chosen model and why, once it is chosen.")
    def route(self) -> Route | None:
        route = self.row.facts.route
        return Route.from_domain(route) if route else None

    @strawberry.field(description="The matched persona, where one was.")
    def persona(self) -> PersonaMatch | None:
        match = self.row.facts.persona
        return PersonaMatch.from_domain(match) if match else None

    @strawberry.field(description="Where it stands in the queue while it is PENDING, else null.")
    async def queue(self, info: Info) -> QueuePlace | None:
        if self.row.status is not GenerationStatus.PENDING:
            return None
        place = await info.context.loaders.queue_places.load(self.row.id)
        if place is None:
            # A worker is taking it just now.
            return QueuePlace(position=0, expected_start_at=info.context.library.now())
        return QueuePlace.from_domain(place)

    @strawberry.field(description="The generation that was refined to make this one.")
    async def parent(self, info: Info) -> "Generation | None":
        if self.row.parent_id is None:
            return None
        row = await info.context.loaders.generations.load(self.row.parent_id)
        return Generation.from_domain(row) if row else None

    @strawberry.field(description="What was made by refining this one, newest first.")
    async def children(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> "Connection[Generation]":
        loaders, window = info.context.loaders, Window.of(first, after, last, before)
        page = await loaders.children.load(PageKey(self.row.id, window.request))
        return connection(
            window, page, Generation.from_domain, lambda: loaders.child_counts.load(self.row.id)
        )

    @strawberry.field(description="Its images, the source photo included, oldest first.")
    async def assets(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Asset]:
        loaders, window = info.context.loaders, Window.of(first, after, last, before)
        page = await loaders.asset_pages.load(PageKey(self.row.id, window.request))
        return connection(
            window, page, Asset.from_domain, lambda: loaders.asset_counts.load(self.row.id)
        )

    @strawberry.field(description="What users said about it, oldest first.")
    async def feedback(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Feedback]:
        loaders, window = info.context.loaders, Window.of(first, after, last, before)
        page = await loaders.feedback_pages.load(PageKey(self.row.id, window.request))
        return connection(
            window, page, Feedback.from_domain, lambda: loaders.feedback_counts.load(self.row.id)
        )

    @strawberry.field(description="The lines of the ledger that it caused, oldest first.")
    async def charges(self, info: Info) -> list[Charge]:
        charges = await info.context.loaders.charges.load(self.row.id)
        return [Charge.from_domain(charge) for charge in charges]

    @strawberry.field(description="Why it failed, where it did.")
    def error(self) -> GenerationError | None:
        return GenerationError.of(self.row.failure)

    @strawberry.field(
        description="Read before all else in this answer: subscribe after it and nothing is "
        "missed, though something shown here may come again."
    )
    def cursor(self) -> Cursor:
        return stream_cursor(self.row.workspace, self.row.head)

    @classmethod
    def from_domain(cls, row: domain.Generation) -> Self:
        return cls(
            id=global_id(Kind.GENERATION, row.id),
            row=row,
            mode=row.brief.mode,
            status=row.status,
            attempt=row.attempt,
            prompt=row.brief.prompt,
            negative_prompt=row.brief.negative_prompt,
            cost=row.cost,
            warnings=list(row.facts.warnings),
            created_at=row.created_at,
            updated_at=row.updated_at,
            completed_at=row.completed_at,
        )


@strawberry.type(description="The generations that `colourways` started.")
class Colourways:
    """The generations that `colourways` started."""

    generations: list[Generation] = strawberry.field(description="One for each palette, in order.")


@strawberry.type(description="What was deleted.")
class Deleted:
    """What was deleted."""

    id: strawberry.ID = strawberry.field(description="The id it had.")


GenerateResult = Annotated[
    Generation
    | InvalidInput
    | NotFound
    | BudgetExceeded
    | RateLimited
    | ModelUnavailable
    | Conflict,
    strawberry.union("GenerateResult", description="The new generation, or why there is none."),
]
GenerationResult = Annotated[
    Generation | NotFound | Conflict,
    strawberry.union("GenerationResult", description="The generation, or why it was left alone."),
]
DeleteResult = Annotated[
    Deleted | NotFound | Conflict,
    strawberry.union("DeleteResult", description="What was deleted, or why it was not."),
]
ColourwaysResult = Annotated[
    Colourways
    | InvalidInput
    | NotFound
    | BudgetExceeded
    | RateLimited
    | ModelUnavailable
    | Conflict,
    strawberry.union("ColourwaysResult", description="The new generations, or why there are none."),
]
