import asyncio
import os
from pathlib import Path

import asyncpg
import pytest

from pipeline.keys import object_key
from server.tidying import tidying
from storage.accounts import LOCAL
from storage.drafts import Drafts
from storage.objects import LocalObjects
from storage.tasks import running


async def test_old_drafts_go_also_after_a_failure_that_nobody_foresaw(
    pool: asyncpg.Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here = LocalObjects(tmp_path, "")
    staging = Drafts(here)
    key = object_key(LOCAL.workspace, b"a draft", "png")
    await staging.put(key, b"a draft", "image/png")
    os.utime(here.root / key, (0, 0))
    await pool.execute("alter table generation_slots rename to hidden")

    async with running(tidying(pool, staging, wait=0, interval=0.05)), asyncio.timeout(10):
        while "upkeep failed" not in caplog.text:
            await asyncio.sleep(0.02)
        assert (here.root / key).exists()
        await pool.execute("alter table hidden rename to generation_slots")
        while (here.root / key).exists():
            await asyncio.sleep(0.02)
