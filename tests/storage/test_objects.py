"""The local object store: whole objects, and no way out of its folder."""

import asyncio
import errno
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.errors import ObjectMissing
from storage.objects import LocalObjects, StoreUnwritable, _unwritable

WORKSPACE = "0b6f1c1e-2f8e-4a51-9a3f-6f0f5e9b7c10"
CONTENT = b"\x89PNG" + bytes(range(256)) * 40
KEY = f"{WORKSPACE}/{sha256(CONTENT).hexdigest()}.png"


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects", "http://127.0.0.1:8000")


def files(objects: LocalObjects) -> list[str]:
    return [path.name for path in (objects.root / WORKSPACE).iterdir()]


async def test_what_is_put_can_be_got(objects: LocalObjects) -> None:
    await objects.put(KEY, CONTENT, "image/png")
    assert await objects.get(KEY) == CONTENT
    assert objects.url(KEY) == f"http://127.0.0.1:8000/objects/{KEY}"


async def test_many_puts_of_one_object_leave_one_file(objects: LocalObjects) -> None:
    await asyncio.gather(*(objects.put(KEY, CONTENT, "image/png") for _ in range(20)))
    assert files(objects) == [KEY.split("/")[1]]
    assert await objects.get(KEY) == CONTENT


async def test_deleting_twice_is_fine(objects: LocalObjects) -> None:
    await objects.put(KEY, CONTENT, "image/png")
    await objects.delete(KEY)
    await objects.delete(KEY)
    with pytest.raises(ObjectMissing):
        await objects.get(KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../secret",
        f"{WORKSPACE}/../../etc/passwd",
        f"/{KEY}",
        f"{KEY}/",
        f"{KEY}\n",
        KEY.upper(),
        KEY.replace("/", "//"),
        KEY.replace(".png", ".svg"),
        KEY.replace(".png", ".html"),
        f"{WORKSPACE}/..%2f{'a' * 64}.png",
    ],
)
async def test_what_is_no_key_reaches_no_file(objects: LocalObjects, key: str) -> None:
    assert objects.path(key) is None
    with pytest.raises(ObjectMissing):
        await objects.get(key)
    with pytest.raises(ValueError, match="is no key"):
        await objects.put(key, CONTENT, "image/png")
    await objects.delete(key)
    assert not objects.root.exists()


async def test_the_type_fits_the_key(objects: LocalObjects) -> None:
    with pytest.raises(ValueError, match="is no key for image/jpeg"):
        await objects.put(KEY, CONTENT, "image/jpeg")


async def test_a_healthy_store_has_no_problem(objects: LocalObjects) -> None:
    assert await objects.problem() is None


async def test_a_store_that_is_no_folder_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "objects"
    blocked.write_text("a file stands here")
    objects = LocalObjects(blocked, "")
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        await objects.put(KEY, CONTENT, "image/png")
    assert "cannot be written" in (await objects.problem() or "")


def test_a_full_disk_is_named() -> None:
    error = _unwritable(Path("data"), OSError(errno.ENOSPC, "No space left on device"))
    assert str(error) == "The disk of data is full: free some space."


async def test_a_write_that_fails_midway_leaves_nothing(objects: LocalObjects) -> None:
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        with pytest.raises(StoreUnwritable):
            await objects.put(KEY, CONTENT, "image/png")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert files(objects) == []
