"""Whether the server lives, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse

Check = Callable[[], Awaitable[str | None]]
"""Return a sentence if something is wrong."""


@dataclass(frozen=True, slots=True)
class Health:
    """Answers from checks that run side by side, each for `seconds` at most."""

    checks: Sequence[Check]
    seconds: float = 3.0

    async def live(self, _: Request) -> JSONResponse:
        """Answer 200 whenever the process can answer at all, with what is wrong."""
        return self._answer(await self._problems(), 200)

    async def ready(self, _: Request) -> JSONResponse:
        """Answer 503 while something is wrong."""
        problems = await self._problems()
        return self._answer(problems, 503 if problems else 200)

    async def _problems(self) -> list[str]:
        found = await asyncio.gather(*(self._within(check) for check in self.checks))
        return [problem for problem in found if problem]

    def _answer(self, problems: list[str], status: int) -> JSONResponse:
        body = {"status": "ok", "live": True, "ready": not problems, "problems": problems}
        return JSONResponse(body, status, headers={"Cache-Control": "no-store"})

    async def _within(self, check: Check) -> str | None:
        try:
            async with asyncio.timeout(self.seconds):
                return await check()
        except TimeoutError:
            return f"A check did not end within {self.seconds:g} seconds."
