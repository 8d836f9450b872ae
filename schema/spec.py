"""The garment specification as clients see it."""

from typing import Self

import strawberry
from strawberry.scalars import JSON

from pipeline import spec as domain
from schema.enums import SpecSource

_VALUE = "The value; null where nobody can say."
_CONFIDENCE = "How sure that is, in 0..1: of the fields that say 0.8, eight in ten are right."
_SOURCE = "Who says so."
_LOCKED = "Whether it is the designer's word, which no stage changes."


@strawberry.type(description="A field of the specification.")
class SpecText:
    """A field of the specification."""

    value: str | None = strawberry.field(description=_VALUE)
    confidence: float = strawberry.field(description=_CONFIDENCE)
    source: SpecSource = strawberry.field(description=_SOURCE)
    locked: bool = strawberry.field(description=_LOCKED)

    @classmethod
    def from_domain(cls, field: domain.SpecText) -> Self:
        return cls(
            value=field.value,
            confidence=field.confidence,
            source=field.source,
            locked=field.locked,
        )


@strawberry.type(description="A named detail of the garment.")
class SpecDetail:
    """A named detail of the garment."""

    name: str = strawberry.field(
        description="Such as subtype, neckline, sleeve, length, closure, collar, fit or print; "
        "a designer may name others."
    )
    value: str | None = strawberry.field(description=_VALUE)
    confidence: float = strawberry.field(description=_CONFIDENCE)
    source: SpecSource = strawberry.field(description=_SOURCE)
    locked: bool = strawberry.field(description=_LOCKED)

    @classmethod
    def from_domain(cls, detail: domain.SpecDetail) -> Self:
        return cls(
            name=detail.name,
            value=detail.value,
            confidence=detail.confidence,
            source=detail.source,
            locked=detail.locked,
        )


@strawberry.type(description="A colour of the garment.")
class SpecColor:
    """A colour of the garment."""

    name: str = strawberry.field(description="What people call it.")
    hex: str = strawberry.field(description="`#rrggbb` in sRGB.")
    role: str = strawberry.field(description="primary, secondary or accent.")
    share: float = strawberry.field(description="Its part of the garment's area, in 0..1.")
    confidence: float = strawberry.field(description=_CONFIDENCE)
    source: SpecSource = strawberry.field(description=_SOURCE)
    locked: bool = strawberry.field(description=_LOCKED)

    @classmethod
    def from_domain(cls, colour: domain.SpecColor) -> Self:
        return cls(
            name=colour.name,
            hex=colour.hex,
            role=colour.role.value,
            share=colour.share,
            confidence=colour.confidence,
            source=colour.source,
            locked=colour.locked,
        )


@strawberry.type(description="What a garment is, field by field, each with its source.")
class GarmentSpec:
    """What a garment is."""

    version: int = strawberry.field(description="The version of this form of specification.")
    garment_type: SpecText = strawberry.field(
        description="dress, hat, longsleeve, outwear, pants, shirt, shoes, shorts, skirt or "
        "t-shirt; what is finer is the detail `subtype`."
    )
    fabric: SpecText = strawberry.field(description="The cloth, such as silk satin.")
    colors: list[SpecColor] = strawberry.field(description="Its colours, the largest first.")
    pattern: SpecText = strawberry.field(description="Such as solid, striped or floral.")
    silhouette: SpecText = strawberry.field(description="Its outline, such as A-line.")
    aesthetic: SpecText = strawberry.field(description="Its style, such as elegant.")
    details: list[SpecDetail] = strawberry.field(description="Everything else that has a name.")
    raw: JSON = strawberry.field(
        description="All that was given, keys included that mean nothing to us."
    )

    @classmethod
    def from_domain(cls, spec: domain.GarmentSpec) -> Self:
        return cls(
            version=spec.version,
            garment_type=SpecText.from_domain(spec.garment_type),
            fabric=SpecText.from_domain(spec.fabric),
            colors=[SpecColor.from_domain(colour) for colour in spec.colors],
            pattern=SpecText.from_domain(spec.pattern),
            silhouette=SpecText.from_domain(spec.silhouette),
            aesthetic=SpecText.from_domain(spec.aesthetic),
            details=[SpecDetail.from_domain(detail) for detail in spec.details],
            raw=JSON(spec.raw),
        )
