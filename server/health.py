"""Whether the server lives, and whether it can do its work."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from storage.broadcasts import Pulse

Check = Callable[[], Awaitable[str | None]]
"""Return a sentence if something is wrong."""

Named = tuple[str, Check]
"""What is looked at, as in "the database", and how."""

# One that comes back at once is nothing to wake anybody for.
_BLINK: Final = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """Answers from checks that run side by side, each for `seconds` at most.

    What the `lesser` checks find is told too, but is no reason to send requests elsewhere.
    """

    checks: Sequence[Named]
    lesser: Sequence[Named] = ()
    seconds: float = 3.0

    async def live(self, _: Request) -> JSONResponse:
        """Answer 200 whenever the process can answer at all, with what is wrong."""
        return _answer(*await self._problems(), status=200)

    async def ready(self, _: Request) -> JSONResponse:
        """Answer 503 while something is wrong."""
        problems, lesser = await self._problems()
        return _answer(problems, lesser, status=503 if problems else 200)

    async def _problems(self) -> tuple[list[str], list[str]]:
        checks = (*self.checks, *self.lesser)
        found = await asyncio.gather(*(self._within(*check) for check in checks))
        parts = found[: len(self.checks)], found[len(self.checks) :]
        problems, lesser = ([problem for problem in part if problem] for part in parts)
        return problems, lesser

    async def _within(self, subject: str, check: Check) -> str | None:
        try:
            async with asyncio.timeout(self.seconds):
                return await check()
        except TimeoutError:
            return f"The check of {subject} did not end within {self.seconds:g} seconds."


def doorbell(pulse: Pulse, late: float) -> Check:
    """Return the check of the doorbell, without which events come `late`, in seconds."""

    async def check() -> str | None:
        if pulse.connected is not False or time.monotonic() - pulse.since < _BLINK:
            return None
        return f"The doorbell is not connected: live events arrive up to {late:g} s late."

    return check


def _answer(problems: list[str], lesser: list[str], *, status: int) -> JSONResponse:
    body = {
        "status": "degraded" if problems or lesser else "ok",
        "live": True,
        "ready": not problems,
        "problems": problems + lesser,
    }
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
