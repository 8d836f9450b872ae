"""The garment specification (the VLT record) as values."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

GARMENT_TYPES = (
    "dress",
    "hat",
    "longsleeve",
    "outwear",
    "pants",
    "shirt",
    "shoes",
    "shorts",
    "skirt",
    "t-shirt",
)
PATTERNS = ("solid", "striped", "checked", "floral", "dotted", "graphic", "print", "colourblock")


class SpecSource(StrEnum):
    """Who says so. NOT_VISIBLE: nobody can; the value is None."""

    ANALYSIS = "ANALYSIS"
    HOSTED = "HOSTED"
    INFERRED = "INFERRED"
    DESIGNER = "DESIGNER"
    NOT_VISIBLE = "NOT_VISIBLE"


@dataclass(frozen=True, slots=True)
class SpecText:
    """One field; `confidence` is calibrated and in 0..1, a locked one is the designer's word."""

    value: str | None
    confidence: float
    source: SpecSource
    locked: bool = False


NOT_VISIBLE = SpecText(None, 0.0, SpecSource.NOT_VISIBLE)


@dataclass(frozen=True, slots=True)
class SpecDetail:
    """One field; `confidence` is calibrated, in 0..1; a locked one is the designer's word."""

    name: str
    value: str | None
    confidence: float
    source: SpecSource
    locked: bool = False


class ColorRole(StrEnum):
    """What a colour does in the garment."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ACCENT = "accent"


@dataclass(frozen=True, slots=True)
class SpecColor:
    """`hex` is `#rrggbb` in sRGB, `share` the part of the garment's area in 0..1."""

    name: str
    hex: str
    role: ColorRole
    share: float
    confidence: float
    source: SpecSource
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GarmentSpec:
    """What a garment is; `raw` keeps everything that was given, also what means nothing to us."""

    garment_type: SpecText = NOT_VISIBLE
    fabric: SpecText = NOT_VISIBLE
    colors: tuple[SpecColor, ...] = ()
    pattern: SpecText = NOT_VISIBLE
    silhouette: SpecText = NOT_VISIBLE
    aesthetic: SpecText = NOT_VISIBLE
    details: tuple[SpecDetail, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict[str, Any])
    version: int = 1

    def detail(self, name: str) -> str | None:
        """Return the value of the detail called `name`."""
        return next((d.value for d in self.details if d.name == name), None)
