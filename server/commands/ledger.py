"""What the ledger holds, what a day may cost, and what became of calls that nobody can tell of."""

import argparse
import os
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from uuid import UUID

from pipeline.calls import CallId
from pipeline.errors import InvalidInput, NotFound
from pipeline.markets import dollars
from server.database import reachable
from server.running import run as run_to_end
from server.settings import Settings
from server.wiring import require_migrated
from storage.accounts import workspace_of
from storage.budgets import set_budget
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
    budget = verbs.add_parser("budget", help="limit what a user's workspace may spend in a day")
    budget.add_argument("user", metavar="USER")
    budget.add_argument("limit", metavar="DOLLARS", help='such as 5.00, or "none"')


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
            f"generation {call.generation} image {call.slot + 1}: {call.note}",
        )
    if not calls:
        print("None yet.", file=sys.stderr)


async def _resolve(dsn: str, arguments: argparse.Namespace) -> None:
    call = CallId(_uuid(arguments.call))
    paid = None if arguments.amount is None else _dollars(arguments.amount, "--amount")
    async with open_pool(dsn) as pool:
        if not await decide(pool, call, settled=arguments.outcome == "settled", amount=paid):
            raise NotFound(f"No call {call} waits for a decision")
    print(f"{call} is {arguments.outcome}")


async def _budget(dsn: str, arguments: argparse.Namespace) -> None:
    limit = None if arguments.limit == "none" else _dollars(arguments.limit, "DOLLARS")
    async with open_pool(dsn) as pool:
        await set_budget(pool, await workspace_of(pool, arguments.user), limit)
    said = "no limit" if limit is None else f"${limit:f} a day"
    print(f"{arguments.user}: {said}")


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
