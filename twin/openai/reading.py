"""What the twin's language models understand of a text and of pictures."""

from dataclasses import dataclass

from pipeline.fashion.colours import name_of
from pipeline.fashion.describing import detail_phrase, garment_phrase
from pipeline.fashion.reading import spec_from_text
from pipeline.spec import (
    GARMENT_TYPES,
    ColorRole,
    GarmentSpec,
    SpecColor,
    SpecDetail,
    SpecSource,
    SpecText,
)
from twin.chance import between, number, pick
from twin.photos import main_colour, size_of
from twin.requests import digest

_FABRICS = ("cotton", "wool", "silk", "linen", "denim")
_PATTERNS = ("solid", "solid", "striped", "floral")
_SILHOUETTES = ("relaxed", "fitted", "straight", "a-line")
_AESTHETICS = ("minimalist", "casual", "classic", "romantic")
_DETAILS = {
    "neckline": ("crew neck", "v-neck", "boat neck"),
    "sleeve": ("long", "short", "sleeveless"),
    "length": ("mini", "knee", "maxi"),
    "closure": ("buttons", "zip", "none"),
}
_PHOTOGRAPH = "editorial fashion photograph, soft daylight, plain backdrop, sharp fabric texture"


@dataclass(frozen=True, slots=True)
class Reading:
    """A garment and the words that were said; `seed` decides what neither tells."""

    spec: GarmentSpec
    text: str
    seed: int

    @property
    def description(self) -> str:
        """The garment in a sentence; where there is none, the words that were said."""
        phrase = garment_phrase(self.spec)
        if phrase is None:
            return f"{self.text.strip() or 'a garment'}, {_PHOTOGRAPH}"
        known = ("subtype", "print", "finish")
        details = [
            detail_phrase(detail.name, detail.value)
            for detail in self.spec.details
            if detail.value and detail.name not in known
        ]
        return ", ".join([phrase, *details, _PHOTOGRAPH])

    @property
    def words(self) -> list[str]:
        """What the garment is, word by word."""
        spec = self.spec
        fields = (spec.garment_type, spec.fabric, spec.pattern, spec.silhouette, spec.aesthetic)
        return [field.value for field in fields if field.value]


def reading_of(text: str, photos: tuple[bytes, ...]) -> Reading:
    """Read the photo where there is one, else the text."""
    readable = [photo for photo in photos if size_of(photo)]
    seed = number("reading", text, *(digest(photo) for photo in readable[:1]))
    return Reading(_seen(readable[0], seed) if readable else spec_from_text(text), text, seed)


def _seen(photo: bytes, seed: int) -> GarmentSpec:
    """Return the photo's own colour, and a garment that is always the same for that photo."""
    colour = main_colour(photo)
    return GarmentSpec(
        garment_type=_guess("garment", GARMENT_TYPES, seed),
        colors=(
            SpecColor(name_of(colour), colour, ColorRole.PRIMARY, 1.0, 0.9, SpecSource.HOSTED),
        ),
        details=tuple(
            SpecDetail(name, pick(options, seed, name), _sureness(seed, name), SpecSource.HOSTED)
            for name, options in _DETAILS.items()
        ),
        fabric=_guess("fabric", _FABRICS, seed),
        pattern=_guess("pattern", _PATTERNS, seed),
        silhouette=_guess("silhouette", _SILHOUETTES, seed),
        aesthetic=_guess("aesthetic", _AESTHETICS, seed),
    )


def _guess(name: str, options: tuple[str, ...], seed: int) -> SpecText:
    return SpecText(pick(options, seed, name), _sureness(seed, name), SpecSource.HOSTED)


def _sureness(seed: int, name: str) -> float:
    return round(between(0.6, 0.95, seed, "sure", name), 2)
