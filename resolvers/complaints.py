"""GraphQL errors as clients see them: coded where expected, masked where not."""

import logging
from uuid import uuid4

from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import MaskErrors
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from pipeline.errors import InvalidInput, Refused, StoreUnreachable
from resolvers.plain_words import plainly
from schema.context import Context, Library

BAD_QUERY = "BAD_QUERY"
BAD_REQUEST = "BAD_REQUEST"
INTERNAL = "INTERNAL"
UNAVAILABLE = "UNAVAILABLE"

OUT_OF_REACH = "The database is out of reach just now: try again in a second."

_log = logging.getLogger(__name__)


class Complaints(MaskErrors):
    """Puts a code on every error, and shows nothing of those that nobody expected."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """Return `error` as clients see it."""
        match error.original_error:
            case None:
                message = plainly(error.message)
                return error if error.extensions else _coded(error, message, code=BAD_QUERY)
            case GraphQLError(extensions=extensions):
                told = {"code": BAD_QUERY} | (extensions or {})
                return _coded(error, plainly(error.message), **told)
            case InvalidInput(message=message, code=code, field=field):
                return _coded(error, message, code=code, field=field)
            case Refused(message=message, code=code) | StoreUnreachable(message=message, code=code):
                return _coded(error, message, code=code)
            case unsaid:
                return self._unsaid(error, unsaid)

    def _unsaid(self, error: GraphQLError, reason: Exception) -> GraphQLError:
        match reason:
            case MissingQueryError():
                return _coded(error, "There is no operation to execute.", code=BAD_REQUEST)
            case CannotGetOperationTypeError():
                return _coded(error, reason.as_http_error_reason(), code=BAD_REQUEST)
            case InvalidOperationTypeError(operation_type=kind):
                return _coded(error, f"A {kind.value} can't be sent this way.", code=BAD_REQUEST)
            case lost if self._library().away(lost):
                _log.warning("PostgreSQL is out of reach at %s: %r", error.path, lost)
                return _coded(error, OUT_OF_REACH, code=UNAVAILABLE)
            case unexpected:
                return _masked(error, unexpected)

    def _library(self) -> Library:
        context: Context = self.execution_context.context
        return context.library


def _masked(error: GraphQLError, unexpected: Exception) -> GraphQLError:
    trace = uuid4().hex
    _log.error("Unexpected error %s at %s", trace, error.path, exc_info=unexpected)
    return _coded(
        error,
        "Something went wrong on our side. The trace id finds it in the log.",
        code=INTERNAL,
        traceId=trace,
    )


def _coded(error: GraphQLError, message: str, **extensions: object) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
