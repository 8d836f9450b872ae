from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import (
    Brief,
    FinalPrompt,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    GenerationStatus,
    PersonaId,
    StoredImage,
    WorkspaceId,
)
from pipeline.providers.replicate.predictions import Prediction
from server.strays import sorted_out
from storage.restoring import UnderWay

SLUG = "black-forest-labs/flux-schnell"
PHOTO = StoredImage("k", "image/png", 1, 1, 1)


def under_way(
    prompt: str | None = "a red dress", source: StoredImage | None = None, **settings: Any
) -> UnderWay:
    return UnderWay(
        id=GenerationId(UUID(int=1)),
        workspace=WorkspaceId(UUID(int=2)),
        status=GenerationStatus.PROCESSING,
        attempt=1,
        brief=Brief(
            mode=GenerationMode.FROM_PROMPT,
            prompt="a hat",
            settings=GenerationSettings(count=2, **settings),
            source=source,
        ),
        prompt=None if prompt is None else FinalPrompt(text=prompt),
        made=False,
        missing=((0, 7), (1, 8)),
    )


def prediction(prompt: str = "a red dress", seed: int = 7, slug: str = SLUG) -> Prediction:
    given = {
        "prompt": prompt,
        "seed": seed,
        "aspect_ratio": "1:1",
        "num_outputs": 1,
        "output_format": "png",
    }
    return Prediction.read(
        {
            "id": f"p-{seed}",
            "model": slug,
            "status": "succeeded",
            "created_at": datetime.now(UTC).isoformat(),
            "input": given,
        }
    )


def test_a_prediction_is_known_by_what_was_asked() -> None:
    (found,) = sorted_out([prediction(seed=8)], [under_way()]).found
    assert (found.model, found.external_id, found.request.slot) == ("flux-schnell", "p-8", 1)
    model = SHIPPED.find("flux-schnell")
    assert model is not None
    assert found.expected == model.prices[0].usd


@pytest.mark.parametrize(
    "one",
    [
        prediction("a blue coat"),
        prediction(seed=9),
        prediction(slug="black-forest-labs/flux-1.1-pro"),
    ],
    ids=["words", "seed", "model"],
)
def test_what_differs_is_of_no_run(one: Prediction) -> None:
    strays = sorted_out([one], [under_way()])
    assert (strays.found, strays.unknown) == ([], [one])


def test_a_photo_is_part_of_what_was_asked() -> None:
    model = "nano-banana-pro"
    assert SHIPPED.find(model) is not None
    assert sorted_out([prediction()], [under_way(source=PHOTO)]).found != []
    google = prediction(slug="google/nano-banana-pro")
    assert sorted_out([google], [under_way(source=PHOTO)]).found == []


def test_of_a_waiting_run_only_a_text_sent_as_written_is_known() -> None:
    plain = under_way(None, enhance=False)
    assert len(sorted_out([prediction("a hat")], [plain]).found) == 1
    for settings in ({"enhance": True}, {"enhance": False, "persona_id": PersonaId(UUID(int=3))}):
        assert sorted_out([prediction("a hat")], [under_way(None, **settings)]).found == []
