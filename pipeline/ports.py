"""What the pipeline needs from outside while it runs."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

from pipeline.calls import CallId, OpenCall
from pipeline.domain import (
    Asset,
    Draft,
    Facts,
    Failure,
    FeedbackKind,
    Persona,
    PromptPart,
    Reward,
    Slot,
    StageName,
    StoredImage,
    WorkspaceId,
)
from pipeline.errors import DeadlineExceeded
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.paying import Till
from pipeline.results import StageResult
from pipeline.spec import GarmentSpec

R = TypeVar("R", bound=StageResult)

Report = Callable[[float | None, str | None], Awaitable[None]]
"""Tell watchers how far a stage is: a fraction in 0..1 where known, and a few words."""


Accepted = Callable[[str], Awaitable[None]]
"""Writes down the provider's id of a call, at once and for good."""


class ImageModel(Protocol):
    """Makes one image by one paid call; raises `StageFailed` or one of its kinds.

    A call is sent once: what is known not to have run says so by its error, and what nobody
    can tell raises `OutcomeUnknown`.
    """

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult: ...
    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Go on with a call that an earlier worker was about to send."""
        ...


class VisionModel(Protocol):
    """Reads a garment photo (encoded bytes); raises `StageFailed`."""

    async def analyse(self, photo: bytes) -> GarmentSpec: ...


class HostedVision(Protocol):
    """Reads a garment photo elsewhere, for money; raises `StageFailed`."""

    async def analyse(self, photo: bytes, till: Till) -> GarmentSpec: ...


class Objects(Protocol):
    """An object store; keys are `{workspace}/{sha256}.{ext}`, content never changes under a key."""

    async def put(self, key: str, content: bytes, content_type: str) -> None: ...
    async def get(self, key: str) -> bytes:
        """Raise `ObjectMissing` where there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Do nothing where there is none."""
        ...

    def url(self, key: str) -> str:
        """Return where a browser fetches it."""
        ...


class Fetch(Protocol):
    """Fetches an image by https address; raises `InvalidInput` on field "imageUrl"."""

    async def __call__(self, url: str) -> bytes: ...


class PersonaShelf(Protocol):
    """The personas a workspace can be matched with, its own and the built-in."""

    async def shelf(self, workspace: WorkspaceId) -> Sequence[Persona]: ...


class Signal(Protocol):
    """A piece of feedback as the learner reads it."""

    @property
    def kind(self) -> FeedbackKind: ...
    @property
    def rating(self) -> int | None: ...
    @property
    def parts(self) -> Sequence[PromptPart]:
        """The prompt parts of the image it is about."""
        ...


class Advice(Protocol):
    """What the learner says about one prompt."""

    @property
    def parts(self) -> Sequence[PromptPart]:
        """Modifiers to add, each with origin LEARNER and its reason."""
        ...

    @property
    def reward(self) -> Reward | None:
        """The expected reward; None without evidence."""
        ...

    @property
    def reason(self) -> str: ...


class Learner(Protocol):
    """Picks prompt modifiers from a workspace's signals."""

    def advise(
        self, parts: Sequence[PromptPart], signals: Sequence[Signal], seed: int
    ) -> Advice: ...


class Signals(Protocol):
    """A workspace's feedback for the learner, newest first, bounded."""

    async def recent(self, workspace: WorkspaceId) -> Sequence[Signal]: ...


class Journal(Protocol):
    """One run's record, fenced by its claim: every method raises `ClaimLost` once superseded."""

    async def step(
        self,
        name: StageName,
        result: type[R],
        work: Callable[[Report], Awaitable[R]],
        late: Callable[[DeadlineExceeded], Awaitable[R]] = ...,
    ) -> R:
        """Return the stage's stored result, or do `work`, store its result and return it.

        A `StageFailed` or `StageSkipped` is recorded on the stage and raised again; `late` makes
        the result of what there is when the stage's time is over, or raises.
        """
        ...

    async def skip(self, name: StageName, reason: str, facts: Facts = ...) -> None:
        """Record that the stage does not run, and why."""
        ...

    async def slots(self) -> Sequence[Slot]: ...
    async def open_calls(self) -> Sequence[OpenCall]:
        """Return the calls of this attempt whose outcome nobody has written down."""
        ...

    async def call_opened(
        self, request: ImageRequest, model: str, expected: Decimal | None
    ) -> CallId:
        """Record that the slot's call is to be sent, and what it should cost."""
        ...

    async def side_call_opened(self, model: str, provider: str, expected: Decimal) -> CallId:
        """Record that a call beside the images is sent now, and what it should cost.

        Raises `OutcomeUnknown` where this attempt sent one of whose end nobody heard, and
        `StageFailed` where the day's budget has not so much left.
        """
        ...

    async def call_accepted(self, call: CallId, external_id: str) -> None: ...
    async def call_released(self, call: CallId, note: str) -> None:
        """Record that the call is known not to have cost anything."""
        ...

    async def call_settled(self, call: CallId, amount: Decimal | None, note: str) -> None:
        """Record what a call cost that brought no image, or one that nobody waits for."""
        ...

    async def call_held(self, call: CallId, note: str) -> None:
        """Record that nobody can say what came of the call: its amount stays held."""
        ...

    async def slot_made(self, index: int, call: CallId, draft: Draft, cost: Decimal | None) -> None:
        """Record the draft, for a successor in the same attempt too, and settle its call."""
        ...

    async def slot_shown(
        self, index: int, image: StoredImage, put: Callable[[], Awaitable[None]]
    ) -> None:
        """Store a partial image with `put` and show it for a while; nothing depends on it."""
        ...

    async def slot_passed_on(self, index: int, trouble: str, message: str) -> None:
        """Tell at once why another model goes on with the slot, and keep it with the attempt."""
        ...

    async def slot_failed(self, index: int, failure: Failure) -> None:
        """Record and tell at once why there is no image."""
        ...

    async def slot_delivered(
        self, index: int, image: StoredImage, draft: Draft, put: Callable[[], Awaitable[None]]
    ) -> Asset:
        """Store with `put` and record the asset, under the lock that a removal takes too."""
        ...
