"""Expected failures become members of a field's union, here and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from strawberry.types import Info
from strawberry.types.field import StrawberryField

from pipeline import errors
from schema.errors import (
    BudgetExceeded,
    Conflict,
    InvalidInput,
    ModelUnavailable,
    NotFound,
    RateLimited,
    UserError,
)


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers an exception with a type, in the fields whose union has that type."""

    exception_type: type[errors.Refused]
    error_type: type[UserError]
    convert: Callable[[Any], UserError]

    def handle(self, exception: Exception, *, field: StrawberryField, info: Info) -> UserError:
        """Return what the client sees."""
        del field, info
        return self.convert(exception)


REFUSALS = (
    Answering(errors.InvalidInput, InvalidInput, InvalidInput.from_domain),
    Answering(errors.NotFound, NotFound, NotFound.from_domain),
    Answering(errors.Conflict, Conflict, Conflict.from_domain),
    Answering(errors.BudgetExceeded, BudgetExceeded, BudgetExceeded.from_domain),
    Answering(errors.RateLimited, RateLimited, RateLimited.from_domain),
    Answering(errors.ModelUnavailable, ModelUnavailable, ModelUnavailable.from_domain),
)
