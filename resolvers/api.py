"""The GraphQL schema, with its limits, caches and masks."""

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from resolvers.complaints import Complaints
from resolvers.documents import Parsed, Validated
from resolvers.limits import TOKENS
from resolvers.mutations import Mutation
from resolvers.permits import WritePermits
from resolvers.queries import Query
from resolvers.refusals import REFUSALS
from resolvers.subscriptions import Subscription
from schema.events import EVENT_TYPES
from schema.scalars import SCALARS


class Schema(strawberry.Schema):
    """A schema that leaves the log to `Complaints`, which knows what was expected."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing."""


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
