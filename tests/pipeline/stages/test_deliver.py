"""DELIVERY while the object store is away: nothing is lost, and nothing is made again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import cast
from uuid import uuid4

import pytest
from PIL import Image

from pipeline.domain import (
    Asset,
    AssetId,
    AssetKind,
    Draft,
    Failure,
    Slot,
    StageStatus,
    StoredImage,
)
from pipeline.errors import BadOutput, ObjectMissing, OutcomeUnknown, StoreUnreachable
from pipeline.images import ImageInfo, stored_image
from pipeline.ports import Journal
from pipeline.results import Delivery
from pipeline.stages.deliver import Deliver
from tests.pipeline.stages.dress_run import RUN


@dataclass(slots=True)
class Shelf:
    """A store that is away for its first `outages` puts, and for its first `absences` gets."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    outages: int = 0
    absences: int = 0
    puts: int = 0

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        assert content_type == "image/png"
        self.puts += 1
        if self.puts <= self.outages:
            raise StoreUnreachable("The object store is out of reach")
        self.objects[key] = content

    async def get(self, key: str) -> bytes:
        if self.absences:
            self.absences -= 1
            raise StoreUnreachable("The image lies with another worker")
        try:
            return self.objects[key]
        except KeyError:
            raise ObjectMissing(key) from None

    async def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def url(self, key: str) -> str:
        return f"http://127.0.0.1/{key}"


@dataclass(slots=True)
class Record:
    """The part of a journal that delivery writes to."""

    drafts: list[Slot]
    failures: dict[int, Failure] = field(default_factory=dict[int, Failure])
    delivered: list[int] = field(default_factory=list[int])
    images: list[StoredImage] = field(default_factory=list[StoredImage])

    async def slots(self) -> Sequence[Slot]:
        return self.drafts

    async def slot_failed(self, index: int, failure: Failure) -> None:
        self.failures[index] = failure

    async def slot_delivered(
        self, index: int, image: StoredImage, draft: Draft, put: Callable[[], Awaitable[None]]
    ) -> Asset:
        await put()
        self.delivered.append(index)
        self.images.append(image)
        return Asset(
            id=AssetId(uuid4()),
            generation_id=RUN.id,
            kind=AssetKind.GENERATED,
            image=image,
            url=image.key,
            model=draft.model,
            created_at=datetime.now(UTC),
        )


@dataclass(slots=True)
class Scene:
    """Two drafts on their way to a store."""

    staging: Shelf
    objects: Shelf
    record: Record
    said: list[str] = field(default_factory=list[str])

    async def deliver(self, waits: Sequence[float] = (0, 0, 0)) -> int:
        return (await self.delivery(waits)).delivered

    async def delivery(self, waits: Sequence[float] = (0, 0, 0)) -> Delivery:
        async def report(_fraction: float | None, message: str | None) -> None:
            self.said.append(message or "")

        stage = Deliver(self.staging, self.objects, waits)
        return await stage(RUN, cast("Journal", self.record), report)


def picture(shade: int) -> bytes:
    encoded = BytesIO()
    Image.new("L", (64, 64), shade).save(encoded, "PNG")
    return encoded.getvalue()


@pytest.fixture
def scene() -> Scene:
    staging = Shelf({f"draft-{index}": picture(index) for index in range(2)})
    slots = [
        Slot(
            index=index,
            status=StageStatus.RUNNING,
            seed=index,
            draft=Draft(key=f"draft-{index}", content_type="image/png", model="m"),
        )
        for index in range(2)
    ]
    return Scene(staging, Shelf(), Record(slots))


async def test_drafts_are_moved_to_the_store(scene: Scene) -> None:
    assert await scene.deliver() == 2
    assert sorted(scene.objects.objects.values()) == sorted([picture(0), picture(1)])
    assert not scene.staging.objects


async def test_a_store_that_comes_back_gets_every_image(scene: Scene) -> None:
    scene.objects.outages = 3
    assert await scene.deliver() == 2
    assert scene.record.delivered == [0, 1]
    assert scene.said[0] == "The object store is out of reach: trying again in 0 s"
    assert not scene.staging.objects


async def test_a_draft_that_is_elsewhere_is_waited_for(scene: Scene) -> None:
    scene.staging.absences = 2
    assert await scene.deliver() == 2
    assert scene.said[0] == "The image lies with another worker: trying again in 0 s"
    scene.record.drafts.pop()
    scene.staging.absences = 100
    with pytest.raises(StoreUnreachable):
        await scene.deliver()


async def test_a_store_that_stays_away_fails_the_run_and_keeps_the_drafts(scene: Scene) -> None:
    scene.objects.outages = 100
    with pytest.raises(StoreUnreachable) as failed:
        await scene.deliver()
    failure = failed.value.failure()
    assert (failure.code, failure.retryable) == ("STORE_UNREACHABLE", True)
    assert len(scene.staging.objects) == 2
    assert {one.code for one in scene.record.failures.values()} == {"STORE_UNREACHABLE"}
    scene.objects.outages = 0
    assert await scene.deliver() == 2


async def test_the_images_share_the_waits(scene: Scene) -> None:
    scene.objects.outages = 100
    with pytest.raises(StoreUnreachable):
        await scene.deliver(waits=(0, 0, 0))
    assert scene.objects.puts == 3 + 2


async def test_what_was_delivered_before_the_outage_stays_delivered(scene: Scene) -> None:
    first = scene.record.drafts[0]
    scene.record.drafts[0] = replace(first, asset_id=AssetId(uuid4()))
    scene.objects.outages = 100
    assert await scene.deliver(waits=()) == 1
    assert "draft-1" in scene.staging.objects


async def test_what_was_decoded_when_it_came_is_not_decoded_again(scene: Scene) -> None:
    for index, content in enumerate((b"seen already", picture(1))):
        info = ImageInfo("image/png", "png", 640, 480)
        image = stored_image(RUN.workspace, b"seen already", info)
        slot = scene.record.drafts[index]
        assert slot.draft is not None
        scene.record.drafts[index] = replace(slot, draft=replace(slot.draft, image=image))
        scene.staging.objects[f"draft-{index}"] = content

    assert await scene.deliver() == 2

    sizes = [(image.width, image.height) for image in scene.record.images]
    assert sizes == [(640, 480), (64, 64)]


async def test_each_missing_image_says_why(scene: Scene) -> None:
    unknown = OutcomeUnknown("nobody knows").failure()
    scene.staging.objects["draft-0"] = b"nonsense"
    scene.record.drafts.append(Slot(index=2, status=StageStatus.FAILED, seed=2, failure=unknown))
    # It failed to be delivered once, and is delivered now.
    scene.record.drafts[1] = replace(scene.record.drafts[1], failure=unknown)

    first, other = (await scene.delivery()).facts.troubles

    assert first.startswith("Image 1 is missing: What the model made is no sound image")
    assert other == "Image 3 is missing: nobody knows"


async def test_a_draft_that_is_no_image_is_not_kept(scene: Scene) -> None:
    scene.staging.objects["draft-0"] = b"nonsense"
    assert await scene.deliver() == 1
    assert scene.record.failures[0].code == "BAD_OUTPUT"
    scene.record.drafts.pop()
    with pytest.raises(BadOutput, match="lost before it could be delivered"):
        await scene.deliver()
