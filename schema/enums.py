"""The enums of the API; most are the pipeline's own, described here for clients."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from pipeline.domain import (
    AspectRatio,
    AssetKind,
    FeedbackKind,
    GenerationMode,
    GenerationStatus,
    ImageStyle,
    PartOrigin,
    Quality,
    StageName,
    StageStatus,
)
from pipeline.spec import SpecSource

__all__ = [
    "AspectRatio",
    "AssetKind",
    "ChargeState",
    "FeedbackKind",
    "GenerationMode",
    "GenerationStatus",
    "ImageStyle",
    "PartOrigin",
    "PreferenceState",
    "Quality",
    "SpecSource",
    "StageName",
    "StageStatus",
    "Verdict",
]

E = TypeVar("E", bound=StrEnum)


def described(kind: type[E], meaning: str, values: Mapping[E, str]) -> None:
    """Make `kind` a GraphQL enum; `values` says what each member means."""
    strawberry.enum(kind, description=meaning)
    definition: StrawberryEnumDefinition = vars(kind)["__strawberry_definition__"]
    meanings = {member.name: text for member, text in values.items()}
    for value in definition.values:
        value.description = meanings[value.name]


class ChargeState(StrEnum):
    """What became of money that was set aside for a call."""

    RESERVED = "RESERVED"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"
    UNKNOWN = "UNKNOWN"


class Verdict(StrEnum):
    """Whether an image shows what was asked."""

    MATCH = "MATCH"
    DRIFT = "DRIFT"
    MISMATCH = "MISMATCH"
    NOT_MEASURED = "NOT_MEASURED"


class PreferenceState(StrEnum):
    """Who holds a preference: the learner, or the viewer's word."""

    LEARNT = "LEARNT"
    PINNED = "PINNED"
    BANNED = "BANNED"


described(
    GenerationStatus,
    "Where a generation stands. COMPLETED, FAILED and CANCELLED are terminal; only a retry leads "
    "on from them.",
    {
        GenerationStatus.PENDING: "Accepted and queued.",
        GenerationStatus.PROCESSING: "A worker is running its stages.",
        GenerationStatus.COMPLETED: "At least one of the wanted images was delivered.",
        GenerationStatus.FAILED: "No image came out of it; the error says why.",
        GenerationStatus.CANCELLED: "Stopped by its user.",
    },
)
described(
    GenerationMode,
    "What a generation starts from.",
    {
        GenerationMode.FROM_IMAGE: "A photo of a garment.",
        GenerationMode.FROM_SPEC: "A structured garment specification.",
        GenerationMode.FROM_PROMPT: "Words alone.",
    },
)
described(
    StageName,
    "The seven stages of the pipeline, in its order.",
    {
        StageName.ANALYSIS: "Reads the garment off the photo.",
        StageName.ENHANCEMENT: "Puts specification and words into fashion terms.",
        StageName.PERSONA: "Matches a style to the work.",
        StageName.ROUTING: "Chooses the image model.",
        StageName.OPTIMIZATION: "Adds to the prompt what feedback has taught.",
        StageName.GENERATION: "Has the model make the images: the step that may cost money.",
        StageName.DELIVERY: "Checks the images, stores and records them.",
    },
)
described(
    StageStatus,
    "Where a stage, or one of the images, stands.",
    {
        StageStatus.PENDING: "Still to come, or never reached where the run has failed.",
        StageStatus.RUNNING: "At work now.",
        StageStatus.COMPLETED: "Done.",
        StageStatus.SKIPPED: "Not needed; the summary says why.",
        StageStatus.FAILED: "Could not be done; the error says why.",
        StageStatus.CANCELLED: "Given up because the generation was cancelled.",
    },
)
described(
    Quality,
    "How much care, and money, a model should put into an image.",
    {Quality.STANDARD: "The model's ordinary quality.", Quality.HD: "Its best, often dearer."},
)
described(
    ImageStyle,
    "A rendering style, for models that know one.",
    {
        ImageStyle.VIVID: "Dramatic light and strong colours.",
        ImageStyle.NATURAL: "Close to a plain photo.",
    },
)
described(
    AspectRatio,
    "Width to height of the images.",
    {ratio: f"{ratio.terms[0]} wide to {ratio.terms[1]} high." for ratio in AspectRatio},
)
described(
    AssetKind,
    "What an image is to its generation.",
    {
        AssetKind.SOURCE: "The photo it started from.",
        AssetKind.GENERATED: "Made by a model.",
        AssetKind.ENHANCED: "A generated image that was worked on afterwards; reserved for later.",
    },
)
described(
    PartOrigin,
    "Who put a part into the prompt.",
    {
        PartOrigin.DESIGNER: "The designer's own words.",
        PartOrigin.ANALYSIS: "What the photo shows.",
        PartOrigin.ENHANCEMENT: "Fashion terms for the specification.",
        PartOrigin.PERSONA: "The matched persona's style.",
        PartOrigin.LEARNER: "Learnt from feedback.",
        PartOrigin.MODEL: "Added because this model needs it.",
    },
)
described(
    SpecSource,
    "Who says what a field of the specification says.",
    {
        SpecSource.ANALYSIS: "Our own reading of the photo.",
        SpecSource.HOSTED: "A hosted vision model.",
        SpecSource.INFERRED: "Concluded from other fields.",
        SpecSource.DESIGNER: "The designer.",
        SpecSource.NOT_VISIBLE: "Nobody can say; the value is null.",
    },
)
described(
    FeedbackKind,
    "What kind of feedback it is. Of HEART, RATING and OUTLIER a user gives one for each target: "
    "giving it again replaces it under the same id. Comments add up.",
    {
        FeedbackKind.OUTLIER: "It stands out from what the designer usually gets. A rating along "
        "with it tells in which direction; without one, learning leaves it out.",
        FeedbackKind.HEART: "Liked.",
        FeedbackKind.RATING: "One to five stars, in `rating`.",
        FeedbackKind.COMMENT: "Words, in `comment`.",
        FeedbackKind.PREFERRED: "`asset` rather than `preferredOver`.",
    },
)
described(
    Verdict,
    "How well an image, or one of its attributes, shows what was asked.",
    {
        Verdict.MATCH: "As asked.",
        Verdict.DRIFT: "Near to it.",
        Verdict.MISMATCH: "Something else.",
        Verdict.NOT_MEASURED: "Not measured.",
    },
)
described(
    ChargeState,
    "What became of money set aside for a call to a provider.",
    {
        ChargeState.RESERVED: "Set aside; the call is under way.",
        ChargeState.SETTLED: "Spent.",
        ChargeState.RELEASED: "Not spent after all.",
        ChargeState.UNKNOWN: "The provider was asked, and whether it ran cannot be established.",
    },
)
described(
    PreferenceState,
    "Where a preference comes from.",
    {
        PreferenceState.LEARNT: "Learnt from feedback, and open to change.",
        PreferenceState.PINNED: "Kept by the viewer's word, whatever feedback says.",
        PreferenceState.BANNED: "Never to be used, by the viewer's word.",
    },
)
