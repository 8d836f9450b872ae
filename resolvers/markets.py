"""What the viewer can choose from now, and what their budget has left."""

from dataclasses import replace
from decimal import Decimal

from pipeline.markets import Market
from schema.context import Context, Library


async def market_of(context: Context) -> Market:
    """Return the models as they stand for the viewer's workspace."""
    library, viewer = context.library, context.viewer
    budget = await library.usage.budget(viewer)
    spare = None if budget.limit is None else budget.limit - budget.spent - budget.reserved
    return replace(
        market_at_rest(library),
        degraded=await library.degraded(),
        paces=await library.paces(viewer.workspace),
        left=None if spare is None else max(spare, Decimal(0)),
        set_aside=budget.reserved,
    )


def market_at_rest(library: Library) -> Market:
    """Return the models without what has to be asked for: trouble, paces, budget."""
    return Market(
        catalogue=library.catalogue,
        now=library.now(),
        configured=library.providers,
        retired=library.retired,
        partials=library.partials,
    )
