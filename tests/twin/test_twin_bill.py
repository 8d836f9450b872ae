import asyncio
from decimal import Decimal
from pathlib import Path

import httpx
from replicate.client import Client

from twin.bill import Bill, Charge, total
from twin.serving import Running

CHARGE = Charge("replicate", "p1", "google/nano-banana-2", "f00", Decimal("0.067"))


async def test_it_outlives_the_twin(bill: Path) -> None:
    await Bill(bill).add(CHARGE)
    await Bill(bill).add(CHARGE)
    rows = Bill(bill).rows()
    assert len(rows) == 2
    assert total(rows) == Decimal("0.134")


async def test_a_line_that_a_crash_left_half_written_is_cut_off(bill: Path) -> None:
    await Bill(bill).add(CHARGE)
    with bill.open("a") as file:
        file.write('{"at": "2026')
    again = Bill(bill)
    await again.add(CHARGE)
    assert total(again.rows()) == Decimal("0.134")


async def test_lines_written_at_once_stay_apart(bill: Path) -> None:
    written = Bill(bill)
    await asyncio.gather(*(written.add(CHARGE) for _ in range(20)))
    assert len(written.rows()) == 20


async def test_it_names_the_prediction_and_what_was_asked(twin: Running, client: Client) -> None:
    first = await client.models.predictions.async_create(
        "google/nano-banana-2", {"prompt": "a hat", "resolution": "2K"}, wait=30
    )
    second = await client.models.predictions.async_create(
        "google/nano-banana-2", {"resolution": "2K", "prompt": "a hat"}, wait=30
    )
    async with httpx.AsyncClient() as http:
        shown = (await http.get(f"{twin.replicate}/_twin/bill")).json()
    charges = shown["charges"]
    assert [charge["id"] for charge in charges] == [first.id, second.id]
    assert {charge["model"] for charge in charges} == {"google/nano-banana-2"}
    assert len({charge["request"] for charge in charges}) == 1
    assert shown["usd"] == "0.202"
