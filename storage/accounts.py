"""Users, their workspaces, and the keys by which they prove who they are."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from pipeline.domain import UserId, Viewer, WorkspaceId
from pipeline.errors import InvalidInput, NotFound
from storage.database import Executor, transaction

LOCAL: Final = Viewer(
    UserId(UUID("00000000-0000-4000-8000-000000000001")),
    WorkspaceId(UUID("00000000-0000-4000-8000-000000000002")),
    "Local designer",
    "Local workspace",
)

# No index keeps names unique, and two keys for a new name are for one user.
LOCK_NAME = "select pg_advisory_xact_lock(hashtextextended('user:' || $1::text, 0))"

FIND_USER = """
select u.id as user_id, w.id as workspace_id, u.name, w.name as workspace_name
  from users u
  join workspaces w on w.owner_id = u.id and w.personal
 where u.name = $1
 order by u.created_at, u.id
 limit 1
"""

LIST_USERS = """
select u.name, w.id as workspace_id
  from users u join workspaces w on w.owner_id = u.id and w.personal
 order by u.name, u.created_at, u.id
"""

ADD_USER = "insert into users (id, name) values ($1, $2) on conflict (id) do nothing"

ADD_WORKSPACE = """
insert into workspaces (id, name, owner_id) values ($1, $2, $3) on conflict do nothing
"""

ADD_KEY = """
insert into api_keys (id, workspace_id, user_id, label, hash, scopes, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
returning created_at
"""

FIND_VIEWER = """
select u.id as user_id, w.id as workspace_id, u.name, w.name as workspace_name, k.scopes
  from api_keys k
  join users u on u.id = k.user_id
  join workspaces w on w.id = k.workspace_id
 where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
"""

LIST_KEYS = """
select k.id, u.name as user_name, k.label, k.scopes, k.created_at, k.expires_at, k.revoked_at
  from api_keys k
  join users u on u.id = k.user_id
 order by k.created_at, k.id
"""

REVOKE_KEY = "update api_keys set revoked_at = now() where id = $1 and revoked_at is null"

HAS_VALID_KEY = """
select exists (select from api_keys
                where revoked_at is null and (expires_at is null or expires_at > now()))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is listed: the key itself is known to nobody but its holder."""

    id: UUID
    user_name: str
    label: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None


async def ensure_local_viewer(db: Executor) -> Viewer:
    """Return the one user of a server without login, made on the first call."""
    await _add(db, LOCAL)
    return LOCAL


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The keys; only their hashes are stored, which is enough for 256 random bits."""

    pool: asyncpg.Pool

    async def create(
        self,
        user: str,
        *,
        label: str = "",
        scopes: Collection[str] = LOCAL.scopes,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Return the new key and, this once, its text; an unknown user is made.

        Raises `InvalidInput` for a user without a name.
        """
        if not user.strip():
            raise InvalidInput("A user needs a name that is not empty", field="user")
        text = f"dbff_{secrets.token_urlsafe(32)}"
        key_id = uuid4()
        async with transaction(self.pool) as connection:
            viewer = await _user(connection, user)
            created_at = await connection.fetchval(
                ADD_KEY,
                key_id,
                viewer.workspace,
                viewer.user,
                label,
                _hash(text),
                sorted(scopes),
                expires_at,
            )
        key = ApiKey(
            id=key_id,
            user_name=viewer.name,
            label=label,
            scopes=frozenset(scopes),
            created_at=created_at,
            expires_at=expires_at,
        )
        return key, text

    async def viewer_of(self, text: str) -> Viewer | None:
        """Return whose key this is; None if it is unknown, revoked or expired."""
        row = await self.pool.fetchrow(FIND_VIEWER, _hash(text))
        return _viewer(row, frozenset(row["scopes"])) if row else None

    async def all(self) -> Sequence[ApiKey]:
        """Return every key, the revoked too, oldest first."""
        return [_key(row) for row in await self.pool.fetch(LIST_KEYS)]

    async def revoke(self, id: UUID) -> None:
        """Raise `NotFound` where there is none, or none any more."""
        if await self.pool.execute(REVOKE_KEY, id) == "UPDATE 0":
            raise NotFound(f"There is no valid key {id}: designer-bff keys list shows them all")

    async def exist(self) -> bool:
        """Whether anyone could log in."""
        return bool(await self.pool.fetchval(HAS_VALID_KEY))


async def _user(db: Executor, name: str) -> Viewer:
    await db.execute(LOCK_NAME, name)
    if row := await db.fetchrow(FIND_USER, name):
        return _viewer(row, LOCAL.scopes)
    viewer = Viewer(UserId(uuid4()), WorkspaceId(uuid4()), name, f"{name}'s workspace")
    if name == LOCAL.name:
        viewer = LOCAL
    await _add(db, viewer)
    return viewer


async def _add(db: Executor, viewer: Viewer) -> None:
    await db.execute(ADD_USER, viewer.user, viewer.name)
    await db.execute(ADD_WORKSPACE, viewer.workspace, viewer.workspace_name, viewer.user)


def _viewer(row: asyncpg.Record, scopes: frozenset[str]) -> Viewer:
    return Viewer(row["user_id"], row["workspace_id"], row["name"], row["workspace_name"], scopes)


def _key(row: asyncpg.Record) -> ApiKey:
    return ApiKey(
        id=row["id"],
        user_name=row["user_name"],
        label=row["label"],
        scopes=frozenset(row["scopes"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def workspace_of(db: Executor, user: str) -> WorkspaceId:
    """Return the personal workspace of the user of that name; raise `NotFound`."""
    row = await db.fetchrow(FIND_USER, user)
    if row is None:
        known = ", ".join(repr(name) for name, _ in await users_of(db)) or "none yet"
        raise NotFound(f"There is no user {user!r}; known are: {known}")
    return WorkspaceId(row["workspace_id"])


async def users_of(db: Executor) -> Sequence[tuple[str, WorkspaceId]]:
    """Return all users by name, each with the personal workspace."""
    rows = await db.fetch(LIST_USERS)
    return [(row["name"], WorkspaceId(row["workspace_id"])) for row in rows]
