"""Users and their keys."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from pipeline.errors import NotFound
from storage.accounts import LOCAL, ApiKeys, ensure_local_viewer


async def test_the_local_user_is_made_once_however_many_start(pool: asyncpg.Pool) -> None:
    viewers = await asyncio.gather(*(ensure_local_viewer(pool) for _ in range(8)))
    assert set(viewers) == {LOCAL}
    assert await pool.fetchval("select count(*) from workspaces") == 1


async def test_a_key_tells_its_viewer(pool: asyncpg.Pool) -> None:
    keys = ApiKeys(pool)
    key, text = await keys.create("Ada", label="laptop", scopes={"read"})
    viewer = await keys.viewer_of(text)
    assert viewer is not None
    assert (viewer.name, viewer.workspace_name) == ("Ada", "Ada's workspace")
    assert viewer.scopes == {"read"}
    assert text.startswith("dbff_")
    assert len(text) >= 40
    assert await keys.all() == [key]


async def test_the_text_of_a_key_is_not_stored(pool: asyncpg.Pool) -> None:
    _, text = await ApiKeys(pool).create("Ada")
    rows = await pool.fetch("select k::text as stored from api_keys k")
    assert text not in rows[0]["stored"]
    assert text.encode().hex() not in rows[0]["stored"]


async def test_a_user_s_keys_share_the_workspace_and_users_don_t(pool: asyncpg.Pool) -> None:
    keys = ApiKeys(pool)
    texts = [text for _, text in await asyncio.gather(*(keys.create("Ada") for _ in range(4)))]
    _, other = await keys.create("Grace")
    viewers = [await keys.viewer_of(text) for text in [*texts, other]]
    assert len({viewer.workspace for viewer in viewers if viewer}) == 2
    assert len({viewer.user for viewer in viewers[:4] if viewer}) == 1


async def test_the_local_user_can_have_a_key_too(pool: asyncpg.Pool) -> None:
    keys = ApiKeys(pool)
    _, text = await keys.create(LOCAL.name)
    assert await ensure_local_viewer(pool) == await keys.viewer_of(text) == LOCAL


@pytest.mark.parametrize("text", ["", "dbff_", "dbff_" + "x" * 43, "Bearer", "\0"])
async def test_what_is_no_key_opens_nothing(pool: asyncpg.Pool, text: str) -> None:
    assert await ApiKeys(pool).viewer_of(text) is None


async def test_an_expired_key_opens_nothing(pool: asyncpg.Pool) -> None:
    keys = ApiKeys(pool)
    now = datetime.now(UTC)
    _, expired = await keys.create("Ada", expires_at=now - timedelta(seconds=1))
    assert not await keys.exist()
    _, valid = await keys.create("Ada", expires_at=now + timedelta(hours=1))
    assert await keys.viewer_of(expired) is None
    assert await keys.viewer_of(valid) is not None
    assert await keys.exist()


async def test_a_revoked_key_opens_nothing(pool: asyncpg.Pool) -> None:
    keys = ApiKeys(pool)
    key, text = await keys.create("Ada")
    await keys.revoke(key.id)
    assert await keys.viewer_of(text) is None
    assert not await keys.exist()
    assert [listed.revoked_at is not None for listed in await keys.all()] == [True]
    for gone in (key.id, uuid4()):
        with pytest.raises(NotFound):
            await keys.revoke(gone)
