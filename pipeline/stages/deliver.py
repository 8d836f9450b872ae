"""DELIVERY: check what the model made, store it, record it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pipeline.domain import Draft, Run, Slot, StageName, StoredImage
from pipeline.errors import BadOutput, InvalidInput, ObjectMissing, StageFailed, StoreUnreachable
from pipeline.images import fault_in, inspect, stored_image
from pipeline.keys import object_key
from pipeline.ports import Journal, Objects, Report
from pipeline.results import Delivery
from pipeline.storing import ensure_stored

T = TypeVar("T")

# A provider's file may be larger than what we let people upload.
MAX_OUTPUT_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Deliver:
    """Moves drafts from `staging` to `objects`; waits that many seconds where that can't be."""

    staging: Objects
    objects: Objects
    # Five minutes in all, for all images of a run together.
    waits: Sequence[float] = (1, 2, 4, 8, 15, 30, 60, 60, 60, 60)

    async def __call__(self, run: Run, journal: Journal, report: Report) -> Delivery:
        """Deliver every draft; raise the first failure where not one image could be delivered.

        While either store is out of reach the drafts stay, and so does whatever was paid for them.
        """
        slots = await journal.slots()
        waiting = [(slot, slot.draft) for slot in slots if slot.draft and not slot.asset_id]
        delivered = sum(slot.asset_id is not None for slot in slots)
        failures: dict[str, StageFailed] = {}
        missing = {
            slot.index: slot.failure.message for slot in slots if slot.failure and not slot.draft
        }
        storing = _Storing(self, run, journal, report, iter(self.waits))
        for slot, draft in waiting:
            failed = await storing(slot, draft)
            if failed is not None:
                failures[draft.key] = failed
                missing[slot.index] = failed.message
                continue
            delivered += 1
            await report(delivered / len(slots), _progress(delivered, len(slots)))
        for key in {draft.key for _, draft in waiting}:
            if not isinstance(failures.get(key), StoreUnreachable):
                await self.staging.delete(key)
        if not delivered:
            raise next(iter(failures.values()), BadOutput("There was no image to deliver"))
        return Delivery(
            delivered=delivered,
            wanted=len(slots),
            summary=f"Stored {_progress(delivered, len(slots))}"
            if len(slots) > 1
            else "Stored the image",
            troubles=tuple(f"Image {at + 1} is missing: {missing[at]}" for at in sorted(missing)),
        )


@dataclass(frozen=True, slots=True)
class _Storing:
    """One delivery; its images share the `waits`."""

    stage: Deliver
    run: Run
    journal: Journal
    report: Report
    waits: Iterator[float]

    async def __call__(self, slot: Slot, draft: Draft) -> StageFailed | None:
        try:
            content = await self._patiently(partial(self.stage.staging.get, draft.key))
            image = await asyncio.to_thread(_checked, self.run, draft, content)
            await self._patiently(partial(self._stored, slot, draft, image, content))
        except ObjectMissing:
            failed: StageFailed = BadOutput("The image was lost before it could be delivered")
        except (BadOutput, StoreUnreachable) as error:
            failed = error
        else:
            return None
        await self.journal.slot_failed(slot.index, failed.failure(StageName.DELIVERY))
        return failed

    async def _stored(self, slot: Slot, draft: Draft, image: StoredImage, content: bytes) -> None:
        objects = self.stage.objects
        await objects.put(image.key, content, image.content_type)
        again = partial(ensure_stored, objects, image, content)
        await self.journal.slot_delivered(slot.index, image, draft, again)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Try as long as there are waits left; raises `StoreUnreachable`."""
        while True:
            try:
                return await work()
            except StoreUnreachable as failed:
                wait = next(self.waits, None)
                if wait is None:
                    raise
                await self.report(None, f"{failed}: trying again in {wait:g} s")
                await asyncio.sleep(wait)


def _progress(delivered: int, wanted: int) -> str:
    return f"{delivered} of {wanted} images"


def _checked(run: Run, draft: Draft, content: bytes) -> StoredImage:
    """Decode it, unless these very bytes were decoded when they came."""
    if (known := draft.image) and object_key(run.workspace, content, _ending(known)) == known.key:
        return known
    try:
        info = inspect(content, limit=MAX_OUTPUT_BYTES)
    except InvalidInput as error:
        raise BadOutput(f"What the model made is no sound image: {fault_in(error)}") from error
    return stored_image(run.workspace, content, info)


def _ending(image: StoredImage) -> str:
    return image.key.rpartition(".")[2]
