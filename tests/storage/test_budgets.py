import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from pipeline.domain import (
    Brief,
    GenerationId,
    GenerationMode,
    GenerationSettings,
)
from pipeline.errors import BudgetExceeded
from pipeline.repositories import Budget, Submission
from storage import ledger, verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.budgets import budget_of, set_aside, set_budget
from storage.objects import LocalObjects
from tests.shut import SilentBell

PRICE = Decimal("0.50")
REQUEST = Submission(
    brief=Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt="a dress",
        settings=GenerationSettings(count=2),
    ),
    image_price=PRICE,
)


class Shop:
    """Takes requests on a database with a budget of two dollars a day."""

    def __init__(self, db: asyncpg.Pool, folder: Path) -> None:
        self.db = db
        self._objects = LocalObjects(folder, "")

    async def ask(self, request: Submission = REQUEST) -> GenerationId:
        return await verbs.submit(self.db, SilentBell(), self._objects, LOCAL, request)

    async def cancel(self, generation: GenerationId) -> None:
        await verbs.cancel(self.db, SilentBell(), LOCAL, generation)

    async def budget(self) -> Budget:
        return await budget_of(self.db, LOCAL.workspace)


@pytest.fixture
async def shop(pool: asyncpg.Pool, tmp_path: Path) -> Shop:
    await ensure_local_viewer(pool)
    await set_budget(pool, LOCAL.workspace, Decimal(2))
    return Shop(pool, tmp_path)


async def test_what_may_be_spent_is_set_aside_and_given_back(shop: Shop) -> None:
    generation = await shop.ask()
    assert (await shop.budget()).reserved == Decimal("1.00")

    await shop.cancel(generation)

    assert await shop.budget() == Budget(Decimal(2), Decimal(0), Decimal(0))


async def test_what_is_not_there_is_refused_and_leaves_nothing(shop: Shop) -> None:
    dear = replace(REQUEST, image_price=Decimal("1.01"))

    with pytest.raises(BudgetExceeded) as refused:
        await shop.ask(dear)

    assert (refused.value.needed, refused.value.available) == (Decimal("2.02"), Decimal(2))
    assert await shop.db.fetchval("select count(*) from generations") == 0


async def test_many_at_once_cannot_set_the_same_money_aside(shop: Shop) -> None:
    answers = await asyncio.gather(*(shop.ask() for _ in range(8)), return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, BudgetExceeded)]
    assert len(refused) == 6
    assert str(refused[-1]) == (
        "It may cost $1.00, and $0 are left today. Work under way has $2.00 set aside."
    )
    assert (await shop.budget()).reserved == Decimal(2)


async def test_a_retry_sets_aside_what_is_missing(shop: Shop) -> None:
    generation = await shop.ask()
    await shop.cancel(generation)
    await set_budget(shop.db, LOCAL.workspace, Decimal("0.99"))

    with pytest.raises(BudgetExceeded):
        await verbs.retry(
            shop.db, SilentBell(), LOCAL, generation, from_stage=None, idempotency=None
        )
    await set_budget(shop.db, LOCAL.workspace, Decimal(1))
    await verbs.retry(shop.db, SilentBell(), LOCAL, generation, from_stage=None, idempotency=None)

    assert (await shop.budget()).reserved == Decimal(1)


async def test_a_held_amount_counts_until_the_operator_decides(shop: Shop) -> None:
    generation = await shop.ask()
    call = await shop.db.fetchval(
        "insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model,"
        " state, amount) values (gen_random_uuid(), $1, $2, $3, 0, 1, 'm', 'UNKNOWN', 0.5)"
        " returning id",
        LOCAL.workspace,
        LOCAL.user,
        generation,
    )
    assert (await shop.budget()).spent == Decimal("0.5")
    (waiting,) = await ledger.undecided(shop.db)
    assert waiting.id == call

    assert await ledger.decide(shop.db, call, settled=False, amount=None)

    assert (await shop.budget()).spent == 0
    assert not await ledger.decide(shop.db, call, settled=True, amount=None)


async def test_what_a_run_may_cost_is_what_was_set_aside_for_it(shop: Shop) -> None:
    generation = await shop.ask()
    assert await set_aside(shop.db, generation) == 2 * PRICE
    await set_budget(shop.db, LOCAL.workspace, None)
    assert await set_aside(shop.db, generation) is None
