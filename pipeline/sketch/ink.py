"""Writes a drawing as SVG: fills, patterns clipped to their cloth, lines by weight."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor

from pipeline.fashion.parts import Part
from pipeline.sketch.design import Design, Layer
from pipeline.sketch.finishes import finish_of
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, box_of, part_of
from pipeline.sketch.motifs import picture
from pipeline.sketch.path import Box, Path
from pipeline.sketch.patterns import blocks, layers, turn_of
from pipeline.sketch.textures import Texture, threads
from pipeline.sketch.tones import mixed
from pipeline.sketch.traits import Fabric

_WEIGHT = {Pen.OUTLINE: 2.6, Pen.SEAM: 1.9, Pen.DETAIL: 1.4, Pen.STITCH: 1.2}
_SILHOUETTE = 6.4
_SMALL = frozenset({"hat", "shoes"})
_THREAD = "#d3994a"
# Where a graphic sits on its piece: across and down as parts of its box, size as one of its width.
_SPOTS = {
    "pants": (0.74, 0.3, 0.24),
    "shorts": (0.76, 0.55, 0.26),
    "skirt": (0.5, 0.6, 0.4),
    "dress": (0.5, 0.3, 0.3),
    "outwear": (0.72, 0.34, 0.32),
    "shirt": (0.29, 0.32, 0.3),
    "hat": (0.5, 0.5, 0.3),
    "shoes": (0.55, 0.55, 0.16),
}
_STEPS = 40
"""Of how many bands a blend of colours is made."""
_CHEST = (0.5, 0.4, 0.44)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a flat goes: `scale` in pixels per cm, and the pixel of its origin."""

    scale: float
    x: float
    y: float

    def __call__(self, point: tuple[float, float]) -> tuple[float, float]:
        return self.x + point[0] * self.scale, self.y + point[1] * self.scale

    @property
    def transform(self) -> str:
        return f"translate({self.x:.2f} {self.y:.2f}) scale({self.scale:.4f})"


def svg(size: tuple[int, int], paper: str, drawn: Iterator[str]) -> str:
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' stroke-linejoin="round" stroke-linecap="round">'
        f'<rect width="{width}" height="{height}" fill="{paper}"/>{"".join(drawn)}</svg>'
    )


def inked(flat: Flat, design: Design, place: Place, name: str) -> Iterator[str]:
    """Yield the SVG of one view; `name` keeps the ids of two views apart."""
    whole = box_of(flat)
    bearer = _bearer(flat, design)
    patterned = design.traits.blended or design.traits.pattern != "solid"
    yield from _silhouette(flat, design, place)
    for i, item in enumerate(flat):
        own = design.on(part_of(item))
        if isinstance(item, Mark):
            yield _line(item.path.bent(place), item.pen, own or design)
            continue
        outline = item.path.bent(place)
        if own:
            fill, cover = own.tones.main, _covered(item, own, whole, bearing=False)
        else:
            fill = design.tones.of(item.cloth, patterned=patterned)
            shell = item.cloth is Cloth.SHELL
            cover = _covered(item, design, whole, bearing=item is bearer) if shell else ""
        if cover:
            yield _cloth(
                f"{name}{i}", outline, fill, f'<g transform="{place.transform}">{cover}</g>'
            )
            fill = f"url(#{name}{i})"
        yield f'<path d="{outline}" fill="{fill}"/>'
        yield _line(outline, item.edge, own or design)


def _covered(piece: Piece, design: Design, whole: Box, *, bearing: bool) -> str:
    """Return what is laid over the colour of a piece: its pattern, and the surface of its cloth."""
    cover = "".join(_cover(piece, design, whole, bearing=bearing))
    if design.texture is None or design.traits.pattern != "solid":
        return cover
    surface = _surface(design, design.texture)
    return _turned(piece.path.box, piece.grain, surface) + cover


def _bearer(flat: Flat, design: Design) -> Piece:
    """Return the piece that carries graphics and bands: the crown of a hat, else the largest."""
    shells = [item for item in flat if isinstance(item, Piece) and item.cloth is Cloth.SHELL]
    if design.traits.kind == "hat":
        return min(shells, key=lambda piece: piece.path.box.width)
    return max(shells, key=lambda piece: piece.path.area)


def _silhouette(flat: Flat, design: Design, place: Place) -> Iterator[str]:
    """Yield the cast shadow and the heavy outer line, which the pieces then cover."""
    outlines = "".join(str(item.path.bent(place)) for item in flat if isinstance(item, Piece))
    shadow = mixed(design.tones.paper, "#3a3733", 0.13)
    yield f'<path d="{outlines}" fill="{shadow}" transform="translate(7 9)"/>'
    ink = design.tones.outline
    yield f'<path d="{outlines}" fill="none" stroke="{ink}" stroke-width="{_SILHOUETTE}"/>'


