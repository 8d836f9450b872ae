"""What a garment's type says about what the photo was not measured for."""

from collections.abc import Iterator

from pipeline.spec import SpecDetail, SpecSource, SpecText

PARENTS = {
    "blazer": "outwear",
    "blouse": "shirt",
    "hoodie": "longsleeve",
    "polo": "t-shirt",
    "top": "t-shirt",
    "undershirt": "t-shirt",
}
"""Finer types by the type that they are a kind of."""

# How often it holds for a garment of the kind, as estimated by eye on the training photos.
_DETAILS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "t-shirt": (("sleeve", "short", 0.95), ("neckline", "crew neck", 0.75)),
    "longsleeve": (("sleeve", "long", 0.97),),
    "outwear": (("sleeve", "long", 0.93),),
    "shirt": (("collar", "shirt collar", 0.93), ("closure", "buttons", 0.95)),
    "pants": (("length", "ankle", 0.85),),
    "polo": (("sleeve", "short", 0.9), ("collar", "polo collar", 0.97)),
    "hoodie": (("sleeve", "long", 0.95), ("collar", "hood", 0.97)),
    "blazer": (("sleeve", "long", 0.95), ("collar", "notched lapel", 0.9)),
    "undershirt": (("sleeve", "sleeveless", 0.9),),
    "top": (),
    "blouse": (),
}
_AESTHETICS = {
    "blazer": ("business", 0.6),
    "hoodie": ("casual", 0.6),
    "t-shirt": ("casual", 0.6),
    "polo": ("casual", 0.55),
    "undershirt": ("casual", 0.6),
    "shorts": ("casual", 0.6),
}


def details(kind: str, confidence: float) -> Iterator[SpecDetail]:
    """Yield what is likely of a garment of the type or subtype `kind`, itself that certain."""
    for name, value, often in _DETAILS.get(kind, ()):
        yield SpecDetail(name, value, round(confidence * often, 3), SpecSource.INFERRED)


def aesthetic(kind: str, confidence: float) -> SpecText | None:
    """Return what such a garment usually wants to say; None where kinds differ too much."""
    if kind not in _AESTHETICS:
        return None
    value, often = _AESTHETICS[kind]
    return SpecText(value, round(confidence * often, 3), SpecSource.INFERRED)
