"""Make, list and revoke API keys."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from pipeline.errors import InvalidInput
from server.database import reachable
from server.settings import Settings
from server.wiring import require_migrated
from storage.accounts import ApiKey, ApiKeys
from storage.database import open_pool
from storage.migrate import migrate

HELP = "make, list and revoke the API keys that a server needs beyond this machine"

# A hundred years: further on the calendar ends.
_MOST_DAYS: Final = 36500

_Prepare = Callable[[str], Awaitable[object]]
_Action = Callable[[ApiKeys, argparse.Namespace], Awaitable[None]]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the three actions."""
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="make a key and print it, this once")
    create.add_argument("--user", required=True, help="whose it is; an unknown name is made")
    create.add_argument("--label", default="", help="what it is for")
    create.add_argument("--read-only", action="store_true", help="queries and subscriptions only")
    create.add_argument("--days", type=int, help="how long it is valid; without: until revoked")
    actions.add_parser("list", help="show the keys, without their text")
    revoke = actions.add_parser("revoke", help="make a key void at once")
    revoke.add_argument("id", help="the key's id, as listed")


def run(arguments: argparse.Namespace) -> int:
    """Do it on the settings' database; the tables are made in the embedded one only."""
    actions: dict[str, _Action] = {"create": _create, "list": _list, "revoke": _revoke}
    settings = Settings.from_environ(os.environ, Path(".env"))
    prepare = require_migrated if settings.direct_url else migrate
    with reachable(settings) as dsn:
        asyncio.run(_act(dsn, prepare, actions[arguments.action], arguments))
    return 0


async def _act(dsn: str, prepare: _Prepare, action: _Action, arguments: argparse.Namespace) -> None:
    await prepare(dsn)
    async with open_pool(dsn, max_size=1) as pool:
        await action(ApiKeys(pool), arguments)


async def _create(keys: ApiKeys, arguments: argparse.Namespace) -> None:
    days: int | None = arguments.days
    if days is not None and not 1 <= days <= _MOST_DAYS:
        raise InvalidInput(f"--days is from 1 to {_MOST_DAYS}, not {days}", field="days")
    key, text = await keys.create(
        arguments.user,
        label=arguments.label,
        scopes={"read"} if arguments.read_only else {"read", "write"},
        expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
    )
    print(text)
    print(f"It is {key.user_name}'s, its id is {key.id}. It is shown this once: keep it safe.")


async def _list(keys: ApiKeys, _: argparse.Namespace) -> None:
    made = await keys.all()
    for key in made:
        print(_line(key, datetime.now(UTC)))
    if not made:
        print("None yet.", file=sys.stderr)


async def _revoke(keys: ApiKeys, arguments: argparse.Namespace) -> None:
    try:
        key_id = UUID(arguments.id)
    except ValueError as error:
        raise InvalidInput(f"{arguments.id!r} is no id of a key", field="id") from error
    await keys.revoke(key_id)
    print(f"The key {key_id} is void.")


def _line(key: ApiKey, now: datetime) -> str:
    scopes = "+".join(sorted(key.scopes))
    made = f"made {key.created_at:%Y-%m-%d}"
    return f"{key.id}  {_state(key, now)}  {key.user_name}  {scopes}  {made}  {key.label}".rstrip()


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "valid"
    return f"until {key.expires_at:%Y-%m-%d}" if key.expires_at > now else "expired"
