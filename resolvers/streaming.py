"""The schema as streaming transports use it."""

from collections.abc import AsyncGenerator, Iterable
from functools import cached_property
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from resolvers.live import Live, Request


class Schema(strawberry.Schema):
    """A schema that answers live fields in batches, shared by all who watch the same.

    It leaves the log to `Complaints`, which knows what was expected.
    """

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing."""

    async def stream(  # noqa: PLR0917 - the parameters are Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Return the answers for a streaming transport; those of live fields are `Batch`es."""
        del root_value
        return self._live.answers(
            Request(
                query,
                variable_values,
                operation_name,
                operation_extensions,
                allowed_operation_types,
            ),
            context_value,
        )

    async def subscribe(  # noqa: PLR0917 - likewise
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Return the answers of a subscription as this execution alone makes them."""
        del root_value
        return await self._alone(
            Request(
                query,
                variable_values,
                operation_name,
                operation_extensions,
                (OperationType.SUBSCRIPTION,),
            ),
            context_value,
        )

    @cached_property
    def _live(self) -> Live:
        return Live(self.core, self._alone)

    async def _alone(self, request: Request, context: Any) -> AsyncGenerator[Any, None]:
        return await super().stream(
            request.query,
            variable_values=request.variables,
            context_value=context,
            operation_name=request.name,
            operation_extensions=request.extensions,
            allowed_operation_types=request.allowed,
        )
