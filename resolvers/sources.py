"""The photo that a generation starts from: checked, and named by its content."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256

from pipeline import images
from pipeline.domain import StoredImage
from pipeline.errors import InvalidInput, NotFound
from schema.context import Context
from schema.ids import asset_id
from schema.requests import GenerateFromImageInput
from schema.scalars import UploadedFile


@dataclass(frozen=True, slots=True)
class Source:
    """A photo; `content` is given where it is not stored yet."""

    image: StoredImage
    content: bytes | None = None


def check_one_source(input: GenerateFromImageInput) -> None:
    """Raise `InvalidInput` unless exactly one of the three sources is given."""
    given = [one is not None for one in (input.image, input.image_url, input.asset_id)]
    if given.count(True) != 1:
        found = "more than one" if any(given) else "none"
        raise InvalidInput(
            f"Give exactly one of image, imageUrl and assetId, not {found}.", field="image"
        )


async def received(context: Context, file: UploadedFile) -> bytes:
    """Return what was sent; raise `InvalidInput` where it is too much."""
    limit = context.library.upload_limit
    content = await file.read(limit + 1)
    if len(content) > limit:
        raise images.too_many_bytes("image", limit)
    return content


async def fetched(context: Context, url: str) -> Source:
    return await checked(context, await context.library.fetch(url), "imageUrl")


async def stored(context: Context, id: str) -> Source:
    key = asset_id(id)
    asset = await context.loaders.assets.load(key) if key else None
    if asset is None:
        raise NotFound("assetId: there is no such image.")
    return Source(asset.image)


async def checked(context: Context, content: bytes, field: str) -> Source:
    """Return the photo; raise `InvalidInput` about `field` where it is none."""
    limit = context.library.upload_limit
    info = await asyncio.to_thread(images.inspect, content, field=field, limit=limit)
    digest = await asyncio.to_thread(sha256, content)
    key = f"{context.viewer.workspace}/{digest.hexdigest()}.{info.extension}"
    image = StoredImage(key, info.content_type, len(content), info.width, info.height)
    return Source(image, content)
