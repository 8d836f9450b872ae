"""An image model at OpenAI: asked once, by words alone or with photos to work from."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Final, cast

import openai

from pipeline.calls import CallId, OpenCall
from pipeline.catalogue.model import CatalogueModel, Ending
from pipeline.catalogue.openai import Rates
from pipeline.domain import AspectRatio
from pipeline.errors import BadOutput, InvalidInput, OutcomeUnknown, StageFailed
from pipeline.images import ImageInfo, fault_in, inspect
from pipeline.imaging import ImageRequest, ImageResult, Reference
from pipeline.photos import cropped, prepared
from pipeline.ports import Accepted
from pipeline.previews import Previews
from pipeline.providers.openai.answers import NO_IMAGE, Answer, Tokens, streamed, whole
from pipeline.providers.openai.asking import Asking, asking
from pipeline.providers.openai.faults import fault_of, lost, unaskable

MAX_FILE: Final = 50 * 1024 * 1024

Shown = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIImages:
    """One model; `client` must not retry by itself, for OpenAI can't tell a call sent twice.

    `rates` are None for a model that is not billed by tokens. After `patience` seconds the
    outcome counts as unknown. What a stream shows of an image goes to `previews`.
    """

    client: openai.AsyncOpenAI
    model: CatalogueModel
    rates: Rates | None = None
    patience: float = 300.0
    previews: Previews = field(default_factory=Previews)

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Send one request and wait for its image."""
        asked = asking(self.model, request)
        photos = [
            await asyncio.to_thread(prepared, one, self.model.photo_limits)
            for one in asked.references
        ]
        show = partial(self._show, request.call)
        answer, name = await self._answer(asked, photos, accepted, show)
        cost = self._cost(answer.tokens)
        try:
            content = _content_of(answer.encoded)
            made = await asyncio.to_thread(_shaped, content, request.aspect_ratio)
        except BadOutput as bad:
            bad.cost = cost
            raise
        return ImageResult(
            content=made.content,
            content_type=made.content_type,
            info=made.info,
            cost=cost,
            revised_prompt=answer.revised_prompt,
            warnings=asked.warnings,
            metadata={"requestId": name},
        )

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Raise `OutcomeUnknown`: OpenAI can't be asked."""
        del request, call, accepted
        raise unaskable()

    async def _answer(
        self, asked: Asking, photos: list[Reference], accepted: Accepted, show: Shown
    ) -> tuple[Answer, str | None]:
        """Send it and write its id down; the id names it in OpenAI's own records."""
        try:
            async with asyncio.timeout(self.patience):
                raw = await self._sent(asked, photos)
                # Before it is read: an answer that nobody can read is billed like any other.
                if raw.request_id:
                    await accepted(raw.request_id)
                answer = raw.parse()
                if not isinstance(answer, openai.AsyncStream):
                    return whole(answer), raw.request_id
                async with cast("openai.AsyncStream[object]", answer) as events:
                    return await streamed(events, show), raw.request_id
        except openai.APIError as error:
            raise await self._fault(error, accepted) from error
        except TimeoutError as error:
            raise lost() from error
        except ValueError as error:
            raise BadOutput(NO_IMAGE, charged=True) from error

    async def _show(self, call: CallId | None, encoded: str) -> None:
        with suppress(binascii.Error):
            await self.previews.tell(call, base64.b64decode(encoded, validate=True))

    async def _sent(self, asked: Asking, photos: list[Reference]) -> Any:
        images = self.client.images.with_raw_response
        if not photos:
            return await cast("Any", images.generate)(**asked.given)
        files = [
            (f"photo-{number}.jpg", photo.content, photo.content_type)
            for number, photo in enumerate(photos, 1)
        ]
        return await cast("Any", images.edit)(image=files, **asked.given)

    async def _fault(self, error: openai.APIError, accepted: Accepted) -> StageFailed:
        bills = self.model.terms.bills if self.model.terms else frozenset[Ending]()
        fault = fault_of(error, charged=Ending.REFUSED in bills)
        billed = fault.charged or isinstance(fault, OutcomeUnknown)
        if billed and isinstance(error, openai.APIStatusError) and error.request_id:
            await accepted(error.request_id)
        return fault

    def _cost(self, tokens: Tokens | None) -> Decimal | None:
        if self.rates is None or tokens is None:
            return None
        return self.rates.usd(tokens.text_in, tokens.image_in, tokens.out)


@dataclass(frozen=True, slots=True)
class _Shaped:
    """An image in its ratio; `info` is None where it had to be cut."""

    content: bytes
    content_type: str
    info: ImageInfo | None = None


def _content_of(encoded: str) -> bytes:
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise BadOutput(NO_IMAGE, charged=True) from error
    if not content:
        raise BadOutput(NO_IMAGE, charged=True)
    return content


def _shaped(content: bytes, ratio: AspectRatio) -> _Shaped:
    """Return the image in that ratio; raise `BadOutput` where it is none."""
    try:
        info = inspect(content, limit=MAX_FILE)
    except InvalidInput as error:
        reason = f"What OpenAI made is no sound image: {fault_in(error)}"
        raise BadOutput(reason, charged=True) from error
    across, down = ratio.terms
    if info.width * down == info.height * across:
        return _Shaped(content, info.content_type, info)
    return _Shaped(cropped(content, info.content_type, ratio), info.content_type)
