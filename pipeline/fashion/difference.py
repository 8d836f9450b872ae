"""The CIEDE2000 colour difference (Sharma, Wu and Dalal 2005)."""

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

Lab = tuple[float, float, float]

_KNEE = 25.0**7


def ciede2000(first: Lab, second: Lab) -> float:
    """Return ΔE00 of two CIELAB colours with kL = kC = kH = 1."""
    mean = (hypot(first[1], first[2]) + hypot(second[1], second[2])) / 2
    stretch = 1 + 0.5 * (1 - sqrt(mean**7 / (mean**7 + _KNEE)))
    chroma1, hue1 = _polar(first, stretch)
    chroma2, hue2 = _polar(second, stretch)
    turn, hue = _hues(hue1, hue2, grey=chroma1 * chroma2 == 0)
    lightness, chroma = (first[0] + second[0]) / 2, (chroma1 + chroma2) / 2
    weight_l, weight_c, weight_h = _weights(lightness, chroma, hue)
    by_l = (second[0] - first[0]) / weight_l
    by_c = (chroma2 - chroma1) / weight_c
    by_h = 2 * sqrt(chroma1 * chroma2) * sin(radians(turn) / 2) / weight_h
    return sqrt(by_l**2 + by_c**2 + by_h**2 + _rotation(chroma, hue) * by_c * by_h)


def _polar(colour: Lab, stretch: float) -> tuple[float, float]:
    """Return chroma and hue in degrees, 0..360, after stretching a."""
    a, b = colour[1] * stretch, colour[2]
    return hypot(a, b), degrees(atan2(b, a)) % 360


def _hues(hue1: float, hue2: float, *, grey: bool) -> tuple[float, float]:
    """Return the turn from one hue to the other and the hue between them, in degrees."""
    if grey:
        return 0.0, hue1 + hue2
    turn, middle = hue2 - hue1, (hue1 + hue2) / 2
    if abs(turn) <= 180:
        return turn, middle
    return turn - 360 if turn > 0 else turn + 360, middle + (180 if middle < 180 else -180)


def _weights(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    off = (lightness - 50) ** 2
    tone = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    return 1 + 0.015 * off / sqrt(20 + off), 1 + 0.045 * chroma, 1 + 0.015 * chroma * tone


def _rotation(chroma: float, hue: float) -> float:
    reach = 2 * sqrt(chroma**7 / (chroma**7 + _KNEE))
    return -reach * sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
