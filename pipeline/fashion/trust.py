"""What of a specification is sure enough to be put into words."""

from dataclasses import dataclass, replace

from pipeline.spec import NOT_VISIBLE, GarmentSpec, SpecSource, SpecText

SURE = 0.5
"""From this calibrated confidence on a field is likelier right than wrong."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A field that was left out: what it said, how sure it was, and whether a designer gave it."""

    field: str
    value: str
    confidence: float
    given: bool


def trusted(spec: GarmentSpec) -> tuple[GarmentSpec, tuple[Doubt, ...]]:
    """Return the spec without what is too unsure, and what that was."""
    doubts: list[Doubt] = []

    def kept(field: SpecText, name: str) -> SpecText:
        if field.value is None or field.confidence >= SURE:
            return field
        given = field.source is SpecSource.DESIGNER
        doubts.append(Doubt(name, field.value, field.confidence, given))
        return NOT_VISIBLE

    sure = replace(
        spec,
        garment_type=kept(spec.garment_type, "garment type"),
        fabric=kept(spec.fabric, "fabric"),
        pattern=kept(spec.pattern, "pattern"),
        silhouette=kept(spec.silhouette, "silhouette"),
        aesthetic=kept(spec.aesthetic, "aesthetic"),
        colors=tuple(colour for colour in spec.colors if colour.confidence >= SURE),
        details=tuple(d for d in spec.details if d.value is None or d.confidence >= SURE),
    )
    for colour in spec.colors:
        if colour.confidence < SURE:
            given = colour.source is SpecSource.DESIGNER
            doubts.append(Doubt("colour", colour.name, colour.confidence, given))
    for detail in spec.details:
        if detail.value is not None and detail.confidence < SURE:
            given = detail.source is SpecSource.DESIGNER
            doubts.append(Doubt(detail.name, detail.value, detail.confidence, given))
    return sure, tuple(doubts)
