"""OPTIMIZATION: the final prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from pipeline.domain import FeedbackKind, PartOrigin, PromptPart, WorkspaceId
from pipeline.learning.counting import Counting
from pipeline.stages.optimise import Optimise

MINE = WorkspaceId(uuid4())


@dataclass(frozen=True)
class Liked:
    kind: FeedbackKind
    rating: int | None
    parts: tuple[PromptPart, ...]


SOFT = PromptPart("soft light", PartOrigin.ENHANCEMENT)
HARD = PromptPart("hard flash", PartOrigin.ENHANCEMENT)


@dataclass(frozen=True)
class Remembered:
    async def recent(self, workspace: WorkspaceId) -> Sequence[Liked]:
        if workspace != MINE:
            return []
        return [
            *[Liked(FeedbackKind.HEART, None, (SOFT,))] * 6,
            *[Liked(FeedbackKind.RATING, 1, (HARD,))] * 6,
        ]


DRESS = PromptPart("a red dress.", PartOrigin.DESIGNER)


async def test_what_was_learnt_stands_last() -> None:
    settled = await Optimise(Counting(), Remembered())(MINE, [DRESS, HARD], "blur", 1)
    assert settled.prompt.text == "a red dress. hard flash, soft light"
    assert settled.prompt.negative == "blur"
    assert [part.origin for part in settled.prompt.parts][-1] is PartOrigin.LEARNER
    assert settled.reward
    assert settled.prompt.reward == settled.reward
    assert settled.facts.final_prompt == settled.prompt
    assert "soft light" in settled.summary


async def test_another_workspace_learns_nothing_from_it() -> None:
    settled = await Optimise(Counting(), Remembered())(WorkspaceId(uuid4()), [DRESS], None, 1)
    assert settled.prompt.text == "a red dress."
    assert settled.reward is None
    assert settled.prompt.reward is None