def _line(outline: Path, pen: Pen, design: Design) -> str:
    tones = design.tones
    if pen is Pen.FOLD:
        return f'<path d="{outline}" fill="{tones.line}"/>'
    if pen is Pen.SHADE:
        return f'<path d="{outline}" fill="{tones.line}" fill-opacity=".22"/>'
    colour = tones.outline if pen is Pen.OUTLINE and not tones.dark else tones.line
    weight = _WEIGHT[pen]
    if pen is Pen.STITCH:
        told = finish_of(design.finishes, Part.STITCH)
        denim = design.traits.fabric is Fabric.DENIM
        colour = told.ground if told else _THREAD if denim else colour
        weight = 2.2 if told else weight
    dash = ' stroke-dasharray="5 4" stroke-linecap="butt"' if pen is Pen.STITCH else ""
    return f'<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{weight}"{dash}/>'


def _cloth(name: str, outline: Path, ground: str, cover: str) -> str:
    """Return a fill that covers the outline exactly once, which is cheaper than to clip to it."""
    box = outline.box
    left, top = floor(box.left) - 2, floor(box.top) - 2
    width, height = ceil(box.right) + 2 - left, ceil(box.bottom) + 2 - top
    area = f'width="{width}" height="{height}"'
    return (
        f'<pattern id="{name}" patternUnits="userSpaceOnUse" {area}'
        f' patternTransform="translate({left} {top})"><rect {area} fill="{ground}"/>'
        f'<g transform="translate({-left} {-top})">{cover}</g></pattern>'
    )


def _cover(piece: Piece, design: Design, whole: Box, *, bearing: bool) -> Iterator[str]:
    """Yield what is laid over the main colour of a piece, in cm."""
    traits, tones = design.traits, design.tones
    box = piece.path.box
    match traits.pattern:
        case "colourblock":
            seen = box if traits.kind in _SMALL else whole
            for start, end, colour in blocks(tones):
                yield _strip(
                    box, seen.top + seen.height * start, seen.height * (end - start), colour
                )
        case "solid" if traits.blended:
            yield from _blended(box, box if traits.kind in _SMALL else whole, design)
        case "graphic":
            if bearing and design.front:
                yield from _graphic(box, design)
        case "solid":
            if bearing or traits.kind in _SMALL:
                yield from _bands(piece, design)
        case _:
            yield _turned(
                piece.path.box, piece.grain + turn_of(traits), lambda b: layers(design, b)
            )


def _blended(box: Box, seen: Box, design: Design) -> Iterator[str]:
    """Yield how the colours run into each other down the garment."""
    stops = (design.tones.main, *design.colours)
    height = seen.height / _STEPS
    for i in range(_STEPS):
        at = i / (_STEPS - 1) * (len(stops) - 1)
        before = min(int(at), len(stops) - 2)
        colour = mixed(stops[before], stops[before + 1], at - before)
        yield _strip(box, seen.top + height * i, height * 1.1, colour)


def _turned(box: Box, turn: float, drawn: Callable[[Box], Iterable[Layer]]) -> str:
    """Return what covers a box, turned clockwise by so many degrees."""
    x, y = box.centre
    reach = (box.width**2 + box.height**2) ** 0.5 / 2 + 1
    turned = Box(x - reach, y - reach, x + reach, y + reach) if turn else box
    shapes = "".join(f'<path fill="{c}" d="{d}"/>' for c, d in drawn(turned))
    return f'<g transform="rotate({turn:.2f} {x:.2f} {y:.2f})">{shapes}</g>'


def _surface(design: Design, texture: Texture) -> Callable[[Box], Iterable[Layer]]:
    return lambda box: ((design.tones.thread, threads(texture, box, design.unit)),)


def _strip(box: Box, top: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{box.left:.2f}" y="{top:.2f}" width="{box.width:.2f}"'
        f' height="{height:.2f}" fill="{colour}"/>'
    )


def _graphic(box: Box, design: Design) -> Iterator[str]:
    across, down, part = _SPOTS.get(design.traits.kind, _CHEST)
    size = box.width * part * design.chance.between(0.86, 1.12, "graphic")
    x, y = box.left + box.width * across, box.top + box.height * down
    for colour, shape in picture(design.traits.motif, x, y, size, design.colours):
        yield f'<path fill="{colour}" d="{shape}"/>'


def _bands(piece: Piece, design: Design) -> Iterator[str]:
    """Yield contrast bands, so that every colour shows; soles have the second one already."""
    box = piece.path.box
    small = design.traits.kind in _SMALL
    height = box.height * min(0.09 if small else 0.05, 0.22 / max(1, len(design.tones.others)))
    top = box.top + box.height * (0.5 if small else 0.66)
    others = design.tones.others[1 if design.traits.kind == "shoes" else 0 :]
    for i, colour in enumerate(others):
        yield _strip(box, top + i * height * 1.35, height, colour)
