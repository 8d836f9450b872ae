"""What a generation would cost and take."""

from pipeline.domain import Brief
from pipeline.records import read_spec
from pipeline.routing import Market, choose, estimated_cost
from resolvers.submissions import wishes
from schema import rules
from schema.context import Info
from schema.model import recorded
from schema.quote import Quote
from schema.requests import QuoteInput
from schema.route import Route


async def quoted(info: Info, input: QuoteInput) -> Quote:
    """Raise what asking for the generation itself would."""
    library, viewer = info.context.library, info.context.viewer
    wanted = await wishes(info.context, input.settings, input.mode)
    brief = Brief(
        mode=input.mode,
        prompt=rules.optional_text(input.prompt, "prompt", rules.PROMPT),
        settings=wanted.settings,
        spec=None if input.spec is None else read_spec(input.spec).spec,
    )
    market = Market(catalogue=library.catalogue, now=library.now(), configured=library.providers)
    route = choose(brief, market)
    model = recorded(info, route.model)
    cost = estimated_cost(model.entry, brief.settings)
    durations = await library.usage.durations(viewer, input.mode, model.key)
    return Quote(
        model=model,
        cost=cost,
        cost_max=cost,
        route=Route.from_domain(route),
        duration_seconds_p50=durations.p50,
        duration_seconds_p90=durations.p90,
        evidence=durations.evidence,
    )
