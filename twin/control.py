"""The endpoints that only a twin has: faults, bill and journal."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from twin.bill import total
from twin.script import BadScript, rules_from
from twin.state import Twin


@dataclass(frozen=True, slots=True)
class Control:
    """Steers a twin and shows what it did."""

    twin: Twin

    def routes(self) -> list[BaseRoute]:
        """Return where each endpoint is."""
        return [
            Route("/_twin/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_twin/bill", self.bill),
            Route("/_twin/requests", self.requests),
        ]

    async def faults(self, request: Request) -> Response:
        """Show the rules, add some, or forget them all."""
        script = self.twin.script
        if request.method == "POST":
            try:
                script.add(rules_from(await request.body()))
            except BadScript as error:
                return JSONResponse({"error": str(error)}, 400)
        elif request.method == "DELETE":
            script.clear()
        return JSONResponse({"faults": script.shown()})

    async def bill(self, request: Request) -> Response:
        """Show every charge and their sum."""
        del request
        rows = self.twin.bill.rows()
        return JSONResponse({"usd": str(total(rows)), "charges": rows})

    async def requests(self, request: Request) -> Response:
        """Show what the twin was asked."""
        del request
        return JSONResponse({"requests": self.twin.journal.shown()})
