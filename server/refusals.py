"""Refusals at the edge, in the shape of a GraphQL answer without data."""

from starlette.responses import JSONResponse


def refusal(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return the answer, which refuses the handshake of a WebSocket just as well."""
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(body, status_code=status, headers=headers)
