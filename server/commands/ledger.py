"""What the ledger holds, what a day may cost, and what became of calls that nobody can tell of."""

import argparse
import os
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from uuid import UUID

import asyncpg

from pipeline.calls import CallId
from pipeline.errors import InvalidInput, NotFound
from pipeline.markets import dollars
from server.database import reachable
from server.running import run as run_to_end
from server.settings import Settings
from server.wiring import require_migrated
from storage.accounts import users_of, workspace_of
from storage.budgets import budget_of, held_of, set_budget
from storage.database import open_pool
from storage.ledger import decide, undecided

HELP = "list calls of unknown outcome, decide them, and limit what a workspace may spend in a day"

_Verb = Callable[[str, argparse.Namespace], Awaitable[None]]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what can be done."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("unknown", help="list the calls whose amount is held")
    resolve = verbs.add_parser("resolve", help="say what became of one")
    resolve.add_argument("call", metavar="ID")
    resolve.add_argument("outcome", choices=("settled", "released"))
    resolve.add_argument(
        "--amount", help="what it cost in US dollars; the held amount if not given"
    )
    budget = verbs.add_parser(
        "budget", help="limit what a user's workspace may spend in a day; without USER: list all"
    )
    budget.add_argument("user", metavar="USER", nargs="?")
    budget.add_argument("limit", metavar="DOLLARS", nargs="?", help='such as 5.00, or "none"')


def run(arguments: argparse.Namespace) -> int:
    """Do it on the database that the server uses."""
    settings = Settings.from_environ(os.environ, Path(".env"))
    verbs = {"unknown": _unknown, "resolve": _resolve, "budget": _budget}
    with reachable(settings) as dsn:
        run_to_end(_do(dsn, verbs[arguments.verb], arguments))
    return 0


async def _do(dsn: str, verb: _Verb, arguments: argparse.Namespace) -> None:
    await require_migrated(dsn)
    await verb(dsn, arguments)


async def _unknown(dsn: str, arguments: argparse.Namespace) -> None:
    del arguments
    async with open_pool(dsn) as pool:
        calls = await undecided(pool)
    for call in calls:
        print(
            call.id,
            call.created_at.isoformat(timespec="seconds"),
            "unknown" if call.amount is None else dollars(call.amount),
            f"{call.provider}/{call.model}",
            f"request {call.external_id or 'unknown'}",
            f"of {call.user_name or 'nobody'}:",
            f"generation {call.generation} {_part(call.slot)}: {call.note}",
        )
    if not calls:
        print("None yet.", file=sys.stderr)
        return
    total = sum((call.amount or Decimal(0) for call in calls), Decimal(0))
    print(f"{len(calls)} in all, {dollars(total)} held", file=sys.stderr)


def _part(slot: int) -> str:
    return f"image {slot + 1}" if slot >= 0 else "words"


async def _resolve(dsn: str, arguments: argparse.Namespace) -> None:
    call = CallId(_uuid(arguments.call))
    paid = None if arguments.amount is None else _dollars(arguments.amount, "--amount")
    if paid is not None and arguments.outcome == "released":
        raise InvalidInput(
            "What is released cost nothing: --amount goes with settled", field="--amount"
        )
    async with open_pool(dsn) as pool:
        if not await decide(pool, call, settled=arguments.outcome == "settled", amount=paid):
            raise NotFound(f"No call {call} waits for a decision")
    print(f"{call} is {arguments.outcome}")


async def _budget(dsn: str, arguments: argparse.Namespace) -> None:
    if arguments.user is None:
        async with open_pool(dsn) as pool:
            await _list_budgets(pool)
        return
    if arguments.limit is None:
        raise InvalidInput('DOLLARS is missing: such as 5.00, or "none"', field="DOLLARS")
    limit = None if arguments.limit == "none" else _dollars(arguments.limit, "DOLLARS")
    async with open_pool(dsn) as pool:
        await set_budget(pool, await workspace_of(pool, arguments.user), limit)
    print(f"{arguments.user}: {_a_day(limit)}")


async def _list_budgets(pool: asyncpg.Pool) -> None:
    users = await users_of(pool)
    for name, workspace in users:
        today, held = await budget_of(pool, workspace), await held_of(pool, workspace)
        print(
            f"{name}: {_a_day(today.limit)}; today {dollars(today.spent)} spent, "
            f"{dollars(held)} of it held, and {dollars(today.reserved)} reserved by running work"
        )
    if not users:
        print("None yet.", file=sys.stderr)


def _a_day(limit: Decimal | None) -> str:
    return "no limit" if limit is None else f"{dollars(limit)} a day"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no call's id", field="ID") from error


def _dollars(text: str, field: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(f"{field}: {text!r} is no amount", field=field) from error
    if not amount.is_finite() or amount < 0:
        raise InvalidInput(f"{field}: an amount is 0 or more, such as 5.00", field=field)
    return amount
