"""How Replicate says no."""

from collections.abc import Sequence
from math import ceil

from starlette.responses import JSONResponse, Response

from twin.connections import Nothing, Silence
from twin.faults import Broken, Dropped, Fault, Hanging, Throttled, Unpaid
from twin.inputs import Complaint
from twin.inputs import Fault as Wrong
from twin.values import Json, JsonObject

_RESET_SECONDS = 30


def problem(status: int, detail: str, title: str | None = None, **more: Json) -> JSONResponse:
    """Return a problem as Replicate writes it."""
    body: JsonObject = {"detail": detail, "status": status}
    return JSONResponse({"title": title, **body, **more} if title else body, status)


def unauthenticated() -> JSONResponse:
    return problem(401, "You did not pass a valid authentication token", "Unauthenticated")


def not_found() -> JSONResponse:
    return problem(404, "The requested resource could not be found.")


def unknown_version() -> JSONResponse:
    detail = "The specified version does not exist (or you may not be permitted to use it)."
    return problem(422, detail, "Invalid version or not permitted")


def throttled(seconds: float, retry_after: int | None = None) -> JSONResponse:
    """Return a 429; the limit resets in `seconds`."""
    detail = f"Request was throttled. Your rate limit resets in ~{ceil(seconds)}s."
    response = problem(429, detail, "Too many requests")
    if retry_after is not None:
        response.headers["retry-after"] = str(retry_after)
    return response


def invalid(found: Sequence[Complaint]) -> JSONResponse:
    """Return a 422 that names each field."""
    fields: list[Json] = [
        {"type": one.fault.value, "field": _place(one), "description": _said(one)} for one in found
    ]
    detail = "".join(f"- {_place(one)}: {_said(one)}\n" for one in found)
    return problem(422, detail, "Input validation failed", invalid_fields=fields)


def answer_to(fault: Fault) -> Response | None:
    """Return what a fault answers in place of the work, None where it does not."""
    match fault:
        case Throttled(retry_after=seconds):
            return throttled(_RESET_SECONDS if seconds is None else seconds, seconds)
        case Unpaid():
            return problem(
                402,
                "You have insufficient credit to run this model.",
                "Insufficient credit",
            )
        case Broken(status=status):
            return problem(status, "Internal server error")
        case Dropped():
            return Nothing()
        case Hanging():
            return Silence()
        case _:
            return None


def _place(complaint: Complaint) -> str:
    missing = complaint.fault in {Wrong.MISSING, Wrong.UNKNOWN}
    return "input" if missing else f"input.{complaint.name}"


def _said(complaint: Complaint) -> str:
    field = complaint.field
    match complaint.fault:
        case Wrong.UNKNOWN:
            return f"Additional property {complaint.name} is not allowed"
        case Wrong.MISSING:
            return f"{complaint.name} is required"
        case Wrong.CHOICE if field:
            options = ", ".join(f'"{option}"' for option in field.choices)
            return f"{complaint.name} must be one of the following: {options}"
        case Wrong.RANGE if field:
            low, high = field.least, field.most
            return f"Must be within {low if low is not None else ''}..{high or ''}"
        case _:
            return f"Invalid type. Expected: {field.kind.value if field else 'something else'}"
