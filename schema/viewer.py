"""Who asks, and what they own."""

import strawberry

from pipeline import domain
from schema.context import Info
from schema.cursors import Cursor, stream_cursor
from schema.ids import Kind, global_id
from schema.usage import Budget, UserStats


@strawberry.type(description="What owns everything: a user's own workspace, later a team's.")
class Workspace:
    """What owns everything."""

    id: strawberry.ID = strawberry.field(description="Its global id.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="The user who asks.")
class Viewer:
    """The user who asks."""

    id: strawberry.ID = strawberry.field(description="The user's global id.")
    name: str = strawberry.field(description="The user's name.")
    workspace: Workspace = strawberry.field(description="The workspace that the request is in.")

    @strawberry.field(description="The user's figures over all time.")
    async def stats(self, info: Info) -> UserStats:
        context = info.context
        return UserStats.from_domain(await context.library.usage.user(context.viewer))

    @strawberry.field(description="What the workspace may spend today.")
    async def budget(self, info: Info) -> Budget:
        library = info.context.library
        return Budget.from_domain(await library.usage.budget(info.context.viewer), library.now())

    @strawberry.field(description="Where the workspace's stream of events stands now.")
    async def cursor(self, info: Info) -> Cursor:
        viewer = info.context.viewer
        return stream_cursor(viewer.workspace, await info.context.library.stream.head(viewer))

    @classmethod
    def from_domain(cls, viewer: domain.Viewer) -> "Viewer":
        workspace = Workspace(
            id=global_id(Kind.WORKSPACE, viewer.workspace), name=viewer.workspace_name
        )
        return cls(id=global_id(Kind.USER, viewer.user), name=viewer.name, workspace=workspace)
