"""How long to wait before another try."""

import random
from collections.abc import Iterator


def pauses(first: float = 0.1, most: float = 2.0) -> Iterator[float]:
    """Give seconds to wait, doubling up to `most`, each cut by up to a half.

    Processes that lost the same server so don't come back all at once.
    """
    pause = first
    while True:
        yield pause * random.uniform(0.5, 1)  # noqa: S311 - no secret is made of it
        pause = min(2 * pause, most)
