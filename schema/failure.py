"""Why something failed."""

from typing import Self

import strawberry

from pipeline import domain
from schema.enums import StageName


@strawberry.type(description="Why a generation, a stage or an image failed.")
class GenerationError:
    """Why something failed."""

    code: str = strawberry.field(description="Stable and for programs; listed in docs/errors.md.")
    message: str = strawberry.field(description="For a person, with what can be done about it.")
    stage: StageName | None = strawberry.field(description="The stage where it happened.")
    retryable: bool = strawberry.field(description="Whether trying again may help.")
    charged: bool = strawberry.field(
        description="Whether it cost money all the same. Of an UNKNOWN_OUTCOME nobody can say: it "
        "is false there, and the amount is held until the operator decides."
    )

    @classmethod
    def from_domain(cls, failure: domain.Failure) -> Self:
        return cls(
            code=failure.code,
            message=failure.message,
            stage=failure.stage,
            retryable=failure.retryable,
            charged=failure.charged,
        )

    @classmethod
    def of(cls, failure: domain.Failure | None) -> Self | None:
        return cls.from_domain(failure) if failure else None
