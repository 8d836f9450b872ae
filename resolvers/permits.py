"""What a viewer's key allows."""

from collections.abc import Iterator

from graphql import ExecutionResult, GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from schema.context import Context

FORBIDDEN = "FORBIDDEN"


class WritePermits(SchemaExtension):
    """Refuses mutations to viewers without the scope "write"."""

    def on_execute(self) -> Iterator[None]:
        execution = self.execution_context
        context = execution.context
        if (
            execution.operation_type is OperationType.MUTATION
            and isinstance(context, Context)
            and "write" not in context.viewer.scopes
        ):
            complaint = GraphQLError(
                "This key may read and watch, but not write.", extensions={"code": FORBIDDEN}
            )
            execution.result = ExecutionResult(data=None, errors=[complaint])
        yield
