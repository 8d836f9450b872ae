"""The embedded image model: draws the garment of a spec, or of the prompt's words."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pipeline.imaging import ImageRequest, ImageResult
from pipeline.prompting import pictured
from pipeline.sketch.draw import drawing
from pipeline.sketch.limits import unshown
from pipeline.sketch.presses import Presses, presses
from pipeline.sketch.tones import cloths_of


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
    """Return the picture as SVG, what it shows, and in sentences what it only guesses or omits."""
    spec = pictured(request.prompt, request.spec)
    made = drawing(spec, request.aspect_ratio, request.seed)
    main, others = cloths_of(spec)
    shown: dict[str, object] = {
        "garmentType": made.traits.kind,
        "subtype": made.traits.cut,
        "pattern": made.traits.pattern,
        "colors": [main, *others],
    }
    return made.svg, shown, tuple(unshown(spec, made.traits, made.flats))
