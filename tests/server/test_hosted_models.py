"""Models that are odd, from the mutation to the ledger, through the real SDKs and the twin."""

import asyncio
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from pipeline.catalogue.shipped import SHIPPED
from pipeline.markets import Retired
from storage.accounts import LOCAL, ensure_local_viewer
from storage.budgets import set_budget
from storage.ledger import decide, undecided
from tests.server.twinned import studio
from twin.faults import Dropped, Refused
from twin.script import Rule, Where

NOW_RETIRED = ("imagen-4-ultra", "dall-e-3", "gpt-image-1", "nano-banana")
UNPRICED = [m.key for m in SHIPPED.models if not m.prices and m.retires_on is None]

QUOTE = """query ($input: QuoteInput!) { it: quote(input: $input) {
  ... on Quote { cost costMax model { price } }
} }"""
BUDGET = "{ viewer { budget { spent reserved } } }"


@pytest.fixture
async def local(pool: asyncpg.Pool) -> asyncpg.Pool:
    await ensure_local_viewer(pool)
    return pool


async def test_what_nobody_knows_the_price_of_runs_by_name_and_costs_nobody_knows_what(
    local: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    assert {"nano-banana-2", "flux-2-pro", "seedream-4", "ideogram-v3-turbo"} <= set(UNPRICED)
    async with studio(database_url, tmp_path) as at:
        for key in UNPRICED:
            wish = {"mode": "FROM_PROMPT", "prompt": "a gown", "settings": {"model": key}}
            quote = (await at.ask(QUOTE, input=wish))["it"]
            assert quote == {"cost": None, "costMax": None, "model": {"price": None}}
        runs = await asyncio.gather(*(at.made(model=key) for key in UNPRICED))
        for key, run in zip(UNPRICED, runs, strict=True):
            assert (run["status"], run["cost"]) == ("COMPLETED", "0")
            assert any(one.endswith("the cost is shown without it") for one in run["warnings"])
            assert run["charges"] == [{"state": "SETTLED", "amount": None, "model": {"key": key}}]
            assert [one["asset"]["model"]["key"] for one in run["images"]] == [key]
        assert len(at.billed) == len(UNPRICED)
        assert all(Decimal(str(line["usd"])) > 0 for line in at.billed)
        budget = (await at.ask(BUDGET))["viewer"]["budget"]
        assert (budget["spent"], budget["reserved"]) == ("0", "0")

        await set_budget(local, LOCAL.workspace, Decimal(5))
        for settings in ({"model": UNPRICED[0]}, {"model": UNPRICED[0], "maxCost": "1"}):
            refused = await at.start(**settings)
            assert refused["__typename"] == "BudgetExceeded"
        assert len(at.billed) == len(UNPRICED)


async def test_the_router_takes_no_model_of_unknown_price(
    local: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    del local
    async with studio(database_url, tmp_path) as at:
        run = await at.made()
        assert run["status"] == "COMPLETED"
        assert run["route"]["model"]["key"] not in UNPRICED


@pytest.mark.parametrize("key", NOW_RETIRED)
async def test_a_retired_model_is_refused_with_its_successor_before_anything_is_spent(
    local: asyncpg.Pool, database_url: str, tmp_path: Path, key: str
) -> None:
    known = SHIPPED.find(key)
    assert known is not None
    async with studio(database_url, tmp_path) as at:
        refused = await at.start(model=key)
        assert (refused["__typename"], refused["successor"]["key"]) == (
            "ModelUnavailable",
            known.successor,
        )
        assert at.billed == []
    assert await local.fetchval("select count(*) from charges") == 0
    assert await local.fetchval("select count(*) from generations") == 0


async def test_a_retired_model_s_successor_runs_and_that_is_said(
    local: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    del local
    async with studio(database_url, tmp_path, Retired.SUCCESSOR) as at:
        for key, name, successor in (
            ("imagen-4-ultra", "Imagen 4 Ultra", "nano-banana-pro"),
            ("dall-e-3", "DALL·E 3", "gpt-image-2.6-flare"),
        ):
            run = await at.made(model=key)
            assert run["status"] == "COMPLETED"
            assert run["route"]["model"]["key"] == successor
            assert run["images"][0]["asset"]["model"]["key"] == successor
            assert any(
                one.startswith(f"{name} is retired: ") and one.endswith("its successor, is used")
                for one in run["warnings"]
            )


async def test_retired_models_run_end_to_end_where_a_twin_serves_them(
    local: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    del local
    async with studio(database_url, tmp_path, Retired.USE, serve_retired=True) as at:
        for alias, key, price in (
            ("google-imagen", "imagen-4-ultra", "0.06"),
            ("openai-dalle", "dall-e-3", "0.04"),
        ):
            run = await at.made(model=alias)
            assert (run["status"], run["cost"]) == ("COMPLETED", price)
            assert run["charges"] == [{"state": "SETTLED", "amount": price, "model": {"key": key}}]
            (image,) = run["images"]
            assert image["asset"]["model"]["key"] == key
            assert image["asset"]["width"] == image["asset"]["height"]
            revised = image["asset"]["revisedPrompt"]
            assert revised == ("A fashion photograph: a red silk gown" if "dall" in key else None)
        assert [Decimal(str(line["usd"])) for line in at.billed] == [
            Decimal("0.06"),
            Decimal("0.04"),
        ]


async def test_a_refused_content_says_why_and_what_to_change(
    local: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    del local
    async with studio(database_url, tmp_path) as at:
        ends = (Where(endpoint="create"), Where(endpoint="generate"))
        at.twin.twin.script.add(Rule(Refused(reason="violence"), where) for where in ends)
        for key in ("flux-1.1-pro", "gpt-image-2.5-flare"):
            run = await at.made(model=key)
            error = run["error"]
            assert (run["status"], error["code"]) == ("FAILED", "CONTENT_REJECTED")
            assert (error["charged"], run["cost"]) == (False, "0")
            assert "violence" in error["message"]
            assert error["message"].endswith("put it in other words, or change the photo")
            assert [one["state"] for one in run["charges"]] == ["RELEASED"]
        assert at.billed == []


async def test_a_cut_call_is_sent_once_and_held_until_the_operator_decides(
    local: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    async with studio(database_url, tmp_path) as at:
        cut = Rule(Dropped(accepted=True), Where("openai", "generate"))
        at.twin.twin.script.add([cut])
        run = await at.made(model="gpt-image-2.5-flare", count=2, maxCost="1")
        assert (run["status"], run["error"]["code"]) == ("FAILED", "UNKNOWN_OUTCOME")
        assert [one["state"] for one in run["charges"]] == ["UNKNOWN", "UNKNOWN"]
        held = sum(Decimal(one["amount"]) for one in run["charges"])
        budget = (await at.ask(BUDGET))["viewer"]["budget"]
        assert Decimal(budget["spent"]) == held > 0
        sent = [row for row in at.twin.twin.journal.shown() if isinstance(row, dict)]
        assert [row["endpoint"] for row in sent] == ["generate", "generate"]
        assert len(at.billed) == 2

        for call, settled in zip(await undecided(local), (True, False), strict=True):
            assert await decide(local, call.id, settled=settled, amount=None)
        assert Decimal((await at.ask(BUDGET))["viewer"]["budget"]["spent"]) == held / 2
