"""What an image model is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pipeline.calls import CallId
from pipeline.domain import AspectRatio, FinalPrompt, ImageStyle, Quality
from pipeline.images import ImageInfo
from pipeline.spec import GarmentSpec


class ReferenceRole(StrEnum):
    """What a photo is there for: SOURCE shows the garment, STYLE only how it should look."""

    SOURCE = "SOURCE"
    STYLE = "STYLE"


@dataclass(frozen=True, slots=True)
class Reference:
    """A photo beside the words, encoded."""

    content: bytes = field(repr=False)
    content_type: str
    role: ReferenceRole = ReferenceRole.SOURCE


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What a model takes of a photo: pixels on the longer side, and bytes."""

    max_side: int = 2048
    max_bytes: int = 7_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One image for a model to make; the spec rides along for the renderer that draws from it.

    References are as they were stored: a model gets them `prepared`. `source_influence` in 0..1
    says how closely to follow them. `call` is the line of the ledger. Up to `partials` pictures
    of the image on its way are wished for, where the model shows them. `alone`: no model of
    another provider may stand in, so that it is worth waiting for this one. `own_negative`: the
    designer gave some of the prompt's negative.
    """

    prompt: FinalPrompt
    aspect_ratio: AspectRatio
    quality: Quality
    style: ImageStyle | None
    seed: int
    slot: int
    spec: GarmentSpec | None = None
    references: tuple[Reference, ...] = ()
    source_influence: float = 0.8
    confidential: bool = False
    call: CallId | None = None
    partials: int = 0
    alone: bool = False
    own_negative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageResult:
    """One image as a model gave it; cost in US dollars, None for what was expected.

    `info` is what decoding all of `content` showed, None where that is still to be done.
    Each warning is a sentence about a wish that was put differently or left out.
    """

    content: bytes
    content_type: str
    info: ImageInfo | None = None
    cost: Decimal | None = None
    revised_prompt: str | None = None
    warnings: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
