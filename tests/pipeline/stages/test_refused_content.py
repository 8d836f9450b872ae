"""What one model after the other refuses for its content is shown to few of them."""

from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from pipeline.calls import OpenCall
from pipeline.catalogue.model import EMBEDDED
from pipeline.errors import ContentRejected
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel, Journal
from pipeline.results import Rendering
from pipeline.routing import Choice
from pipeline.stages.generate import Generate
from tests.pipeline.stages.dress_run import RUN
from tests.pipeline.stages.test_generate import ORDER, PRICE, Painter, Record, Shelf, silent, slot


@dataclass(frozen=True, slots=True)
class Prude:
    """Refuses whatever it is shown, and remembers that it was."""

    seen: list[str] = field(default_factory=list[str])

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del accepted
        self.seen.append(f"image {request.slot + 1}")
        raise ContentRejected("not this")

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        del call
        return await self.generate(request, accepted)


def provider_of(key: str) -> str:
    return key.partition("/")[0]


async def made(prudes: dict[str, Prude], record: Record, *, own: bool = True) -> Rendering:
    """Ask the prudes in turn, then what is embedded."""
    models: dict[str, ImageModel] = dict(prudes)
    if own:
        models[f"{EMBEDDED}/sketch"] = Painter()
    stage = Generate(models, Shelf(), Shelf(), provider_of=provider_of)
    order = replace(ORDER, choices=tuple(Choice(key, PRICE) for key in models))
    return await stage(RUN, order, cast("Journal", record), silent)


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (["one/a", "one/b", "one/c", "one/d", "two/a"], ["one/a", "one/b", "one/c"]),
        (["one/a", "two/a", "one/b", "two/b"], ["one/a", "two/a"]),
        (["one/a", "one/b"], ["one/a", "one/b"]),
    ],
)
async def test_after_a_few_refusals_only_what_is_embedded_is_asked(
    keys: list[str], shown: list[str]
) -> None:
    prudes = {key: Prude() for key in keys}

    rendering = await made(prudes, Record([slot(0)]))

    assert [key for key, one in prudes.items() if one.seen] == shown
    assert rendering.model == f"{EMBEDDED}/sketch"


async def test_all_images_of_a_run_count_together() -> None:
    prudes = {key: Prude() for key in ("one/a", "one/b", "one/c", "one/d", "one/e")}

    await made(prudes, Record([slot(index) for index in range(4)]))

    assert sorted(key for key, one in prudes.items() if one.seen) == ["one/a", "one/b", "one/c"]


async def test_where_nothing_is_embedded_the_refusal_is_the_answer() -> None:
    prudes = {key: Prude() for key in ("one/a", "two/a", "two/b")}
    record = Record([slot(0)])

    with pytest.raises(ContentRejected):
        await made(prudes, record, own=False)

    assert prudes["two/b"].seen == []
    assert record.failures[0].code == "CONTENT_REJECTED"
