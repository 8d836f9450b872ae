"""GENERATION: have the routed model make the images that are still missing, one by one."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Final

from pipeline.calls import CallId, OpenCall
from pipeline.domain import Draft, Failure, FinalPrompt, Run, Slot, StageName, StoredImage
from pipeline.errors import (
    BadOutput,
    ClaimLost,
    DeadlineExceeded,
    ObjectMissing,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
)
from pipeline.faults import Faults
from pipeline.images import stored_image
from pipeline.imaging import ImageRequest, ImageResult, Reference
from pipeline.keys import EXTENSIONS, object_key
from pipeline.markets import dollars
from pipeline.moderation import Refusals
from pipeline.photos import preview
from pipeline.ports import ImageModel, Journal, Objects, Report
from pipeline.previews import Previews, wished
from pipeline.results import Rendering
from pipeline.routing import Choice, insisted
from pipeline.spec import GarmentSpec
from pipeline.together import together, unbroken
from pipeline.turns import Patience, never_ran

_SHOWN_SIDE: Final = 512
_SHOWING_SECONDS: Final = 3.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What every image of a run is made from; later choices stand in for earlier ones."""

    prompt: FinalPrompt
    spec: GarmentSpec | None
    choices: tuple[Choice, ...]
    references: tuple[Reference, ...] = ()
    partials: int = 0

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
            references=self.references,
            source_influence=settings.source_influence,
            confidential=settings.confidential,
            partials=wished(run.brief, self.partials),
            alone=insisted(settings),
            own_negative=bool(run.brief.negative_prompt),
        )


@dataclass(frozen=True, slots=True)
class Filling:
    """What came of a slot and of which model; notes are the model's warnings."""

    failure: StageFailed | None
    notes: tuple[str, ...] = ()
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Generate:
    """`models` by catalogue key; drafts lie in `staging` until they are delivered.

    Source photos are read from `objects`, and partial images put there: up to `partials` of each
    image are asked for, where its model shows them in `previews`. `provider_of` a model's key.
    """

    models: Mapping[str, ImageModel]
    staging: Objects
    objects: Objects
    previews: Previews = field(default_factory=Previews)
    partials: int = 0
    provider_of: Callable[[str], str] = str
    faults: Faults = field(default_factory=Faults)
    patience: Patience = field(default_factory=partial(Patience, hopeful=never_ran))

    async def __call__(self, run: Run, order: Order, journal: Journal, report: Report) -> Rendering:
        """Make every slot's draft; raise the first failure where not one could be made."""
        slots = await journal.slots()
        unresolved = {call.slot: call for call in await journal.open_calls()}
        lost = [slot.failure for slot in slots if slot.failure is not None]
        order = replace(order, partials=self.partials)
        missing = [slot for slot in slots if not (slot.draft or slot.asset_id or slot.failure)]
        if missing:
            order = replace(order, references=await self._references(run))
        done = len(slots) - len(missing) - len(lost)
        refusals = Refusals()

        async def fill(slot: Slot) -> Filling:
            nonlocal done
            filling = _Filling(self, run, order, journal, slot, refusals)
            outcome = await filling(unresolved.get(slot.index))
            if outcome.failure is None:
                done += 1
                await report(done / len(slots), f"{done} of {len(slots)} images")
            return outcome

        fillings = await together(fill(slot) for slot in missing)
        failures = [one.failure for one in fillings if one.failure is not None]
        failures += map(_recorded, lost)
        if failures and len(failures) == len(slots):
            raise failures[0]
        models = Counter(slot.draft.model for slot in slots if slot.draft)
        models.update(one.model for one in fillings if one.model)
        ranked = [model for model, _ in models.most_common()] or [order.choices[0].model]
        notes = dict.fromkeys(note for one in fillings for note in one.notes)
        return _rendering(len(slots) - len(failures), len(slots), ranked, tuple(notes))

    async def _references(self, run: Run) -> tuple[Reference, ...]:
        source = run.brief.source
        if source is None:
            return ()
        try:
            content = await self.objects.get(source.key)
        except ObjectMissing as error:
            raise StageFailed("The photo is no longer stored", code="SOURCE_MISSING") from error
        return (Reference(content, source.content_type),)


