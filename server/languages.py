"""OpenAI, where there is a key for it: it paints, looks and writes."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Protocol

from pipeline.beside import NOBODY, Helpers
from pipeline.breakers import Breaker
from pipeline.catalogue.openai_words import LANGUAGES
from pipeline.ports import HostedVision, ImageModel
from pipeline.previews import Previews
from pipeline.providers.falling_back import Enhancing, FallingBack
from pipeline.turns import Gate
from server.settings import Settings


class OpenAI(Protocol):
    """What is asked of it; see `server.openai_models`."""

    @property
    def previews(self) -> Previews: ...
    def images(self) -> Mapping[str, ImageModel]: ...
    def vision(self) -> HostedVision: ...
    def enhancing(self, embedded: Enhancing) -> FallingBack: ...


@asynccontextmanager
async def opened_openai(
    settings: Settings, gate: Gate, breaker: Breaker
) -> AsyncGenerator[OpenAI | None]:
    """Hold the connection until the block ends; None without a key."""
    if not settings.openai_api_key:
        yield None
        return
    # The SDK takes seconds to load, which a server without a key need not spend.
    models = await asyncio.to_thread(import_module, "server.openai_models")
    async with models.opened(settings, gate, breaker) as hosted:
        yield hosted


def helpers(settings: Settings) -> Helpers:
    """Return who is asked beside the images; nobody without a key."""
    if not settings.openai_api_key:
        return NOBODY
    return Helpers(
        reading=LANGUAGES[settings.openai_vision_model].reading,
        writing=LANGUAGES[settings.openai_text_model].writing,
    )
