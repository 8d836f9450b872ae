"""ANALYSIS: photo in, spec and sentence out."""

from typing import cast

import pytest

from pipeline.domain import Brief, GenerationMode, StoredImage
from pipeline.errors import ObjectMissing, StageFailed
from pipeline.paying import Till
from pipeline.spec import (
    ColorRole,
    GarmentSpec,
    SpecColor,
    SpecDetail,
    SpecSource,
    SpecText,
)
from pipeline.stages.analyse import Analyse, summarised

SEEN = SpecSource.ANALYSIS
NAVY = SpecColor("navy", "#1f2a4d", ColorRole.PRIMARY, 1.0, 0.9, SEEN)
TEE = GarmentSpec(
    garment_type=SpecText("t-shirt", 0.91, SEEN),
    pattern=SpecText("striped", 0.9, SEEN),
    colors=(NAVY,),
)
SOURCE = StoredImage("workspace/photo.jpg", "image/jpeg", 3, 1, 1)


NOT_ASKED = cast("Till", None)


class Shelf:
    """An object store that holds one photo."""

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        raise AssertionError(key, content, content_type)

    async def get(self, key: str) -> bytes:
        if key != SOURCE.key:
            raise ObjectMissing(key)
        return b"jpg"

    async def delete(self, key: str) -> None:
        raise AssertionError(key)

    def url(self, key: str) -> str:
        return key


class Eye:
    """Sees the same garment in the one photo there is."""

    async def analyse(self, photo: bytes) -> GarmentSpec:
        assert photo == b"jpg"
        return TEE


async def told(_fraction: float | None, _message: str | None) -> None: ...


def brief(source: StoredImage | None) -> Brief:
    return Brief(mode=GenerationMode.FROM_IMAGE, source=source)


async def test_photo_is_fetched_and_described() -> None:
    analysis = await Analyse(Eye(), Shelf())(brief(SOURCE), told, NOT_ASKED)
    assert analysis.spec == TEE
    assert analysis.summary == "A striped navy t-shirt (91 % sure)"


@pytest.mark.parametrize("source", [None, StoredImage("gone", "image/jpeg", 3, 1, 1)])
async def test_missing_photo_fails_the_stage(source: StoredImage | None) -> None:
    with pytest.raises(StageFailed):
        await Analyse(Eye(), Shelf())(brief(source), told, NOT_ASKED)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (GarmentSpec(), "No garment that we recognise"),
        (GarmentSpec(garment_type=SpecText("outwear", 0.5, SEEN)), "An outer garment (50 % sure)"),
        (
            GarmentSpec(garment_type=SpecText("pants", 0.97, SEEN), colors=(NAVY,)),
            "A pair of navy pants (97 % sure)",
        ),
        (
            GarmentSpec(
                garment_type=SpecText("outwear", 0.8, SEEN),
                details=(SpecDetail("subtype", "blazer", 0.7, SEEN),),
            ),
            "A blazer (80 % sure)",
        ),
    ],
)
def test_sentence_reads_as_a_person_would_say_it(spec: GarmentSpec, sentence: str) -> None:
    assert summarised(spec) == sentence