async def rescued(journal: Journal, over: DeadlineExceeded) -> Rendering:
    """Go on with the images that are there when the time is over; raise `over` without any."""
    slots = await journal.slots()
    made = [slot for slot in slots if slot.draft or slot.asset_id]
    if not made:
        raise over
    for slot in slots:
        if slot not in made and slot.failure is None:
            await journal.slot_failed(slot.index, over.failure(StageName.GENERATION))
    models = Counter(slot.draft.model for slot in made if slot.draft)
    ranked = [model for model, _ in models.most_common()] or ["An earlier attempt"]
    return _rendering(len(made), len(slots), ranked, ())


@dataclass(frozen=True, slots=True)
class _Filling:
    """One slot on its way through the choices."""

    stage: Generate
    run: Run
    order: Order
    journal: Journal
    slot: Slot
    refusals: Refusals

    async def __call__(self, unresolved: OpenCall | None) -> Filling:
        failure: StageFailed = ProviderUnavailable("No model that was routed is set up here")
        choices = self._choices(unresolved)
        while choices:
            choice = choices[0]
            try:
                notes = await self._tried(choice, unresolved)
            except StageFailed as failed:
                failure = failed
                if _final(failed):
                    return Filling(failed)
                if unresolved is None or not isinstance(failed, ProviderUnavailable):
                    choices = self._left(choices, failed)
                    await self._pass_on(choice, failed, choices)
                unresolved = None
            else:
                return Filling(None, notes, choice.model)
        await self.journal.slot_failed(self.slot.index, failure.failure(StageName.GENERATION))
        return Filling(failure)

    def _left(self, choices: Sequence[Choice], failed: StageFailed) -> deque[Choice]:
        """Return what may stand in for the first choice."""
        first, *rest = choices
        provider_of = self.stage.provider_of
        provider = provider_of(first.model)
        self.refusals.note(first.model, provider, failed)
        if isinstance(failed, ProviderUnavailable) and failed.everywhere:
            rest = [one for one in rest if provider_of(one.model) != provider]
        return deque(one for one in rest if self.refusals.allow(provider_of(one.model)))

    async def _pass_on(self, choice: Choice, failed: StageFailed, left: Sequence[Choice]) -> None:
        """Say at once that another model is asked, and why."""
        if left:
            trouble = f"{choice.model} could not make image {self.slot.index + 1}: {failed}"
            message = f"{trouble.rstrip('.')}; {left[0].model} is asked instead"
            await self.journal.slot_passed_on(self.slot.index, trouble, message)

    def _choices(self, unresolved: OpenCall | None) -> deque[Choice]:
        """Begin with the model of the unresolved call, if there is one."""
        usable = [choice for choice in self.order.choices if choice.model in self.stage.models]
        if unresolved is None:
            return deque(usable)
        return deque(sorted(usable, key=lambda choice: choice.model != unresolved.model))

    async def _tried(self, choice: Choice, unresolved: OpenCall | None) -> tuple[str, ...]:
        """Make the image; a call that never ran stays on its line, and another gets a new one."""
        if unresolved is not None:
            return await self._make(choice, unresolved)
        return await self.stage.patience(partial(self._make, choice, None))

    async def _make(self, choice: Choice, unresolved: OpenCall | None) -> tuple[str, ...]:
        """Make the image and record it; return the model's warnings."""
        request = self.order.request(self.run, self.slot)
        if unresolved is None:
            call = await self.journal.call_opened(request, choice.model, choice.price)
        else:
            call = unresolved.id
        try:
            with self.stage.previews.watched(call, self._show):
                result = await self._asked(choice, replace(request, call=call), call, unresolved)
            extension = _extension(result, choice.model)
        except OutcomeUnknown as unknown:
            # What was resumed may be another model's call.
            price = choice.price if unresolved is None else None
            told = OutcomeUnknown(unknown.reason, held=dollars(price) if price else "its amount")
            await unbroken(self._close(call, choice, told))
            raise told from unknown
        except StageFailed as failed:
            await unbroken(self._close(call, choice, failed))
            raise
        await unbroken(self._keep(call, choice, result, extension))
        return result.warnings

    async def _show(self, picture: bytes) -> None:
        """Show a partial image; one that can't be shown in time is not missed."""
        try:
            async with asyncio.timeout(_SHOWING_SECONDS):
                content, (width, height) = await asyncio.to_thread(preview, picture, _SHOWN_SIDE)
                key = object_key(self.run.workspace, content, "webp")
                image = StoredImage(key, "image/webp", len(content), width, height)
                put = partial(self.stage.objects.put, key, content, image.content_type)
                await self.journal.slot_shown(self.slot.index, image, put)
        except (StageFailed, ClaimLost, TimeoutError) as error:
            logger.info("a partial image was not shown: %r", error)

    async def _asked(
        self, choice: Choice, request: ImageRequest, call: CallId, unresolved: OpenCall | None
    ) -> ImageResult:
        model, accepted = self.stage.models[choice.model], partial(self.journal.call_accepted, call)
        if unresolved is None:
            return await model.generate(request, accepted)
        if unresolved.model != choice.model:
            raise OutcomeUnknown(f"{unresolved.model} was asked, and is not set up here any more")
        try:
            return await model.resume(request, unresolved, accepted)
        except OutcomeUnknown as unknown:
            reason = f"The worker was lost before the answer came: {unknown.reason}"
            raise OutcomeUnknown(reason) from unknown

    async def _keep(
        self, call: CallId, choice: Choice, result: ImageResult, extension: str
    ) -> None:
        cost = choice.price if result.cost is None else result.cost
        # A place of its own: another run may make the same image, and clear its place first.
        key = object_key(self.run.workspace, call.bytes + result.content, extension)
        try:
            await self.stage.staging.put(key, result.content, result.content_type)
        except StageFailed as unkept:
            gone = _unkept(unkept, cost)
            await self._close(call, choice, gone)
            raise gone from unkept
        draft = Draft(
            key=key,
            content_type=result.content_type,
            model=choice.model,
            revised_prompt=result.revised_prompt,
            metadata=result.metadata,
            image=await asyncio.to_thread(_decoded, self.run, result),
        )
        await self.journal.slot_made(self.slot.index, call, draft, cost)

    async def _close(self, call: CallId, choice: Choice, failed: StageFailed) -> None:
        """Say that the slot is over before its line is, so that no successor sends it again."""
        provider = self.stage.provider_of(choice.model)
        self.stage.faults.note(provider, choice.model, self.run.id, self.slot.index, failed)
        try:
            if _final(failed):
                failure = failed.failure(StageName.GENERATION)
                await self.journal.slot_failed(self.slot.index, failure)
        finally:
            if isinstance(failed, OutcomeUnknown):
                await self.journal.call_held(call, failed.reason)
            elif failed.charged:
                cost = choice.price if failed.cost is None else failed.cost
                await self.journal.call_settled(call, cost, failed.message)
            else:
                await self.journal.call_released(call, failed.message)


