"""Parsing and validating operations, remembered by their text."""

from collections.abc import Iterator
from contextlib import suppress

from graphql import ASTValidationRule, GraphQLError
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types.execution import ExecutionContext
from strawberry.types.graphql import OperationType

from resolvers.limits import CHARACTERS, TOO_COMPLEX, SizeRule


class Parsed(ParserCache):
    """Remembers documents; what cannot be parsed is left to the schema, which says why."""

    def on_parse(self) -> Iterator[None]:
        # A few hundred are remembered, and each event is shown with the names that they give.
        if _too_long(self.execution_context.query):
            yield
            return
        with suppress(GraphQLError):
            self.execution_context.graphql_document = self.cached_parse_document(
                self.execution_context.query, **self.execution_context.parse_options
            )
        yield


class Validated(ValidationCache):
    """Remembers verdicts; only what is small enough comes before the dearer rules."""

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        if complaint := _excess(execution):
            execution.pre_execution_errors = [_too_complex(complaint)]
            yield
            return
        rules = execution.validation_rules
        try:
            self._judge((SizeRule,))
            if not execution.pre_execution_errors:
                self._judge(rules)
        except RecursionError:
            complaint = "The operation is too large: its fragments are nested too deep."
            execution.pre_execution_errors = [_too_complex(complaint)]
        yield

    def _judge(self, rules: tuple[type[ASTValidationRule], ...]) -> None:
        self.execution_context.validation_rules = rules
        next(super().on_validate())


def _excess(execution: ExecutionContext) -> str | None:
    """Return what there is too much of before anything is looked at."""
    if _too_long(execution.query):
        return f"The operation is too large: {CHARACTERS} characters are allowed."
    # They are kept for as long as someone watches.
    lasting = execution.operation_type is OperationType.SUBSCRIPTION
    if lasting and len(str(execution.variables)) > CHARACTERS:
        return f"The variables of a subscription may have {CHARACTERS} characters."
    return None


def _too_complex(complaint: str) -> GraphQLError:
    return GraphQLError(complaint, extensions={"code": TOO_COMPLEX})


def _too_long(query: str | None) -> bool:
    return query is not None and len(query) > CHARACTERS
