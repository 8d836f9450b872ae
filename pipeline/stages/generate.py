"""GENERATION: have the routed model make the images that are still missing, one by one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.domain import Draft, FinalPrompt, Route, Run, Slot, StageName
from pipeline.errors import BadOutput, ProviderUnavailable, StageFailed
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.keys import EXTENSIONS, object_key
from pipeline.ports import ImageModel, Journal, Objects, Report
from pipeline.results import Rendering
from pipeline.spec import GarmentSpec


@dataclass(frozen=True, slots=True)
class Order:
    """What every image of a run is made from; `price` is in US dollars an image."""

    prompt: FinalPrompt
    route: Route
    spec: GarmentSpec | None
    price: Decimal

    def request(self, run: Run, slot: Slot) -> ImageRequest:
        """Return the request for one image."""
        settings = run.brief.settings
        return ImageRequest(
            prompt=self.prompt,
            aspect_ratio=settings.aspect_ratio,
            quality=settings.quality,
            style=settings.style,
            seed=slot.seed,
            slot=slot.index,
            spec=self.spec,
        )


@dataclass(frozen=True, slots=True)
class Generate:
    """`models` by catalogue key; drafts lie in `staging` until they are delivered."""

    models: Mapping[str, ImageModel]
    staging: Objects

    async def __call__(
        self,
        run: Run,
        order: Order,
        journal: Journal,
        report: Report,
    ) -> Rendering:
        """Make every slot's draft; raise the first failure where not one could be made."""
        model = self.models.get(order.route.model)
        if model is None:
            raise ProviderUnavailable(f"{order.route.model} is not set up on this server")
        slots = await journal.slots()
        missing = [slot for slot in slots if slot.draft is None and slot.asset_id is None]
        done = len(slots) - len(missing)

        async def fill(slot: Slot) -> StageFailed | None:
            nonlocal done
            failed = await self._fill(model, run, order, journal, slot)
            if failed is None:
                done += 1
                await report(done / len(slots), f"{done} of {len(slots)} images")
            return failed

        outcomes = await asyncio.gather(*(fill(slot) for slot in missing))
        failures = [outcome for outcome in outcomes if outcome is not None]
        if failures and len(failures) == len(slots):
            raise failures[0]
        return Rendering(
            made=len(slots) - len(failures),
            wanted=len(slots),
            model=order.route.model,
            summary=_summary(len(slots) - len(failures), len(slots), order.route.model),
        )

    async def _fill(
        self, model: ImageModel, run: Run, order: Order, journal: Journal, slot: Slot
    ) -> StageFailed | None:
        await journal.slot_started(slot.index)
        try:
            result = await model.generate(order.request(run, slot))
            extension = _extension(result, order.route.model)
        except StageFailed as failed:
            await journal.slot_failed(slot.index, failed.failure(StageName.GENERATION))
            return failed
        key = object_key(run.workspace, result.content, extension)
        await self.staging.put(key, result.content, result.content_type)
        draft = Draft(
            key=key,
            content_type=result.content_type,
            model=order.route.model,
            revised_prompt=result.revised_prompt,
            metadata=result.metadata,
        )
        await journal.slot_made(slot.index, draft, order.price)
        return None


def _extension(result: ImageResult, model: str) -> str:
    try:
        return EXTENSIONS[result.content_type]
    except KeyError:
        raise BadOutput(f"{model} gave a {result.content_type}, not an image") from None


def _summary(made: int, wanted: int, model: str) -> str:
    images = "image" if wanted == 1 else "images"
    if made == wanted:
        return f"{model} made {made} {images}"
    return f"{model} made {made} of {wanted} {images}"
