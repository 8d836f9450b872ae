"""What went wrong at providers since this process began: counted, and told in the log."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain import GenerationId
from pipeline.errors import StageFailed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Faults:
    """How often which provider failed with which code."""

    _counts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """The failures by provider and code."""
        return self._counts

    def note(
        self, provider: str, model: str, generation: GenerationId, slot: int, failed: StageFailed
    ) -> None:
        """Tell of a call that made no image; its message stays out, for it may quote the prompt."""
        self._counts[provider, failed.code] += 1
        charged = ", charged" if failed.charged else ""
        logger.warning(
            "%s of %s made no image %d of generation %s: %s%s",
            model,
            provider,
            slot + 1,
            generation,
            failed.code,
            charged,
        )
