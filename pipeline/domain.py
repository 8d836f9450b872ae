"""The values of a run: who asks, what for, what each stage decides, what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import inf
from typing import Any, NewType
from uuid import UUID

from pipeline.spec import GarmentSpec

UserId = NewType("UserId", UUID)
WorkspaceId = NewType("WorkspaceId", UUID)
GenerationId = NewType("GenerationId", UUID)
AssetId = NewType("AssetId", UUID)
FeedbackId = NewType("FeedbackId", UUID)
PersonaId = NewType("PersonaId", UUID)


class GenerationStatus(StrEnum):
    """Where a generation stands."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def terminal(self) -> bool:
        """Whether nothing more happens without a new attempt."""
        return self not in (GenerationStatus.PENDING, GenerationStatus.PROCESSING)


class GenerationMode(StrEnum):
    """How the work came in."""

    FROM_IMAGE = "FROM_IMAGE"
    FROM_SPEC = "FROM_SPEC"
    FROM_PROMPT = "FROM_PROMPT"


class StageName(StrEnum):
    """The seven stages in pipeline order."""

    ANALYSIS = "ANALYSIS"
    ENHANCEMENT = "ENHANCEMENT"
    PERSONA = "PERSONA"
    ROUTING = "ROUTING"
    OPTIMIZATION = "OPTIMIZATION"
    GENERATION = "GENERATION"
    DELIVERY = "DELIVERY"


