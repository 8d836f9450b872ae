"""Draws the garment of a spec as a fashion flat."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import cos, radians, sin

from pipeline.domain import AspectRatio
from pipeline.fashion.telling import placements_of
from pipeline.sketch.chance import Chance
from pipeline.sketch.design import Design
from pipeline.sketch.finishes import finishes_of
from pipeline.sketch.flat import Flat, bent, box_of
from pipeline.sketch.frame import size_of
from pipeline.sketch.garments import views
from pipeline.sketch.ink import inked, svg
from pipeline.sketch.layout import arranged
from pipeline.sketch.path import Bend, Point
from pipeline.sketch.press import printed
from pipeline.sketch.textures import surface_of
from pipeline.sketch.tones import tones_of
from pipeline.sketch.traits import Traits, traits_of
from pipeline.spec import GarmentSpec


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG, and what it was made of: `flats` are the views on it, 0 the front."""

    svg: str
    traits: Traits
    flats: Mapping[int, Flat]


def draw(spec: GarmentSpec, aspect: AspectRatio, seed: int) -> bytes:
    """Return a PNG of the garment; the same arguments give the same bytes on every machine."""
    return printed(drawing(spec, aspect, seed).svg)


def drawing(spec: GarmentSpec, aspect: AspectRatio, seed: int) -> Drawing:
    """Return the picture."""
    chance = Chance(seed)
    traits, tones = traits_of(spec), tones_of(spec, chance)
    finishes = finishes_of(placements_of(spec), tones)
    size = size_of(aspect)
    flats = [bent(flat, _pose(chance, flat)) for flat in views(traits, chance)]
    boxes = [box_of(flat) for flat in flats]
    places = arranged(size, boxes, chance, traits.faces)

    def drawn() -> Iterator[str]:
        for item in places:
            flat, box = flats[item.view], boxes[item.view]
            unit = (box.width**2 + box.height**2) ** 0.5 / 100
            design = Design(
                traits, tones, chance, unit, item.view == 0, finishes, surface_of(traits)
            )
            yield from inked(flat, design, item.place, f"v{item.view}p")

    shown = {item.view: flats[item.view] for item in places}
    return Drawing(svg(size, tones.paper, drawn()), traits, shown)


def _pose(chance: Chance, flat: Flat) -> Bend:
    """Return a slight turn and sway, so that no two drawings lie alike."""
    box = box_of(flat)
    middle, top = box.centre[0], box.top
    angle = radians(chance.between(-3, 3, "turn"))
    sway = chance.between(-0.022, 0.022, "sway") * box.height

    def bend(point: Point) -> Point:
        x, y = point[0] - middle, point[1] - top
        x += sway * sin(3.1 * y / box.height)
        return (
            middle + x * cos(angle) - y * sin(angle),
            top + x * sin(angle) + y * cos(angle),
        )

    return bend
