"""How many tokens pictures and texts cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from twin.openai.models import MILLION, LanguageModel, Rates
from twin.photos import size_of
from twin.values import JsonObject

# Medium quality of the newer models; further qualities are multiples of it.
_MEDIUM = {
    (1024, 1024): 439,
    (1024, 1536): 343,
    (1080, 1920): 343,
    (1440, 2560): 478,
    (2160, 3840): 865,
}
_EXACT = {
    ("low", (1024, 1024)): 196,
    ("low", (1024, 1536)): 158,
    ("low", (1080, 1920)): 147,
    ("low", (1440, 2560)): 205,
    ("low", (2160, 3840)): 371,
    ("high", (1080, 1920)): 1320,
    ("high", (1440, 2560)): 1843,
    ("high", (2160, 3840)): 3336,
    ("xhigh", (1024, 1024)): 3122,
    ("xhigh", (1080, 1920)): 2347,
    ("xhigh", (1440, 2560)): 3276,
    ("xhigh", (2160, 3840)): 5930,
    ("max", (1080, 1920)): 5280,
    ("max", (1440, 2560)): 7370,
    ("max", (2160, 3840)): 13342,
}
_TIMES = {"low": 0.446, "medium": 1.0, "high": 4.0, "xhigh": 7.111, "max": 16.0}
# The model gpt-image-2 has three qualities, as far apart as five of the later ones.
_COARSE = {"low": "low", "medium": "high", "high": "max"}
_OLD = {
    "low": (272, 408, 400),
    "medium": (1056, 1584, 1568),
    "high": (4160, 6240, 6208),
}
_PARTIAL = 100
_TILE = 512
_BASE, _PER_TILE = 65, 129
_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that went in and came out."""

    text_in: int
    image_in: int
    out: int

    def usd(self, rates: Rates) -> Decimal:
        """Return what they cost."""
        return (
            self.text_in * rates.text_in + self.image_in * rates.image_in + self.out * rates.out
        ) / MILLION

    def shown(self) -> JsonObject:
        """Return it as the Images API does."""
        return {
            "input_tokens": self.text_in + self.image_in,
            "input_tokens_details": {"text_tokens": self.text_in, "image_tokens": self.image_in},
            "output_tokens": self.out,
            "output_tokens_details": {"image_tokens": self.out, "text_tokens": 0},
            "total_tokens": self.text_in + self.image_in + self.out,
        }


def picture_tokens(quality: str, size: tuple[int, int], partials: int = 0) -> int:
    """Return the tokens of a picture; sizes that are not published are estimated."""
    turned = (min(size), max(size))
    exact = _EXACT.get((quality, turned))
    return (exact or round(_TIMES[quality] * _medium(turned))) + _PARTIAL * partials


def coarse(quality: str) -> str:
    """Return what a quality of gpt-image-2 is called at its successors."""
    return _COARSE[quality]


def old_tokens(quality: str, size: tuple[int, int], partials: int = 0) -> int:
    """Return the tokens of a picture of the first generation."""
    width, height = size
    return _OLD[quality][(height > width) + 2 * (width > height)] + _PARTIAL * partials


def text_tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return ceil(len(text) / _LETTERS)


def sent_tokens(photos: Iterable[bytes]) -> int:
    """Return the tokens of pictures that are sent, by tiles of their shorter side."""
    return sum(_BASE + _PER_TILE * _tiles(photo) for photo in photos)


def language_usd(model: LanguageModel, tokens_in: int, tokens_out: int) -> Decimal:
    """Return what a response costs."""
    return (tokens_in * model.usd_in + tokens_out * model.usd_out) / MILLION


def _tiles(photo: bytes) -> int:
    size = size_of(photo)
    return ceil(max(size) / min(size)) if size else 1


def _medium(size: tuple[int, int]) -> float:
    """Return the published figure, or one between: rising with area, falling with length."""
    if size in _MEDIUM:
        return _MEDIUM[size]
    megapixels, ratio = size[0] * size[1] / 1e6, size[1] / size[0]
    if ratio < 1.5:
        shape = 1.70 - (1.70 - 1.14) * (ratio - 1) / 0.5
    else:
        shape = max(1.0, 1.14 - 0.14 * (ratio - 1.5) / 0.278)
    return shape * (170 + 83.7 * megapixels)
