"""The fields that read."""

from typing import Annotated

import strawberry

from pipeline.domain import AssetId, FeedbackId, GenerationId, PersonaId
from pipeline.repositories import GenerationFilter as Filter
from resolvers.quotes import quoted
from schema import rules
from schema.asset import Asset
from schema.connection import After, Before, Connection, First, Last, Window, connection
from schema.context import Info
from schema.feedback import Feedback
from schema.filter import GenerationFilter
from schema.generation import Generation
from schema.ids import Kind, asset_id, generation_id, parsed
from schema.learning import LearningPoint, Preference
from schema.model import Model
from schema.node import Node
from schema.persona import Persona
from schema.quote import QuoteResult
from schema.requests import QuoteInput
from schema.usage import DailyUsage, StageStats
from schema.viewer import Viewer

Days = Annotated[
    int | None, strawberry.argument(description="How many days back, 1 to 366; null: the default.")
]


@strawberry.type(
    description="The reading part of the API. Where an id is malformed, unknown, of another type "
    "or somebody else's, the answer is null, and nobody can tell which."
)
class Query:
    """The reading part of the API."""

    @strawberry.field(description="The user who asks.")
    def viewer(self, info: Info) -> Viewer:
        return Viewer.from_domain(info.context.viewer)

    @strawberry.field(description="Anything by its global id.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")],
    ) -> Node | None:
        loaders = info.context.loaders
        match parsed(id):
            case (Kind.GENERATION, key):
                run = await loaders.generations.load(GenerationId(key))
                return Generation.from_domain(run) if run else None
            case (Kind.ASSET, key):
                asset = await loaders.assets.load(AssetId(key))
                return Asset.from_domain(asset) if asset else None
            case (Kind.FEEDBACK, key):
                feedback = await loaders.feedback.load(FeedbackId(key))
                return Feedback.from_domain(feedback) if feedback else None
            case (Kind.PERSONA, key):
                persona = await loaders.personas.load(PersonaId(key))
                return Persona.from_domain(persona) if persona else None
            case _:
                return None

    @strawberry.field(description="A generation by its id.")
    async def generation(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")],
    ) -> Generation | None:
        key = generation_id(id)
        row = await info.context.loaders.generations.load(key) if key else None
        return Generation.from_domain(row) if row else None

    @strawberry.field(description="The workspace's generations, newest first.")
    async def generations(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        *,
        filter: Annotated[
            GenerationFilter | None, strawberry.argument(description="Which; null: all.")
        ] = None,
    ) -> Connection[Generation]:
        viewer, runs = info.context.viewer, info.context.library.generations
        window = Window.of(first, after, last, before)
        wanted = filter.to_domain() if filter else Filter()
        page = await runs.page(viewer, window.request, wanted)
        return connection(window, page, Generation.from_domain, lambda: runs.count(viewer, wanted))

    @strawberry.field(description="An image by its id.")
    async def asset(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")],
    ) -> Asset | None:
        key = asset_id(id)
        row = await info.context.loaders.assets.load(key) if key else None
        return Asset.from_domain(row) if row else None

    @strawberry.field(description="The built-in personas and the workspace's own.")
    async def personas(self, info: Info) -> list[Persona]:
        context = info.context
        personas = await context.library.personas.all(context.viewer)
        return [Persona.from_domain(persona) for persona in personas]

    @strawberry.field(description="Every image model of the catalogue, retired ones too.")
    def models(self, info: Info) -> list[Model]:
        return [Model.from_domain(entry) for entry in info.context.library.catalogue.models]

    @strawberry.field(
        description="What a generation would cost and how long it would take, with the model that "
        "would be chosen. Nothing is started."
    )
    async def quote(
        self,
        info: Info,
        input: Annotated[QuoteInput, strawberry.argument(description="What to quote for.")],
    ) -> QuoteResult:
        return await quoted(info, input)

    @strawberry.field(
        description="Money and outcome of each day (UTC) of the workspace, newest first, from the "
        "ledger."
    )
    async def daily_usage(self, info: Info, days: Days = 30) -> list[DailyUsage]:
        context, count = info.context, _days(days, 30)
        usage = await context.library.usage.daily(context.viewer, count)
        return [DailyUsage.from_domain(day) for day in usage]

    @strawberry.field(description="How the workspace's stages fared, in pipeline order.")
    async def stage_stats(self, info: Info, days: Days = 30) -> list[StageStats]:
        context, count = info.context, _days(days, 30)
        stats = await context.library.usage.stages(context.viewer, count)
        return [StageStats.from_domain(one) for one in stats]

    @strawberry.field(
        description="What the learner believes about the viewer. It keeps no preferences yet, so "
        "there are none."
    )
    def preferences(self) -> list[Preference]:
        return []

    @strawberry.field(
        description="Whether the learner learns, over time. It is not measured yet, so there are "
        "no points."
    )
    def learning(self, days: Days = 90) -> list[LearningPoint]:
        _days(days, 90)
        return []


def _days(given: int | None, default: int) -> int:
    return rules.within(default if given is None else given, "days", 1, rules.DAYS)
