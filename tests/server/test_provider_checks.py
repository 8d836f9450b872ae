"""What the doctor says of keys, models that end soon and the webhook address."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.findings import Finding
from server.provider_checks import providers
from server.settings import Settings
from twin.config import OPENAI_KEY, REPLICATE_TOKEN, Config
from twin.serving import Running, running

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(Config(bill=tmp_path / "bill.jsonl")) as served:
        yield served


@pytest.fixture
def settings(twin: Running) -> Settings:
    return replace(Settings(), replicate_base_url=twin.replicate, openai_base_url=twin.openai)


async def looked_at(settings: Settings) -> dict[str, Finding]:
    found = await asyncio.to_thread(lambda: list(providers(settings, NOW)))
    return {one.subject: one for one in found}


async def test_without_keys_nobody_is_asked() -> None:
    (found,) = (await looked_at(Settings())).values()
    assert found == Finding("providers", True, "no key, so images are drawn here")


async def test_keys_are_tried_by_a_question_that_costs_nothing(
    settings: Settings, twin: Running
) -> None:
    keyed = replace(settings, replicate_api_token=REPLICATE_TOKEN, openai_api_key=OPENAI_KEY)
    found = await looked_at(keyed)
    assert found["Replicate"].fine
    assert found["Replicate"].text.startswith("the key is that of ")
    assert found["OpenAI"].fine
    assert found["webhooks"].fine
    assert twin.twin.bill.rows() == []


async def test_models_that_end_within_a_month_are_named(settings: Settings) -> None:
    found = await asyncio.to_thread(
        lambda: list(providers(replace(settings, openai_api_key=OPENAI_KEY), NOW))
    )
    told = {one.text for one in found if one.subject == "models"}
    assert told == {
        "gpt-image-1.5 retires on 2026-12-01; take gpt-image-2.6-sunburst instead",
        "gpt-image-1-mini retires on 2026-12-01; take gpt-image-2.6-flare instead",
    }


async def test_a_key_of_the_wrong_form_is_not_sent_anywhere() -> None:
    found = await looked_at(
        replace(
            Settings(),
            replicate_api_token="sk-mistaken",
            openai_api_key="r8_mistaken",
            replicate_base_url=NOBODY,
            openai_base_url=NOBODY,
        )
    )
    assert found["Replicate"].text.endswith("copy it again")
    assert found["OpenAI"].text.endswith("copy it again")
    assert not found["Replicate"].fine
    assert not found["OpenAI"].fine


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("r8_mistaken", "does not begin with sk-"),
        ("sk-wrong-1234567890", "is too short, with 19 characters of at least 23"),
        ("sk-one two three four five", "has other characters than"),
    ],
)
async def test_what_is_wrong_with_a_key_is_said_without_the_key(key: str, said: str) -> None:
    found = await looked_at(replace(Settings(), openai_api_key=key, openai_base_url=NOBODY))
    assert said in found["OpenAI"].text
    assert key not in found["OpenAI"].text


async def test_a_key_that_is_refused_and_a_provider_that_is_silent(settings: Settings) -> None:
    found = await looked_at(
        replace(
            settings,
            replicate_api_token="r8_" + "x" * 37,
            openai_api_key=OPENAI_KEY,
            openai_base_url=NOBODY,
        )
    )
    assert "Replicate refuses the key" in found["Replicate"].text
    assert "OpenAI can't be reached" in found["OpenAI"].text
    assert not found["Replicate"].fine
    assert not found["OpenAI"].fine


@pytest.mark.parametrize(
    ("address", "fine", "said"),
    [
        ("", True, "asked again and again"),
        ("https://designs.example.com", True, "as far as its form tells"),
        ("http://designs.example.com", False, "is not https"),
        ("https://localhost:8000", False, "can't be reached from outside"),
        ("https://10.0.0.4", False, "can't be reached from outside"),
        ("https://designer", False, "can't be reached from outside"),
    ],
)
async def test_the_webhook_address(address: str, fine: bool, said: str) -> None:
    # The token's form is wrong, so that nothing is asked of the real Replicate.
    found = await looked_at(replace(Settings(), replicate_api_token="r8_", webhook_url=address))
    assert found["webhooks"].fine is fine
    assert said in found["webhooks"].text