def _final(failed: StageFailed) -> bool:
    """Whether no other model is to be asked."""
    return failed.charged or not failed.elsewhere


def _unkept(failed: StageFailed, cost: Decimal | None) -> StageFailed:
    """Return the failure of an image that was paid for, and that there is no place for."""
    gone = StageFailed(
        f"The image was made, and could not be kept: {failed.message}",
        code=failed.code,
        charged=True,
    )
    gone.cost = cost
    return gone


def _recorded(failure: Failure) -> StageFailed:
    """Return a slot's failure that was written down before."""
    failed = StageFailed(failure.message, code=failure.code, charged=failure.charged)
    failed.retryable = failure.retryable
    return failed


def _decoded(run: Run, result: ImageResult) -> StoredImage | None:
    """Return what the image is as an object, where it was decoded already."""
    if result.info is None:
        return None
    return stored_image(run.workspace, result.content, result.info)


def _extension(result: ImageResult, model: str) -> str:
    try:
        return EXTENSIONS[result.content_type]
    except KeyError:
        raise BadOutput(
            f"{model} gave a {result.content_type}, not an image", charged=True
        ) from None


def _rendering(
    made: int, wanted: int, models: Sequence[str], warnings: tuple[str, ...]
) -> Rendering:
    summary = _summary(made, wanted, " and ".join(models))
    return Rendering(made, wanted, models[0], summary, warnings)


def _summary(made: int, wanted: int, model: str) -> str:
    images = "image" if wanted == 1 else "images"
    if made == wanted:
        return f"{model} made {made} {images}"
    return f"{model} made {made} of {wanted} {images}"
