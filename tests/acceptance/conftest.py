"""Clients of the real server."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.acceptance.api import Api, client
from tests.acceptance.serving import Serving


@pytest.fixture
async def api(product: Serving) -> AsyncGenerator[Api]:
    """Give a client without a key: the local designer."""
    async with client(product.url) as opened:
        yield opened


@pytest.fixture
def photo(photos: Path) -> bytes:
    return (photos / "red-turtleneck.jpg").read_bytes()
