"""The embedded image model: draws the garment of a spec, or of the prompt's words."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pipeline.imaging import ImageRequest, ImageResult
from pipeline.prompting import pictured
from pipeline.sketch.draw import drawing
from pipeline.sketch.presses import Presses, presses
from pipeline.sketch.tones import cloths_of, placed_accents
from pipeline.sketch.traits import drawable, traits_of
from pipeline.spec import GarmentSpec


@dataclass(frozen=True, slots=True)
class Sketch:
    """An `ImageModel` that needs no key and no network."""

    presses: Presses

    async def generate(self, request: ImageRequest) -> ImageResult:
        svg, drawn, warnings = await asyncio.to_thread(_drawn, request)
        picture = await self.presses.print(svg)
        return ImageResult(
            content=picture, content_type="image/png", warnings=warnings, metadata=drawn
        )


@asynccontextmanager
async def sketching(workers: int = 2) -> AsyncGenerator[Sketch, None]:
    """Hold the model with its rendering processes until the block ends."""
    async with presses(workers) as printing:
        yield Sketch(printing)


def _drawn(request: ImageRequest) -> tuple[str, dict[str, object], tuple[str, ...]]:
    """Return the picture as SVG, what it shows, and what it could only guess."""
    spec = pictured(request.prompt, request.spec)
    traits = traits_of(spec)
    main, others = cloths_of(spec)
    shown: dict[str, object] = {
        "garmentType": traits.kind,
        "subtype": traits.cut,
        "pattern": traits.pattern,
        "colors": [main, *others],
    }
    return drawing(spec, request.aspect_ratio, request.seed), shown, tuple(_guesses(spec))


def _guesses(spec: GarmentSpec) -> Iterator[str]:
    if not drawable(spec):
        named = spec.detail("subtype") or spec.garment_type.value
        lack = f"sketch can't draw a {named}" if named else "No garment was named"
        yield f"{lack}: a plain t-shirt stands in"
    if not spec.colors:
        yield "No colour was named: sketch chose a neutral one"
    if "suit" in (spec.detail("subtype") or "").split():
        yield "Of a suit, sketch draws the jacket"
    for colour, part, cloth in placed_accents(spec):
        if colour and cloth is None:
            yield f"sketch doesn't draw the {colour} {part}"
