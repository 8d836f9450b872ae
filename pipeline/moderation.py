"""When a request that was refused for its content is shown to no more hosted models."""

from dataclasses import dataclass, field
from typing import Final

from pipeline.catalogue.model import EMBEDDED
from pipeline.errors import ContentRejected, StageFailed

_MODELS: Final = 3
_PROVIDERS: Final = 2


@dataclass(frozen=True, slots=True)
class Refusals:
    """Which hosted models refused the content of a run: each refusal may count against an account.

    After three models, or models of two providers, only embedded ones are asked.
    """

    _providers: dict[str, str] = field(default_factory=dict[str, str])

    def note(self, model: str, provider: str, failed: StageFailed) -> None:
        """Remember the model, if what `failed` is a refusal of the content."""
        if isinstance(failed, ContentRejected) and provider != EMBEDDED:
            self._providers[model] = provider

    def allow(self, provider: str) -> bool:
        """Whether a model of the provider may still be shown the request."""
        found = self._providers
        enough = len(found) >= _MODELS or len(set(found.values())) >= _PROVIDERS
        return provider == EMBEDDED or not enough
