"""`designer-bff catalogue`, against the twin and against answers that changed."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.catalogue.inputs import Field, choice, number, photos, text, whole
from pipeline.catalogue.model import CatalogueModel
from pipeline.catalogue.shipped import SHIPPED
from server import drift
from server.__main__ import main
from server.probing import Listed, Shape
from twin.config import Config
from twin.serving import Running, running

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def twin(here: Path) -> AsyncGenerator[Running]:
    async with running(Config(bill=here / "bill.jsonl")) as served:
        yield served


@pytest.fixture
def connected(twin: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in twin.environment.items():
        monkeypatch.setenv(name, value)


def model(*declared: Field, key: str = "flux-schnell") -> CatalogueModel:
    found = SHIPPED.find(key)
    assert found
    assert found.inputs
    return replace(found, inputs=replace(found.inputs, declared=declared))


def shapes(properties: dict[str, object], *required: str) -> dict[str, Shape]:
    described = {"properties": properties, "required": list(required)}
    return {"Input": Shape.model_validate(described)}


def entry(key: str) -> CatalogueModel:
    found = SHIPPED.find(key)
    assert found
    return found


@pytest.mark.usefixtures("connected")
async def test_the_catalogue_agrees_with_the_twin(capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(main, ["catalogue", "check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("connected")
async def test_a_provider_without_a_key_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert await asyncio.to_thread(main, ["catalogue", "check"]) == 0
    assert "openai has no key here and was not asked" in capsys.readouterr().err


async def test_what_is_retired_here_and_served_there_is_a_difference(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(Config(bill=here / "bill.jsonl", serve_retired=True)) as twin:
        for name, value in twin.environment.items():
            monkeypatch.setenv(name, value)
        assert await asyncio.to_thread(main, ["catalogue", "check"]) == 1
    told = capsys.readouterr().out
    assert (
        "imagen-4-ultra: it is retired here, and replicate still has google/imagen-4-ultra" in told
    )
    assert "dall-e-3: it is retired here, and openai still lists it" in told


@pytest.mark.usefixtures("connected")
async def test_a_wrong_key_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_wrong")
    assert await asyncio.to_thread(main, ["catalogue", "check"]) == 2
    assert "Replicate refuses the key (401): make a new one there" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_without_keys_there_is_nobody_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "check"]) == 2
    assert "set REPLICATE_API_TOKEN or OPENAI_API_KEY" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_the_models_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    assert main(["catalogue"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines.keys() == {one.key for one in SHIPPED.models}
    assert "AVAILABLE" in lines["sketch"]
    assert "$0 an image, words only, nothing leaves this machine" in lines["sketch"]
    assert "UNCONFIGURED" in lines["nano-banana-pro"]
    assert "14 photos, keeps for 1 h, training unstated" in lines["nano-banana-pro"]
    assert "AVAILABLE" in lines["gpt-image-2"]
    assert "keeps for 30 days, no training" in lines["gpt-image-2"]
    assert "RETIRED" in lines["dall-e-3"]
    assert "until 2026-05-12, then gpt-image-2.6-flare" in lines["dall-e-3"]


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (text("style"), {}, "it takes no style any more"),
        (text("style"), {"style": {"type": "integer"}}, "style is of type integer now"),
        (
            choice("size", "1K", "2K"),
            {"size": {"enum": ["2K"]}},
            "size takes no 1K any more",
        ),
        (choice("size", "1K"), {"size": {"allOf": [{"enum": ["1K", "4K"]}]}}, "size takes 4K now"),
        (whole("steps", 1, 50), {"steps": {"minimum": 5}}, "steps is 5 at least now"),
        (number("cfg", 1, 10), {"cfg": {"maximum": 7.5}}, "cfg is 7.5 at most now"),
        (text("style", most=900), {"style": {"maxLength": 500}}, "style is 500 at most now"),
        (photos("images", 8), {"images": {"maxItems": 4}}, "images is 4 at most now"),
    ],
)
def test_what_changed_is_said(ours: Field, theirs: dict[str, object], said: str) -> None:
    found = list(drift.of_schema(model(ours), shapes(theirs), NOW))
    assert found == [f"flux-schnell: {said}"]


@pytest.mark.parametrize(
    "theirs",
    [
        {"enum": ["1K", "2K"]},
        {"allOf": [{"$ref": "#/components/schemas/size"}]},
        {"type": "string"},
    ],
)
def test_options_are_found_wherever_they_are_described(theirs: dict[str, object]) -> None:
    named = {"size": Shape(enum=["1K", "2K"])}
    schemas = {**shapes({"size": theirs}), **named}
    assert list(drift.of_schema(model(choice("size", "1K", "2K")), schemas, NOW)) == []


def test_a_new_field_is_said_and_whether_it_is_needed() -> None:
    found = drift.of_schema(model(), shapes({"mood": {}, "tone": {}}, "mood"), NOW)
    assert list(found) == [
        "flux-schnell: it takes mood now, and needs it",
        "flux-schnell: it takes tone now",
    ]


def test_a_model_that_is_gone_is_said_unless_it_is_known() -> None:
    gone = drift.of_schema(model(), None, NOW)
    assert list(gone) == ["flux-schnell: replicate has no black-forest-labs/flux-schnell any more"]
    assert list(drift.of_schema(entry("imagen-4-ultra"), None, NOW)) == []


def test_days_and_names_of_a_listing_are_compared() -> None:
    mini, flare = entry("gpt-image-1-mini"), entry("gpt-image-2.6-flare")
    listed = {
        one.id: one
        for one in (
            Listed(id="gpt-image-1-mini", shutdown_date=date(2026, 12, 15)),
            Listed(id="gpt-image-3"),
            Listed(id="gpt-image-2-2026-04-21"),
            Listed(id="gpt-6-luna"),
        )
    }
    assert list(drift.of_listing((mini, flare), listed, NOW)) == [
        "gpt-image-1-mini: openai retires it on 2026-12-15, the catalogue on 2026-12-01",
        "gpt-image-2.6-flare: openai lists it no more",
        "gpt-image-3: the catalogue lacks it",
    ]
    after = NOW + timedelta(days=30)
    assert list(
        drift.of_listing((mini,), {"gpt-image-1-mini": listed["gpt-image-1-mini"]}, after)
    ) == ["gpt-image-1-mini: it is retired here, and openai still lists it"]


def test_the_documentation_holds_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "--markdown"]) == 0
    page = (Path(drift.__file__).parents[1] / "docs" / "providers.md").read_text("utf-8")
    assert capsys.readouterr().out.strip() in page, "run: designer-bff catalogue --markdown"
