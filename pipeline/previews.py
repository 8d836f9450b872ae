"""Partial images while a call goes on: from the model that streams them to who watches."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from pipeline.calls import CallId
from pipeline.catalogue.model import CatalogueModel
from pipeline.domain import Brief

Show = Callable[[bytes], Awaitable[None]]
"""Show a picture as far as it is painted; fails at nothing."""


class Previews:
    """Who watches which call of this process."""

    def __init__(self) -> None:
        self._shows: dict[CallId, Show] = {}

    @contextmanager
    def watched(self, call: CallId, show: Show) -> Generator[None]:
        """Have the call's partial images shown while the body runs."""
        self._shows[call] = show
        try:
            yield
        finally:
            del self._shows[call]

    async def tell(self, call: CallId | None, picture: bytes) -> None:
        """Show a partial image where somebody watches the call."""
        if call is not None and (show := self._shows.get(call)):
            await show(picture)


def wished(brief: Brief, most: int) -> int:
    """Return how many partial images are asked for: none where the cost is limited.

    What the limit allows is there for the images.
    """
    return 0 if brief.settings.max_cost is not None else most


def partials_of(model: CatalogueModel, brief: Brief, most: int) -> int:
    """Return how many are asked of a model, which may show none."""
    return 0 if model.partial_usd is None else wished(brief, most)
