"""What an image model is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipeline.domain import AspectRatio, FinalPrompt, ImageStyle, Quality
from pipeline.spec import GarmentSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One image for a model to make; the spec rides along for the renderer that draws from it."""

    prompt: FinalPrompt
    aspect_ratio: AspectRatio
    quality: Quality
    style: ImageStyle | None
    seed: int
    slot: int
    spec: GarmentSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageResult:
    """One image as a model gave it, unchecked; cost in US dollars, None for what was expected."""

    content: bytes
    content_type: str
    cost: Decimal | None = None
    revised_prompt: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
