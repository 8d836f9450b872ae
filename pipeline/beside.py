"""What the calls beside the images cost: reading a photo, and writing the prompt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pipeline.domain import Brief, GenerationMode, WorkspaceId
from pipeline.paying import withheld


@dataclass(frozen=True, slots=True)
class Helper:
    """A hosted model that is asked once a run; US dollars of a usual call and of a dear one."""

    model: str
    usual: Decimal
    dear: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpers:
    """Who reads photos and who writes, where somebody elsewhere does."""

    reading: Helper | None = None
    writing: Helper | None = None

    def asked(self, brief: Brief) -> Iterator[Helper]:
        """Yield those that the work may be shown to, as far as that can be told before."""
        if withheld(brief):
            return
        if self.reading and brief.mode is GenerationMode.FROM_IMAGE:
            yield self.reading
        if self.writing and brief.settings.enhance:
            yield self.writing


NOBODY: Final = Helpers()


async def no_costs(_: WorkspaceId) -> Mapping[str, Decimal]:
    """Return that nothing is known of what such calls have cost."""
    return {}


def likely(brief: Brief, helpers: Helpers, paid: Mapping[str, Decimal]) -> Decimal:
    """Return what the calls should cost, by what was `paid` for a model's calls where known."""
    usual = (paid.get(one.model, one.usual) for one in helpers.asked(brief))
    return sum(usual, Decimal(0))


def at_most(brief: Brief, helpers: Helpers, paid: Mapping[str, Decimal]) -> Decimal:
    """Return what the calls cost where they are dear."""
    dear = (max(one.dear, paid.get(one.model, one.dear)) for one in helpers.asked(brief))
    return sum(dear, Decimal(0))
