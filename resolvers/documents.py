"""Parsing and validating operations, remembered by their text."""

from collections.abc import Iterator
from contextlib import suppress

from graphql import ASTValidationRule, GraphQLError
from strawberry.extensions import ParserCache, ValidationCache

from resolvers.limits import TOO_COMPLEX, SizeRule


class Parsed(ParserCache):
    """Remembers documents; what cannot be parsed is left to the schema, which says why."""

    def on_parse(self) -> Iterator[None]:
        with suppress(GraphQLError):
            self.execution_context.graphql_document = self.cached_parse_document(
                self.execution_context.query, **self.execution_context.parse_options
            )
        yield


class Validated(ValidationCache):
    """Remembers verdicts; only what is small enough comes before the dearer rules."""

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        rules = execution.validation_rules
        try:
            self._judge((SizeRule,))
            if not execution.pre_execution_errors:
                self._judge(rules)
        except RecursionError:
            complaint = "The operation is too large: its fragments are nested too deep."
            execution.pre_execution_errors = [
                GraphQLError(complaint, extensions={"code": TOO_COMPLEX})
            ]
        yield

    def _judge(self, rules: tuple[type[ASTValidationRule], ...]) -> None:
        self.execution_context.validation_rules = rules
        next(super().on_validate())
