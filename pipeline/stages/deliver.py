"""DELIVERY: check what the model made, store it, record it."""

import asyncio
from dataclasses import dataclass

from pipeline.domain import Draft, Run, Slot, StageName, StoredImage
from pipeline.errors import BadOutput, InvalidInput, ObjectMissing, StageFailed
from pipeline.images import inspect
from pipeline.keys import object_key
from pipeline.ports import Journal, Objects, Report
from pipeline.results import Delivery

# A provider's file may be larger than what we let people upload.
MAX_OUTPUT_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Deliver:
    """Moves drafts from `staging` to `objects`."""

    staging: Objects
    objects: Objects

    async def __call__(self, run: Run, journal: Journal, report: Report) -> Delivery:
        """Deliver every draft; raise the first failure where not one image could be delivered."""
        slots = await journal.slots()
        waiting = [(slot, slot.draft) for slot in slots if slot.draft and not slot.asset_id]
        delivered = sum(slot.asset_id is not None for slot in slots)
        failures: list[StageFailed] = []
        for slot, draft in waiting:
            failed = await self._deliver(run, journal, slot, draft)
            if failed is not None:
                failures.append(failed)
                continue
            delivered += 1
            await report(delivered / len(slots), f"{delivered} of {len(slots)} images")
        for key in {draft.key for _, draft in waiting}:
            await self.staging.delete(key)
        if not delivered:
            raise failures[0] if failures else BadOutput("There was no image to deliver")
        return Delivery(
            delivered=delivered,
            wanted=len(slots),
            summary=f"Stored {delivered} of {len(slots)} images"
            if len(slots) > 1
            else "Stored the image",
        )

    async def _deliver(
        self, run: Run, journal: Journal, slot: Slot, draft: Draft
    ) -> StageFailed | None:
        try:
            content = await self.staging.get(draft.key)
            image = await asyncio.to_thread(_checked, run, content)
        except ObjectMissing:
            failed: StageFailed = BadOutput("The image was lost before it could be delivered")
        except BadOutput as bad:
            failed = bad
        else:
            await journal.slot_delivered(
                slot.index,
                image,
                draft,
                lambda: self.objects.put(image.key, content, image.content_type),
            )
            return None
        await journal.slot_failed(slot.index, failed.failure(StageName.DELIVERY))
        return failed


def _checked(run: Run, content: bytes) -> StoredImage:
    try:
        info = inspect(content, limit=MAX_OUTPUT_BYTES)
    except InvalidInput as error:
        raise BadOutput(f"What the model made is no sound image: {error.message}") from error
    return StoredImage(
        key=object_key(run.workspace, content, info.extension),
        content_type=info.content_type,
        byte_size=len(content),
        width=info.width,
        height=info.height,
    )
