"""The embedded image model: draws the garment of a spec, or of the prompt's words."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from pipeline.fashion.reading import spec_from_text
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.sketch.draw import drawing
from pipeline.sketch.presses import Presses, presses
from pipeline.sketch.tones import cloths_of
from pipeline.sketch.traits import traits_of
from pipeline.spec import GarmentSpec, SpecText


@dataclass(frozen=True, slots=True)
class Sketch:
    """An `ImageModel` that needs no key and no network."""

    presses: Presses

    async def generate(self, request: ImageRequest) -> ImageResult:
        svg, drawn = await asyncio.to_thread(_drawn, request)
        picture = await self.presses.print(svg)
        return ImageResult(content=picture, content_type="image/png", metadata=drawn)


@asynccontextmanager
async def sketching(workers: int = 2) -> AsyncGenerator[Sketch, None]:
    """Hold the model with its rendering processes until the block ends."""
    async with presses(workers) as printing:
        yield Sketch(printing)


def filled(spec: GarmentSpec, words: GarmentSpec) -> GarmentSpec:
    """Return the spec with what the words say where it says nothing."""
    known = {detail.name for detail in spec.details if detail.value}
    return replace(
        spec,
        garment_type=_either(spec.garment_type, words.garment_type),
        fabric=_either(spec.fabric, words.fabric),
        colors=spec.colors or words.colors,
        pattern=_either(spec.pattern, words.pattern),
        silhouette=_either(spec.silhouette, words.silhouette),
        aesthetic=_either(spec.aesthetic, words.aesthetic),
        details=(
            *(detail for detail in spec.details if detail.value),
            *(detail for detail in words.details if detail.name not in known),
        ),
    )


def _drawn(request: ImageRequest) -> tuple[str, dict[str, object]]:
    """Return the picture as SVG, and what it shows."""
    spec = spec_from_text(request.prompt.text)
    if request.spec is not None:
        spec = filled(request.spec, spec)
    traits = traits_of(spec)
    main, others = cloths_of(spec)
    shown: dict[str, object] = {
        "garmentType": traits.kind,
        "subtype": traits.cut,
        "pattern": traits.pattern,
        "colors": [main, *others],
    }
    return drawing(spec, request.aspect_ratio, request.seed), shown


def _either(seen: SpecText, said: SpecText) -> SpecText:
    return seen if seen.value else said
