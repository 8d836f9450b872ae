"""What shows of a cloth in a line drawing, as shapes laid over its colour."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from math import ceil

from pipeline.sketch.cuts import says
from pipeline.sketch.motifs import spot
from pipeline.sketch.path import Box
from pipeline.sketch.traits import Traits


class Texture(StrEnum):
    """A cloth with a surface of its own; the value is the words that ask for it."""

    LACE = "lace|crochet|broderie|eyelet|openwork"
    MESH = "mesh|fishnet|net"
    WALES = "corduroy|cord"
    CABLE = "cable|cable knit|aran"
    RIB = "rib|ribbed|ribbed knit|rib knit|knit|knitted|chunky knit"
    PILE = "fur|faux fur|shearling|sheepskin|teddy|fleece|sherpa|borg|mohair|fluffy"
    QUILT = "quilted|quilting|padded"
    SEQUIN = "sequin|beaded|embellished|studded|glitter"
    TWEED = "tweed|boucle"
    STRAW = "straw|raffia|wicker|basket"


Covering = Callable[[Box, float], Iterator[str]]


def texture_of(text: str) -> Texture | None:
    """Return the surface that the words for a cloth or its finish ask for."""
    return next((one for one in Texture if says(text.replace("é", "e"), one)), None)


def surface_of(traits: Traits) -> Texture | None:
    """Return the surface of the whole garment; a plain knit's stitches are too fine to show."""
    found = texture_of(f"{traits.cloth} {traits.finish}")
    plain = found is Texture.RIB and not says(traits.cloth, "rib|ribbed")
    return None if plain or traits.cut == "puffer" else found


def threads(texture: Texture, box: Box, unit: float) -> str:
    """Return path commands for the surface within a box; `unit` scales it, in cm."""
    return "".join(_COVERINGS[texture](box, unit))


def _steps(low: float, high: float, step: float) -> Iterator[float]:
    first = low - low % step
    for i in range(ceil((high - first) / step) + 1):
        yield first + i * step


def _places(box: Box, wide: float, high: float) -> Iterator[tuple[float, float]]:
    for row, y in enumerate(_steps(box.top, box.bottom, high)):
        for x in _steps(box.left, box.right, wide):
            yield x + (row % 2) * wide / 2, y


def _downwards(box: Box, step: float, width: float) -> Iterator[str]:
    for x in _steps(box.left, box.right, step):
        yield f"M{x:.2f},{box.top:.1f}h{width:.2f}V{box.bottom:.1f}h{-width:.2f}Z"


def _wales(box: Box, unit: float) -> Iterator[str]:
    return _downwards(box, unit * 1.25, unit * 0.22)


def _rib(box: Box, unit: float) -> Iterator[str]:
    return _downwards(box, unit * 1.7, unit * 0.16)


def _lace(box: Box, unit: float) -> Iterator[str]:
    """Yield rosettes of eyelets on a staggered ground."""
    size = unit * 2.6
    for x, y in _places(box, size, size * 0.87):
        yield spot(x, y, size * 0.17)
        for dx, dy in ((0.3, 0), (-0.3, 0), (0, 0.3), (0, -0.3)):
            yield spot(x + dx * size, y + dy * size, size * 0.09)


def _mesh(box: Box, unit: float) -> Iterator[str]:
    return _slanted(box, unit * 1.5, unit * 0.12)


def _quilt(box: Box, unit: float) -> Iterator[str]:
    return _slanted(box, unit * 5.4, unit * 0.2)


def _slanted(box: Box, step: float, width: float) -> Iterator[str]:
    """Yield lines both ways at 45 degrees."""
    reach = box.height
    for x in _steps(box.left - reach, box.right + reach, step):
        yield f"M{x:.2f},{box.top:.1f}l{reach:.1f},{reach:.1f}h{width:.2f}"
        yield f"l{-reach:.1f},{-reach:.1f}Z"
        yield f"M{x:.2f},{box.top:.1f}l{-reach:.1f},{reach:.1f}h{width:.2f}"
        yield f"l{reach:.1f},{-reach:.1f}Z"


def _pile(box: Box, unit: float) -> Iterator[str]:
    """Yield tufts that lie downwards."""
    size = unit * 2.3
    for x, y in _places(box, size, size * 0.8):
        yield (
            f"M{x:.2f},{y:.2f}q{size * 0.12:.2f},{size * 0.4:.2f} {size * 0.34:.2f},"
            f"{size * 0.52:.2f}q{-size * 0.3:.2f},{-size * 0.06:.2f} {-size * 0.34:.2f},"
            f"{-size * 0.52:.2f}Z"
        )


def _sequin(box: Box, unit: float) -> Iterator[str]:
    size = unit * 1.9
    for x, y in _places(box, size, size * 0.87):
        yield spot(x, y, size * 0.24)


def _tweed(box: Box, unit: float) -> Iterator[str]:
    size = unit * 2.2
    for x, y in _places(box, size, size * 0.6):
        yield f"M{x:.2f},{y:.2f}l{size * 0.34:.2f},{size * 0.14:.2f}v{size * 0.14:.2f}Z"


def _cable(box: Box, unit: float) -> Iterator[str]:
    """Yield twisted strands: a pair of waves for each cable, and a rib between."""
    step, turn, width = unit * 7.5, unit * 4.2, unit * 0.3
    count = ceil(box.height / turn) + 1
    for x in _steps(box.left - step, box.right, step):
        for sign in (1, -1):
            bow = f"{sign * unit * 2.4:.2f},{turn / 2:.2f} 0,{turn:.2f}"
            back = f"{-sign * unit * 2.4:.2f},{turn / 2:.2f} 0,{turn:.2f}"
            waves = "".join(f"q{bow if i % 2 else back}" for i in range(count))
            up = f"{sign * unit * 2.4:.2f},{-turn / 2:.2f} 0,{-turn:.2f}"
            down = f"{-sign * unit * 2.4:.2f},{-turn / 2:.2f} 0,{-turn:.2f}"
            undone = "".join(f"q{up if i % 2 else down}" for i in reversed(range(count)))
            yield f"M{x + unit * 2:.2f},{box.top:.1f}{waves}h{width:.2f}{undone}Z"
        yield f"M{x + step * 0.7:.2f},{box.top:.1f}h{width:.2f}V{box.bottom:.1f}h{-width:.2f}Z"


def _straw(box: Box, unit: float) -> Iterator[str]:
    size = unit * 2.4
    for x, y in _places(box, size, size * 0.5):
        yield f"M{x:.2f},{y:.2f}h{size * 0.5:.2f}v{size * 0.08:.2f}h{-size * 0.5:.2f}Z"


_COVERINGS: dict[Texture, Covering] = {
    Texture.LACE: _lace,
    Texture.MESH: _mesh,
    Texture.WALES: _wales,
    Texture.CABLE: _cable,
    Texture.RIB: _rib,
    Texture.PILE: _pile,
    Texture.QUILT: _quilt,
    Texture.SEQUIN: _sequin,
    Texture.TWEED: _tweed,
    Texture.STRAW: _straw,
}
