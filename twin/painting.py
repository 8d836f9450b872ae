"""Pictures that fit their prompts, in the size and format that was asked for."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from math import log
from typing import TypeVar

from PIL import Image, ImageChops, ImageFilter, ImageOps

from pipeline.domain import AspectRatio
from pipeline.fashion.colours import name_of
from pipeline.fashion.reading import spec_from_text
from pipeline.sketch.draw import draw
from pipeline.spec import ColorRole, GarmentSpec, SpecColor, SpecSource
from twin.faults import Spoil
from twin.photos import main_colour

T = TypeVar("T")

MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_PAGE = b"<!DOCTYPE html><html><head><title>502</title></head><body>Bad gateway</body></html>"
_BLURS = (48, 24, 10)
_KEPT = 64
# Paper up to a difference of 4 in 255, which is what smooth edges leave.
_OPAQUE = [0] * 5 + [255] * 251


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to paint: `size` in pixels, `format` one of `MEDIA_TYPES`, `quality` in 0..100.

    Where the prompt names no colour, the first of the photos lends its own.
    """

    prompt: str
    size: tuple[int, int]
    format: str
    seed: int
    photos: tuple[bytes, ...] = ()
    quality: int = 90
    transparent: bool = False


class Studio:
    """Works on as many threads as there are cores.

    With a `variety` it paints only so many different pictures of what is otherwise the same.
    """

    def __init__(self, variety: int | None = None) -> None:
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, "twin-studio")
        self._variety = variety
        self._kept = lru_cache(_KEPT)(painted)

    async def paint(self, order: Order, spoil: Spoil | None = None) -> bytes:
        """Return the file, or what a fault makes of it; raises OSError for unreadable photos."""
        if self._variety is None:
            return await self.run(lambda: painted(order, spoil))
        folded = replace(order, seed=order.seed % self._variety)
        return await self.run(lambda: self._kept(folded, spoil))

    async def develop(self, order: Order, count: int) -> list[bytes]:
        """Return `count` blurred stages of the picture, each sharper than the one before."""
        return await self.run(lambda: _stages(order, count))

    async def run(self, work: Callable[[], T]) -> T:
        """Do work that takes a processor's time beside the requests."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Drop what waits and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def painted(order: Order, spoil: Spoil | None = None) -> bytes:
    """Paint, and spoil the file where a fault says so."""
    match spoil:
        case Spoil.HTML:
            return _PAGE
        case Spoil.BLANK:
            return b""
        case Spoil.SMALL:
            return _encoded(_picture(order).resize((64, 64)), order)
        case Spoil.TRUNCATED:
            whole = _encoded(_picture(order), order)
            return whole[: len(whole) // 2]
        case _:
            return _encoded(_picture(order), order)


def spec_of(prompt: str, photos: tuple[bytes, ...]) -> GarmentSpec:
    """Read the prompt; the colour that it lacks comes from the first photo."""
    spec = spec_from_text(prompt)
    if spec.colors or not photos:
        return spec
    found = main_colour(photos[0])
    colour = SpecColor(name_of(found), found, ColorRole.PRIMARY, 1.0, 0.7, SpecSource.INFERRED)
    return replace(spec, colors=(colour,))


def _picture(order: Order) -> Image.Image:
    spec = spec_of(order.prompt, order.photos)
    drawn = Image.open(BytesIO(draw(spec, _nearest(order.size), order.seed))).convert("RGB")
    paper = drawn.getpixel((0, 0))
    colour = paper if isinstance(paper, tuple) else (255, 255, 255)
    picture = ImageOps.pad(drawn, order.size, color=colour)
    if not order.transparent:
        return picture
    blank = Image.new("RGB", picture.size, colour)
    mask = ImageChops.difference(picture, blank).convert("L")
    picture.putalpha(mask.point(_OPAQUE))
    return picture


def _stages(order: Order, count: int) -> list[bytes]:
    picture = _picture(order)
    blurs = _BLURS[len(_BLURS) - count :] if count else ()
    return [_encoded(picture.filter(ImageFilter.GaussianBlur(blur)), order) for blur in blurs]


def _nearest(size: tuple[int, int]) -> AspectRatio:
    wanted = log(size[0] / size[1])
    return min(AspectRatio, key=lambda one: abs(log(one.terms[0] / one.terms[1]) - wanted))


def _encoded(picture: Image.Image, order: Order) -> bytes:
    file = BytesIO()
    if order.format == "png":
        # Speed matters more here than a few bytes.
        picture.save(file, "PNG", compress_level=1)
    else:
        picture.save(file, order.format.upper(), quality=order.quality)
    return file.getvalue()
