"""Leaving a request early."""

from starlette.requests import Request
from starlette.responses import Response


class Stop(Exception):
    """Ends the handling of a request with `response`."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def stopped(request: Request, stop: Exception) -> Response:
    """Answer a request that was left early."""
    del request
    if not isinstance(stop, Stop):
        raise stop
    return stop.response
