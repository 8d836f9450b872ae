"""An image model at Replicate: asked once, and found again where nobody knows what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Final
from uuid import uuid4

from pipeline import mapping
from pipeline.calls import CallId, Mailbox, News, OpenCall
from pipeline.catalogue.inputs import Value
from pipeline.catalogue.model import CatalogueModel
from pipeline.errors import (
    AlreadyTaken,
    BadOutput,
    InvalidInput,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
)
from pipeline.images import ImageInfo, fault_in, inspect
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.photos import cropped, prepared
from pipeline.ports import Accepted
from pipeline.providers.replicate.asking import Asking, asking, illustrated, links_in
from pipeline.providers.replicate.predictions import Prediction, fault_of
from pipeline.providers.replicate.searching import Pace, Search
from pipeline.providers.replicate.wire import MAX_FILE, Gone, Unanswered, Wire

Wanted = Callable[[CallId], Awaitable[bool]]
"""Say whether anybody still wants what the call makes, as when another worker takes it over."""

_STOP_SECONDS: Final = 10.0


async def always(_call: CallId) -> bool:
    """Never stop a prediction."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateModel:
    """One model; `hook` is where a webhook tells of a call, None where nothing can reach us."""

    model: CatalogueModel
    wire: Wire
    news: News
    pace: Pace
    hook: Callable[[CallId], str] | None = None
    wanted: Wanted = always
    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC))

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Send one prediction and wait for its image."""
        call = request.call or CallId(uuid4())
        asked = asking(self.model, request)
        photos = await self._uploaded(request, call)
        try:
            given = illustrated(self.model, asked.words, photos)
            with self.news.about(call) as mail:
                prediction = await self._begun(given, self._search(asked, call, accepted), mail)
                return await self._image(prediction, asked, request, call, mail)
        except StageFailed as failed:
            if not isinstance(failed, OutcomeUnknown):
                await self._forgotten(photos)
            raise

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Find the prediction, if it was ever sent, and wait for its image."""
        asked = asking(self.model, request)
        search = self._search(asked, call.id, accepted, call.sent_at)
        with self.news.about(call.id) as mail:
            prediction = call.external_id or await search(mail)
            return await self._image(prediction, asked, request, call.id, mail)

    def _search(
        self, asked: Asking, call: CallId, accepted: Accepted, sent_at: datetime | None = None
    ) -> Search:
        return Search(
            model=self.model,
            wire=self.wire,
            pace=self.pace,
            now=self.now,
            asked=asked,
            call=call,
            sent_at=sent_at or self.now(),
            accepted=accepted,
        )

    async def _uploaded(self, request: ImageRequest, call: CallId) -> list[str]:
        links: list[str] = []
        for reference in mapping.fitting(self.model, request.references):
            photo = await asyncio.to_thread(prepared, reference, self.model.photo_limits)
            links.append(await self.wire.upload(photo.content, photo.content_type, str(call)))
        return links

    async def _forgotten(self, links: Sequence[str]) -> None:
        await asyncio.gather(*(self.wire.remove(link) for link in links))

    async def _begun(self, given: Mapping[str, Value], search: Search, mail: Mailbox) -> str:
        """Return the prediction's id, found where the answer to the creation was lost."""
        try:
            return await self._sent(given, search)
        except Unanswered:
            return await search(mail)

    async def _sent(self, given: Mapping[str, Value], search: Search) -> str:
        """Send it and write its id down, also when the work is broken off meanwhile."""
        hook = self.hook(search.call) if self.hook else None
        sending = asyncio.create_task(self._create(given, hook, search.accepted))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.wait([sending], timeout=_STOP_SECONDS)
            if sending.done() and not sending.cancelled() and sending.exception() is None:
                await self._stop(sending.result(), search.call)
            sending.cancel()
            raise

    async def _create(
        self, given: Mapping[str, Value], hook: str | None, accepted: Accepted
    ) -> str:
        prediction = await self.wire.create(self.model.slug, given, hook)
        try:
            await accepted(prediction)
        except AlreadyTaken as taken:
            # One that asks the same found this one first, so that its own is left for us.
            raise Unanswered from taken
        return prediction

    async def _image(
        self, prediction: str, asked: Asking, request: ImageRequest, call: CallId, mail: Mailbox
    ) -> ImageResult:
        try:
            one = await self._ended(prediction, mail)
        except asyncio.CancelledError:
            await self._stop(prediction, call)
            raise
        photos = links_in(self.model, one.input)
        if one.link is None:
            await self._forgotten(photos)
            raise fault_of(one, self.model)
        content, _ = await asyncio.gather(self.wire.file(one.link), self._forgotten(photos))
        info = await asyncio.to_thread(_checked, content)
        cut = asked.ratio is not request.aspect_ratio
        if cut:
            ratio, kind = request.aspect_ratio, info.content_type
            content = await asyncio.to_thread(cropped, content, kind, ratio)
        return ImageResult(
            content=content,
            content_type=info.content_type,
            info=None if cut else info,
            warnings=asked.warnings,
            metadata={"predictionId": one.id, "predictSeconds": one.seconds},
        )

    async def _ended(self, id: str, mail: Mailbox) -> Prediction:
        """Wait until it is over, or has its output already; news makes it look at once."""
        began = monotonic()
        patience = (self.pace.deadline + 10 * self.pace.grace).total_seconds()
        self.pace.looking += 1
        try:
            while (elapsed := monotonic() - began) < patience:
                wait = self.pace.wait(elapsed)
                try:
                    one = await self.wire.get(id)
                except Gone as gone:
                    if elapsed > self.pace.grace.total_seconds():
                        raise OutcomeUnknown(f"Replicate knows no prediction {id}") from gone
                except ProviderUnavailable as away:
                    # However long it asks to wait, there is a last look before giving up.
                    asked = max(wait, away.retry_after or 1.0)
                    wait = min(asked, max(1.0, (patience - elapsed) / 2))
                else:
                    if one.over or one.link:
                        return one
                await mail.wait(wait)
        finally:
            self.pace.looking -= 1
        raise OutcomeUnknown("Replicate does not tell what became of it")

    async def _stop(self, id: str, call: CallId) -> None:
        """Stop what nobody wants any more; what another worker goes on with is left alone."""

        async def stop() -> None:
            if not await self.wanted(call):
                await self.wire.cancel(id)

        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await asyncio.shield(asyncio.create_task(stop()))


def _checked(content: bytes) -> ImageInfo:
    """Return what it is; raise `BadOutput` where it is no sound image."""
    try:
        return inspect(content, limit=MAX_FILE)
    except InvalidInput as error:
        raise BadOutput(
            f"What the model made is no sound image: {fault_in(error)}", charged=True
        ) from error
