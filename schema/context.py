"""What a resolver can reach: the viewer, the ports, and this request's loaders."""

from dataclasses import dataclass

from strawberry.types import Info as StrawberryInfo

from pipeline.domain import Viewer
from schema.library import Library
from schema.loaders import Loaders, build_loaders

__all__ = ["Context", "Info", "Library", "Loaders", "build_loaders"]


@dataclass(frozen=True, slots=True)
class Context:
    """One request, or one WebSocket connection, of one viewer."""

    viewer: Viewer
    library: Library
    loaders: Loaders

    @classmethod
    def of(cls, viewer: Viewer, library: Library) -> "Context":
        """Return a context with loaders of its own."""
        return cls(viewer, library, build_loaders(viewer, library))


Info = StrawberryInfo[Context, None]
