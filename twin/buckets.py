"""Rate limits as the providers keep them."""

from collections import deque
from time import monotonic


class Bucket:
    """At most `limit` requests in any `window` seconds."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit = limit
        self.window = window
        self._taken: deque[float] = deque()

    def take(self) -> float | None:
        """Let a request in; where there is no room, return the seconds until there is."""
        # A sliding window, not a token bucket: no burst may straddle two windows.
        now = monotonic()
        self._forget(now)
        if len(self._taken) >= self.limit:
            return self._taken[0] + self.window - now
        self._taken.append(now)
        return None

    @property
    def remaining(self) -> int:
        """How many more are let in at once."""
        self._forget(monotonic())
        return self.limit - len(self._taken)

    @property
    def resets_in(self) -> float:
        """Seconds until the bucket is empty again."""
        return self._taken[-1] + self.window - monotonic() if self._taken else 0.0

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] <= now - self.window:
            self._taken.popleft()
