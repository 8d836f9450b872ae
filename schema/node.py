"""What has a global id."""

import strawberry


@strawberry.interface(description="Anything with a global id, which `node` finds again.")
class Node:
    """A type with a global id."""

    id: strawberry.ID = strawberry.field(
        description="Opaque and unique over all types; it never changes."
    )
