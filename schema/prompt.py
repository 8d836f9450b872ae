"""The prompt that is sent to a model, with where it came from."""

from typing import Self

import strawberry

from pipeline import domain
from schema.enums import PartOrigin


@strawberry.type(description="An expected reward: a mean with its 80 % interval.")
class Reward:
    """An expected reward."""

    mean: float = strawberry.field(description="The mean, in 0..1.")
    low: float = strawberry.field(description="The lower end of the 80 % interval.")
    high: float = strawberry.field(description="Its upper end.")
    evidence: int = strawberry.field(description="How many signals stand behind it.")

    @classmethod
    def from_domain(cls, reward: domain.Reward) -> Self:
        return cls(mean=reward.mean, low=reward.low, high=reward.high, evidence=reward.evidence)


@strawberry.type(description="A piece of the prompt.")
class PromptPart:
    """A piece of the prompt."""

    text: str = strawberry.field(description="The words.")
    origin: PartOrigin = strawberry.field(description="Who put them there.")
    reason: str | None = strawberry.field(description="Why, where there is something to say.")

    @classmethod
    def from_domain(cls, part: domain.PromptPart) -> Self:
        return cls(text=part.text, origin=part.origin, reason=part.reason)


@strawberry.type(description="The text that is sent to the model.")
class FinalPrompt:
    """The text that is sent to the model."""

    text: str = strawberry.field(description="All of it.")
    negative: str | None = strawberry.field(description="What the image should not show.")
    reward: Reward | None = strawberry.field(
        description="How well it is expected to do; null where nothing has been learnt yet."
    )
    parts: list[PromptPart] = strawberry.field(
        description="Its parts in order, each with origin and reason."
    )

    @classmethod
    def from_domain(cls, prompt: domain.FinalPrompt) -> Self:
        return cls(
            text=prompt.text,
            negative=prompt.negative,
            reward=Reward.from_domain(prompt.reward) if prompt.reward else None,
            parts=[PromptPart.from_domain(part) for part in prompt.parts],
        )
