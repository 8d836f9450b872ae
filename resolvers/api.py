"""The GraphQL schema, with its limits, caches and masks."""

from strawberry.extensions import MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig

from resolvers.complaints import Complaints
from resolvers.documents import Parsed, Validated
from resolvers.limits import TOKENS
from resolvers.mutations import Mutation
from resolvers.permits import WritePermits
from resolvers.queries import Query
from resolvers.refusals import REFUSALS
from resolvers.streaming import Schema
from resolvers.subscriptions import Subscription
from schema.events import EVENT_TYPES
from schema.scalars import SCALARS


def build_schema() -> Schema:
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=EVENT_TYPES,
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[
            Complaints,
            WritePermits,
            lambda: MaxTokensLimiter(TOKENS),
            Parsed,
            Validated,
        ],
        exception_handlers=REFUSALS,
    )


schema = build_schema()