class StageStatus(StrEnum):
    """Where a stage, or one image of a generation, stands."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Quality(StrEnum):
    """How much the model should spend on an image."""

    STANDARD = "STANDARD"
    HD = "HD"


class ImageStyle(StrEnum):
    """Rendering style, for the models that have one."""

    VIVID = "VIVID"
    NATURAL = "NATURAL"


class AspectRatio(StrEnum):
    """Width to height."""

    SQUARE = "SQUARE"
    LANDSCAPE_16_9 = "LANDSCAPE_16_9"
    PORTRAIT_9_16 = "PORTRAIT_9_16"
    LANDSCAPE_4_3 = "LANDSCAPE_4_3"
    PORTRAIT_3_4 = "PORTRAIT_3_4"
    LANDSCAPE_21_9 = "LANDSCAPE_21_9"
    PORTRAIT_9_21 = "PORTRAIT_9_21"
    LANDSCAPE_3_2 = "LANDSCAPE_3_2"
    PORTRAIT_2_3 = "PORTRAIT_2_3"

    @property
    def terms(self) -> tuple[int, int]:
        """Return (width, height) in the smallest whole numbers."""
        if self is AspectRatio.SQUARE:
            return 1, 1
        _, width, height = self.value.split("_")
        return int(width), int(height)


class AssetKind(StrEnum):
    """Where an image stands in the work."""

    SOURCE = "SOURCE"
    GENERATED = "GENERATED"
    ENHANCED = "ENHANCED"


class FeedbackKind(StrEnum):
    """What a user did with a picture."""

    OUTLIER = "OUTLIER"
    HEART = "HEART"
    RATING = "RATING"
    COMMENT = "COMMENT"
    PREFERRED = "PREFERRED"


class PartOrigin(StrEnum):
    """Where a part of the prompt came from."""

    DESIGNER = "DESIGNER"
    ANALYSIS = "ANALYSIS"
    ENHANCEMENT = "ENHANCEMENT"
    PERSONA = "PERSONA"
    LEARNER = "LEARNER"
    MODEL = "MODEL"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, and whose rows they may see."""

    user: UserId
    workspace: WorkspaceId
    name: str
    workspace_name: str
    scopes: frozenset[str] = frozenset({"read", "write"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSettings:
    """The wishes of one request; `source_influence` is in 0..1, `max_cost` in US dollars."""

    model: str | None = None
    provider: str | None = None
    quality: Quality = Quality.STANDARD
    style: ImageStyle | None = None
    aspect_ratio: AspectRatio = AspectRatio.SQUARE
    count: int = 1
    seed: int | None = None
    enhance: bool = True
    persona_id: PersonaId | None = None
    source_influence: float = 0.8
    learning: bool = True
    confidential: bool = False
    max_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that lies in the object store; sizes in bytes and pixels."""

    key: str
    content_type: str
    byte_size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the designer asked for, untouched."""

    mode: GenerationMode
    prompt: str | None = None
    negative_prompt: str | None = None
    settings: GenerationSettings = GenerationSettings()
    source: StoredImage | None = None
    spec: GarmentSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why something failed, in words a designer can act on."""

    code: str
    message: str
    stage: StageName | None = None
    retryable: bool = False
    charged: bool = False


@dataclass(frozen=True, slots=True)
class PromptPart:
    """A piece of the prompt with its origin and reason."""

    text: str
    origin: PartOrigin
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reward:
    """An expected reward: a mean in 0..1, its 80 % interval, and the signals behind it."""

    mean: float
    low: float
    high: float
    evidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalPrompt:
    """The text that is sent to the model."""

    text: str
    negative: str | None = None
    reward: Reward | None = None
    parts: tuple[PromptPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A style: attributes are aesthetic, palette, patterns, fabrics, silhouettes, keywords."""

    id: PersonaId
    name: str
    description: str
    attributes: Mapping[str, Any]
    built_in: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PersonaMatch:
    """The persona as it was when it was matched; score in 0..1."""

    persona: Persona
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCandidate:
    """One model the router looked at; score in 0..1, cost in US dollars for the whole request."""

    model: str
    eligible: bool
    reason: str
    score: float | None = None
    estimated_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The chosen catalogue key, why, and everything that was looked at, best first."""

    model: str
    reason: str
    candidates: tuple[RouteCandidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a stage settles about its generation, shown to clients; None leaves it as it was.

    `troubles` are warnings about one attempt, which the next one begins without.
    """

    spec: GarmentSpec | None = None
    persona: PersonaMatch | None = None
    route: Route | None = None
    final_prompt: FinalPrompt | None = None
    warnings: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An image that was made and awaits delivery; `key` is its place in the staging store.

    `image` is what it will be as an object, where it was decoded when it came.
    """

    key: str
    content_type: str
    model: str
    revised_prompt: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    image: StoredImage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """An image that a generation owns."""

    id: AssetId
    generation_id: GenerationId
    kind: AssetKind
    image: StoredImage
    url: str
    model: str | None = None
    provider: str | None = None
    seed: int | None = None
    revised_prompt: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One of the images a generation makes."""

    index: int
    status: StageStatus
    seed: int
    draft: Draft | None = None
    asset_id: AssetId | None = None
    cost: Decimal = Decimal(0)
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a generation as its record shows it."""

    name: StageName
    status: StageStatus = StageStatus.PENDING
    attempt: int = 1
    started_at: datetime | None = None
    finished_at: datetime | None = None
    summary: str | None = None
    output: Any = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One run of the pipeline; `head` is the workspace stream position that was read with it."""

    id: GenerationId
    workspace: WorkspaceId
    user: UserId
    brief: Brief
    status: GenerationStatus
    attempt: int
    facts: Facts
    parent_id: GenerationId | None
    cost: Decimal
    failure: Failure | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    head: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A generation as a worker took it on: what it writes counts only while `claim` holds.

    `takeovers` counts the workers that were lost with it, `seconds_left` are until its deadline.
    """

    id: GenerationId
    workspace: WorkspaceId
    brief: Brief
    attempt: int
    claim: int
    takeovers: int
    seed: int
    seconds_left: float = inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a user did with a generation or one of its images; rating in 1..5."""

    id: FeedbackId
    generation_id: GenerationId
    user: UserId
    kind: FeedbackKind
    asset_id: AssetId | None = None
    preferred_over: AssetId | None = None
    rating: int | None = None
    comment: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    created_at: datetime
    updated_at: datetime
