"""From colour names to numbers and back."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from pipeline.fashion.difference import Lab, ciede2000
from pipeline.fashion.palette import FAMILIES, NAMING, WRITTEN

BY_NAME = {name: (hex_, family) for name, hex_, family in (*NAMING, *WRITTEN)}

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")
_WHITE_D65 = (0.95047, 1.0, 1.08883)

# What an adjective does to lightness (0..100) and to chroma, as a part of what is there.
_SHADES: dict[str, tuple[Callable[[float], float], float]] = {
    "dark": (lambda light: light * 0.65, 0.9),
    "deep": (lambda light: light * 0.75, 1.05),
    "light": (lambda light: light + (100 - light) * 0.5, 0.65),
    "pale": (lambda light: light + (100 - light) * 0.65, 0.4),
    "pastel": (lambda light: max(light, 84.0), 0.5),
    "soft": (lambda light: light + (100 - light) * 0.2, 0.75),
    "washed": (lambda light: light + (100 - light) * 0.25, 0.6),
    "faded": (lambda light: light + (100 - light) * 0.25, 0.6),
    "dusty": (lambda light: light * 0.97, 0.55),
    "muted": (lambda light: light, 0.55),
    "bright": (lambda light: light + (100 - light) * 0.1, 1.25),
    "vivid": (lambda light: light, 1.3),
    "neon": (lambda light: max(light, 75.0), 1.5),
    "rich": (lambda light: light * 0.92, 1.1),
    "warm": (lambda light: light, 1.0),
    "cool": (lambda light: light, 1.0),
    "mid": (lambda light: light, 1.0),
    "medium": (lambda light: light, 1.0),
}
_FIRST_WORDS = frozenset(_SHADES) | {re.split("[ -]", name)[0] for name in BY_NAME}
# Families whose names make a compound; others side by side ("black white") are two colours.
_KIN = {
    frozenset(pair)
    for pair in (
        *(("navy", "blue"), ("light blue", "blue"), ("teal", "blue"), ("teal", "green")),
        *(("olive", "green"), ("burgundy", "red"), ("cream", "white"), ("tan", "brown")),
        *(("brown", "red"), ("purple", "blue"), ("orange", "pink"), ("orange", "red")),
        *(("pink", "red"), ("yellow", "orange"), ("yellow", "green"), ("orange", "brown")),
        *(("blue", "green"), ("blue", "grey"), ("green", "grey"), ("pink", "purple")),
        *(("brown", "grey"), ("tan", "beige"), ("beige", "cream"), ("cream", "yellow")),
    )
}
_HUES = frozenset({"blue", "green", "grey", "yellow", "orange", "red", "pink", "purple", "brown"})


@lru_cache(maxsize=4096)
def hex_of(name: str) -> str | None:
    """Return `#rrggbb` for a colour's name or hex, None where the name says nothing to us.

    Understands shades ("pale lilac") and compounds ("wine red", "blue-green").
    """
    words = _words(name)
    plain = _HEX.fullmatch("".join(words)) if words and words[0].startswith("#") else None
    if plain:
        digits = plain[1]
        return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
    return _resolve(words)


def may_begin(word: str) -> bool:
    """Whether a colour's name can begin with this word, quicker than trying."""
    return word in _FIRST_WORDS or word.startswith("#") or word.endswith("ish")


def spelt(name: str) -> str:
    """Return a colour's name in lower case, with British grey and the hyphens of our table."""
    words = " ".join(_words(name))
    return {"off white": "off-white", "off black": "off-black"}.get(words, words)


def name_of(hex_: str) -> str:
    """Return the everyday name nearest to a hex colour; raises ValueError where it is none."""
    return _nearest(*lab_of(hex_))[0]


def family_of(name_or_hex: str) -> str | None:
    """Return one of `FAMILIES`, None for an unknown name."""
    known = BY_NAME.get(spelt(name_or_hex))
    if known:
        return known[1]
    resolved = hex_of(name_or_hex)
    return _nearest(*lab_of(resolved))[1] if resolved else None


@cache
def lab_of(hex_: str) -> Lab:
    """Return CIELAB (D65, 2°) of an sRGB hex; raises ValueError where it is none."""
    found = _HEX.fullmatch(hex_.lower())
    if not found or len(found[1]) != 6:
        message = f"{hex_!r} is no hex colour."
        raise ValueError(message)
    red, green, blue = (_linear(int(found[1][i : i + 2], 16) / 255) for i in (0, 2, 4))
    x = 0.4124564 * red + 0.3575761 * green + 0.1804375 * blue
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = 0.0193339 * red + 0.1191920 * green + 0.9503041 * blue
    fx, fy, fz = (_root(v / white) for v, white in zip((x, y, z), _WHITE_D65, strict=True))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def hex_from_lab(lab: Lab) -> str:
    """Return the sRGB hex of a CIELAB colour, clipped to what sRGB can show."""
    fy = (lab[0] + 16) / 116
    roots = (fy + lab[1] / 500, fy, fy - lab[2] / 200)
    x, y, z = (_cube(f) * white for f, white in zip(roots, _WHITE_D65, strict=True))
    channels = (
        3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
        -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
        0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(max(c, 0.0), 1.0))):02x}" for c in channels)


def delta_e(hex_a: str, hex_b: str) -> float:
    """Return the CIEDE2000 difference of two hex colours."""
    return ciede2000(lab_of(hex_a), lab_of(hex_b))


def _words(name: str) -> list[str]:
    return re.findall(r"#?[a-z0-9]+", name.lower().replace("gray", "grey"))


def _resolve(words: list[str]) -> str | None:
    known = BY_NAME.get(spelt(" ".join(words)))
    if known or not words:
        return known[0] if known else None
    if words[0] in _SHADES:
        inner = _resolve(words[1:])
        return _shaded(inner, words[0]) if inner else None
    return _compound(words[:-1], words[-1])


def _compound(before: list[str], last: str) -> str | None:
    """Resolve "wine red" to wine, and "blue green" or "greenish blue" to what lies between."""
    first = BY_NAME.get(spelt(" ".join(_stem(word) for word in before)))
    if not first or last not in FAMILIES:
        return None
    toned = before[-1] != _stem(before[-1])
    if not toned and first[1] != last and frozenset((first[1], last)) not in _KIN:
        return None
    if toned or (_stem(before[-1]) in _HUES and before != [last]):
        return _between(first[0], BY_NAME[last][0])
    return first[0] if before != [last] else None


def _stem(word: str) -> str:
    stem = word.removesuffix("ish")
    return {"redd": "red", "tann": "tan"}.get(stem, stem)


def _shaded(hex_: str, shade: str) -> str:
    lighten, chroma = _SHADES[shade]
    light, a, b = lab_of(hex_)
    return hex_from_lab((lighten(light), a * chroma, b * chroma))


def _between(hex_a: str, hex_b: str) -> str:
    one, two = lab_of(hex_a), lab_of(hex_b)
    return hex_from_lab(((one[0] + two[0]) / 2, (one[1] + two[1]) / 2, (one[2] + two[2]) / 2))


@cache
def _nearest(light: float, a: float, b: float) -> tuple[str, str]:
    name, _, family = min(NAMING, key=lambda entry: ciede2000((light, a, b), lab_of(entry[1])))
    return name, family


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116


def _cube(root: float) -> float:
    return root**3 if root**3 > 216 / 24389 else (116 * root - 16) * 27 / 24389
