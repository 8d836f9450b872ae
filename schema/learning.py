"""What the learner believes about a viewer."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import strawberry

from pipeline import domain
from pipeline.repositories import Page, PageRequest
from schema.connection import After, Before, Connection, First, Last, Window, connection
from schema.enums import PreferenceState
from schema.errors import InvalidInput, NotFound
from schema.feedback import Feedback
from schema.node import Node
from schema.prompt import Reward


@strawberry.type(description="An effect on the expected reward, with its 80 % interval.")
class Effect:
    """An effect on the expected reward."""

    mean: float = strawberry.field(description="The mean difference, in -1..1.")
    low: float = strawberry.field(description="The lower end of the 80 % interval.")
    high: float = strawberry.field(description="Its upper end.")
    evidence: int = strawberry.field(description="How many signals stand behind it.")


@strawberry.type(description="Something the learner believes about the viewer.")
class Preference(Node):
    """Something the learner believes about the viewer."""

    read: strawberry.Private[Callable[[PageRequest], Awaitable[Page[domain.Feedback]]]]
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    statement: str = strawberry.field(description="The belief as a sentence.")
    slot: str = strawberry.field(description="What part of a prompt it is about.")
    modifier: str = strawberry.field(description="The words that are preferred, or not.")
    effect: Effect = strawberry.field(description="What they do to the expected reward.")
    state: PreferenceState = strawberry.field(description="Where the belief comes from.")

    @strawberry.field(description="The feedback behind it, oldest first.")
    async def signals(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Feedback]:
        window = Window.of(first, after, last, before)
        return connection(window, await self.read(window.request), Feedback.from_domain, self.count)


@strawberry.type(description="How well the learner did at a time.")
class LearningPoint:
    """How well the learner did at a time."""

    at: datetime = strawberry.field(description="The time.")
    signals: int = strawberry.field(description="How many signals there were by then.")
    reward: Reward = strawberry.field(description="The reward with what was learnt.")
    baseline: Reward = strawberry.field(description="The reward without.")


PreferenceResult = Annotated[
    Preference | InvalidInput | NotFound,
    strawberry.union("PreferenceResult", description="The preference, or why there is none."),
]
