"""Expected failures of mutations, as data."""

from decimal import Decimal
from typing import Self

import strawberry

from pipeline import errors
from schema.context import Info
from schema.model import Model, found


@strawberry.interface(description="An expected failure: nothing was stored, queued or charged.")
class UserError:
    """An expected failure."""

    code: str = strawberry.field(description="Stable and for programs; listed in docs/errors.md.")
    message: str = strawberry.field(description="For a person, with what can be done about it.")


@strawberry.type(description="Something given breaks a rule.")
class InvalidInput(UserError):
    """Something given breaks a rule."""

    field: str | None = strawberry.field(
        description='Its path within the input, such as "prompt" or "settings.count".'
    )

    @classmethod
    def from_domain(cls, error: errors.InvalidInput) -> Self:
        return cls(code=error.code, message=error.message, field=error.field)


@strawberry.type(
    description="There is no such thing, or it is somebody else's; nobody can tell which."
)
class NotFound(UserError):
    """There is no such thing."""

    @classmethod
    def from_domain(cls, error: errors.NotFound) -> Self:
        return cls(code=error.code, message=error.message)


@strawberry.type(
    description="The state of things does not allow it: cancelling what has finished, retrying "
    "what has not failed, deleting what runs, an idempotency key used for another request."
)
class Conflict(UserError):
    """The state of things does not allow it."""

    @classmethod
    def from_domain(cls, error: errors.Conflict) -> Self:
        return cls(code=error.code, message=error.message)


@strawberry.type(description="It would cost more than `maxCost` or the workspace's budget allows.")
class BudgetExceeded(UserError):
    """It would cost more than is allowed."""

    needed: Decimal | None = strawberry.field(
        description="What it would cost; null where a price is unknown."
    )
    available: Decimal = strawberry.field(description="What may still be spent on it.")

    @classmethod
    def from_domain(cls, error: errors.BudgetExceeded) -> Self:
        return cls(
            code=error.code,
            message=error.message,
            needed=error.needed,
            available=error.available,
        )


@strawberry.type(description="Too much at once.")
class RateLimited(UserError):
    """Too much at once."""

    retry_after_seconds: float = strawberry.field(description="When to try again.")

    @classmethod
    def from_domain(cls, error: errors.RateLimited) -> Self:
        return cls(code=error.code, message=error.message, retry_after_seconds=error.retry_after)


@strawberry.type(description="The wished-for model or provider cannot be used.")
class ModelUnavailable(UserError):
    """The wished-for model cannot be used."""

    follows: strawberry.Private[str | None]

    @strawberry.field(description="The model that takes its place, where there is one.")
    def successor(self, info: Info) -> Model | None:
        return found(info, self.follows)

    @classmethod
    def from_domain(cls, error: errors.ModelUnavailable) -> Self:
        return cls(code=error.code, message=error.message, follows=error.successor)
