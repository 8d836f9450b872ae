"""The ports behind the API, as one value."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pipeline.beside import NOBODY, Helpers, no_costs
from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import WorkspaceId
from pipeline.markets import Retired, no_paces, none_degraded
from pipeline.ports import Fetch
from pipeline.repositories import Assets, FeedbackBook, Generations, Personas, Stream, Usage


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Library:
    """The ports; `providers` are the configured ones, `upload_limit` is in bytes, `now` in UTC.

    `address` tells where a browser fetches an object now, which its record may have outlived;
    `degraded` tells which providers are out of order, `paces` the usual seconds of a model's calls.
    So many `partials` are asked of models that show images on their way.
    `helpers` are asked beside the images, `words` tells what that has usually cost.
    `away` tells whether an error only says that the database is out of reach.
    """

    generations: Generations
    assets: Assets
    feedback: FeedbackBook
    personas: Personas
    usage: Usage
    stream: Stream
    fetch: Fetch
    address: Callable[[str], str]
    providers: frozenset[str]
    now: Callable[[], datetime]
    catalogue: Catalogue = SHIPPED
    upload_limit: int = 20 * 1024 * 1024
    degraded: Callable[[], Awaitable[frozenset[str]]] = none_degraded
    paces: Callable[[WorkspaceId], Awaitable[Mapping[str, float]]] = no_paces
    retired: Retired = Retired.REFUSE
    partials: int = 0
    helpers: Helpers = NOBODY
    words: Callable[[WorkspaceId], Awaitable[Mapping[str, Decimal]]] = no_costs
    away: Callable[[Exception], bool] = lambda _: False
