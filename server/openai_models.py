"""What is asked of OpenAI, as the settings have it: to paint, to look and to write."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import openai

from pipeline.breakers import Breaker
from pipeline.catalogue.openai import MODELS, RATES
from pipeline.catalogue.openai_words import LANGUAGES, LanguageModel
from pipeline.previews import Previews
from pipeline.providers.falling_back import Enhancing, FallingBack
from pipeline.providers.openai.images import OpenAIImages
from pipeline.providers.openai.prompts import OpenAIPrompts
from pipeline.providers.openai.structured import Structured
from pipeline.providers.openai.vision import OpenAIVision
from pipeline.turns import Gate
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Hosted:
    """The models behind one connection."""

    client: openai.AsyncOpenAI
    seeing: LanguageModel
    writing: LanguageModel
    patience: float
    previews: Previews
    gate: Gate
    breaker: Breaker

    def images(self) -> dict[str, OpenAIImages]:
        """Return the image models by catalogue key."""
        return {
            entry.key: OpenAIImages(
                client=self.client,
                model=entry,
                rates=RATES.get(entry.key),
                patience=self.patience,
                previews=self.previews,
            )
            for entry in MODELS
        }

    def vision(self) -> OpenAIVision:
        return OpenAIVision(self._structured(self.seeing))

    def enhancing(self, embedded: Enhancing) -> FallingBack:
        """Return the enhancement, with the embedded one behind it."""
        return FallingBack(embedded, OpenAIPrompts(self._structured(self.writing), embedded))

    def _structured(self, model: LanguageModel) -> Structured:
        return Structured(client=self.client, model=model, gate=self.gate, breaker=self.breaker)


@asynccontextmanager
async def opened(settings: Settings, gate: Gate, breaker: Breaker) -> AsyncGenerator[Hosted]:
    """Hold the connection until the block ends; whatever is paid for is sent once.

    What looks and writes waits for its turn at `gate` and minds the `breaker`; of what paints
    others see to that.
    """
    async with openai.AsyncOpenAI(
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        max_retries=0,
        timeout=openai.Timeout(settings.openai_deadline_seconds, connect=5),
    ) as client:
        yield Hosted(
            client,
            LANGUAGES[settings.openai_vision_model],
            LANGUAGES[settings.openai_text_model],
            settings.openai_deadline_seconds,
            Previews(),
            gate,
            breaker,
        )
