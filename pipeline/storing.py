"""Storing what should lie there already, while rows of the database are locked for it."""

import asyncio
from typing import Final

from pipeline.domain import StoredImage
from pipeline.errors import StoreUnreachable
from pipeline.ports import Objects

# Less than a transaction may idle (storage/database.py): its lock would be gone before the object.
LOCKED_SECONDS: Final = 3.0


async def ensure_stored(objects: Objects, image: StoredImage, content: bytes) -> None:
    """Make sure that it still lies there, quickly; raises `StoreUnreachable`."""
    try:
        async with asyncio.timeout(LOCKED_SECONDS):
            await objects.put(image.key, content, image.content_type)
    except TimeoutError as error:
        raise StoreUnreachable("The object store answers too slowly") from error
