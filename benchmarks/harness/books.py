"""The ledger against a provider's bill: every line that does not fit is a sentence."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import asyncpg

LINES = """
select id::text, provider, model, state, coalesce(amount, 0) as amount, external_id, note
  from charges where provider <> 'embedded' order by created_at
"""
RUNS = "select id::text, status, error from generations"

# What is billed by tokens is rounded by us and not by the twin.
ROUNDING = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger; the amount is what was settled, or what is held."""

    id: str
    provider: str
    model: str
    state: str
    amount: Decimal
    external_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Billed:
    """A line of the bill; the id is the provider's."""

    provider: str
    id: str
    model: str
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended; the reason is its error's code, the message what people read of it."""

    id: str
    status: str
    reason: str | None
    message: str | None


async def ledger_of(database: asyncpg.Connection) -> list[Line]:
    """Return all lines about providers."""
    return [Line(**dict(row)) for row in await database.fetch(LINES)]


async def runs_of(database: asyncpg.Connection) -> list[Ended]:
    """Return all runs."""
    return [_ended(row["id"], row["status"], row["error"]) for row in await database.fetch(RUNS)]


def bill_of(file: Path) -> list[Billed]:
    """Return the lines of a twin's bill."""
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [Billed(row["provider"], row["id"], row["model"], Decimal(row["usd"])) for row in rows]


def unended(runs: Sequence[Ended], cancelled: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield what is wrong with how runs ended; `cancelled` are those that somebody cancelled."""
    for run in runs:
        if run.status == "FAILED" and not run.reason:
            yield f"run {run.id} FAILED without a reason"
        elif run.status == "CANCELLED" and run.id in cancelled:
            continue
        elif run.status not in {"COMPLETED", "FAILED"}:
            yield f"run {run.id} is {run.status}"


def unequal(lines: Sequence[Line], bill: Sequence[Billed]) -> Iterator[str]:
    """Yield what is wrong between the ledger and the bill."""
    for line in lines:
        if line.state == "RESERVED":
            yield f"nobody knows yet what became of {line}"
    for name, times in Counter((one.provider, one.id) for one in bill).items():
        if times > 1:
            yield f"{name} was billed {times} times"
    for provider in sorted({line.provider for line in lines} | {one.provider for one in bill}):
        ours = [line for line in lines if line.provider == provider]
        theirs = [one for one in bill if one.provider == provider]
        yield from _entries(ours, theirs, exact=provider == "replicate")
        yield from _sums(provider, ours, theirs)
    yield from _sums("all", lines, bill)


def _entries(ours: Sequence[Line], theirs: Sequence[Billed], *, exact: bool) -> Iterator[str]:
    """Compare by the provider's ids; where not `exact`, a held line may stand for any entry."""
    billed = {one.id: one for one in theirs}
    known = {line.external_id: line for line in ours if line.external_id}
    for line in ours:
        entry = billed.get(line.external_id or "")
        if line.state == "SETTLED" and line.amount and entry is None:
            yield f"settled and never billed: {line}"
        elif line.state == "SETTLED" and entry and abs(entry.usd - line.amount) > ROUNDING:
            yield f"settled for another amount than {entry.usd}: {line}"
        elif line.state == "RELEASED" and entry is not None:
            yield f"billed {entry.usd} and released: {line}"
    strangers = [one for one in theirs if one.id not in known]
    held = [line for line in ours if line.state == "UNKNOWN" and line.external_id not in billed]
    if exact:
        yield from (f"billed and held: {line}" for line in ours if _held(line, billed))
        yield from (f"billed and not in the ledger: {one}" for one in strangers)
    elif len(strangers) > len(held):
        yield f"{len(strangers)} billed entries for {len(held)} held lines: {strangers}"


def _held(line: Line, billed: dict[str, Billed]) -> bool:
    return line.state == "UNKNOWN" and line.external_id in billed


def _sums(name: str, lines: Sequence[Line], bill: Sequence[Billed]) -> Iterator[str]:
    settled, held, billed = settled_of(lines), held_of(lines), billed_of(bill)
    slack = ROUNDING * len(bill)
    if not settled - slack <= billed <= settled + held + slack:
        yield f"{name}: settled {settled}, billed {billed}, held {held}"


def settled_of(lines: Sequence[Line]) -> Decimal:
    """Return the US dollars that were settled."""
    return sum((line.amount for line in lines if line.state == "SETTLED"), Decimal(0))


def held_of(lines: Sequence[Line]) -> Decimal:
    """Return the US dollars that are held."""
    return sum((line.amount for line in lines if line.state == "UNKNOWN"), Decimal(0))


def billed_of(bill: Sequence[Billed]) -> Decimal:
    """Return the US dollars on the bill."""
    return sum((one.usd for one in bill), Decimal(0))


def _ended(run: str, status: str, error: str | None) -> Ended:
    told: dict[str, str] = json.loads(error) if error else {}
    return Ended(run, status, told.get("code"), told.get("message"))
