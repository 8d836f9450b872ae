"""OPTIMIZATION: what feedback adds to the prompt, and the reward to expect."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain import PromptPart, WorkspaceId
from pipeline.ports import Learner, Signals
from pipeline.prompting import compose
from pipeline.results import Optimization


@dataclass(frozen=True, slots=True)
class Optimise:
    """Asks the learner; what it adds stands last."""

    learner: Learner
    signals: Signals

    async def __call__(
        self,
        workspace: WorkspaceId,
        parts: Sequence[PromptPart],
        negative: str | None,
        seed: int,
    ) -> Optimization:
        """Settle the final prompt; the parts given stay as they are."""
        recent = await self.signals.recent(workspace)
        advice = await asyncio.to_thread(self.learner.advise, parts, recent, seed)
        prompt = compose((*parts, *advice.parts), negative, advice.reward)
        return Optimization(prompt, advice.reward, advice.reason)
