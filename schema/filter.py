"""Which generations to list."""

from datetime import datetime

import strawberry

from pipeline import repositories as domain
from schema import rules
from schema.enums import GenerationMode, GenerationStatus


@strawberry.input(description="Which generations to list; what is left out does not matter.")
class GenerationFilter:
    """Which generations to list."""

    status: list[GenerationStatus] | None = strawberry.field(
        default=None, description="Those with one of these; an empty list means any."
    )
    mode: list[GenerationMode] | None = strawberry.field(
        default=None, description="Those with one of these; an empty list means any."
    )
    created_after: datetime | None = strawberry.field(
        default=None, description="Those asked for at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Those asked for before this time."
    )
    search: str | None = strawberry.field(
        default=None,
        description="Words, 200 characters at most, that all occur in the prompt, the final "
        "prompt or the specification.",
    )

    def to_domain(self) -> domain.GenerationFilter:
        return domain.GenerationFilter(
            status=tuple(self.status or ()),
            mode=tuple(self.mode or ()),
            created_after=self.created_after,
            created_before=self.created_before,
            search=rules.optional_text(self.search or None, "filter.search", rules.SEARCH),
        )
